import { describe, expect, it } from "vitest";
import { aboveZero, align, curvesOf, sample, valueAt } from "./data";

const series = (steps: number[], values: (number | null)[]) => ({ steps, values });

describe("align", () => {
  it("hands columns on as they are where the steps are the same", () => {
    const [a, b] = [series([1, 2], [5, 6]), series([1, 2], [7, null])];
    const [steps, first, second] = align([a, b]);
    expect(steps).toBe(a.steps);
    expect(first).toBe(a.values);
    expect(second).toBe(b.values);
  });

  it("puts series of different steps on one axis", () => {
    expect(align([series([1, 3], [5, 6]), series([2, 3], [7, 8])])).toEqual([
      [1, 2, 3],
      [5, null, 6],
      [null, 7, 8],
    ]);
  });

  it("takes the last of several values at one step", () => {
    expect(align([series([1, 1, 2], [5, 6, 7])])).toEqual([
      [1, 2],
      [6, 7],
    ]);
    expect(align([])).toEqual([[]]);
  });
});

describe("curvesOf", () => {
  it("puts losses first and the loss of the run before last", () => {
    const now = new Map([
      ["accuracy", series([1], [0.5])],
      ["loss", series([1], [2])],
      ["loss 2", series([1], [3])],
    ]);
    const curves = curvesOf(now, new Map([["loss", series([1], [9])]]));
    expect(curves.map(({ name, scale, past }) => [name, scale, past])).toEqual([
      ["loss", "loss", false],
      ["loss 2", "loss", false],
      ["accuracy", "metric", false],
      ["loss before", "loss", true],
    ]);
    expect(curvesOf(new Map(), now)).toEqual([]);
  });
});

describe("what the legend and the table say", () => {
  it("is the value at a step or the last before it", () => {
    const loss = series([2, 4, 6], [3, null, 1]);
    expect([1, 2, 3, 4, 9].map((step) => valueAt(loss, step))).toEqual([null, 3, 3, null, 1]);
  });

  it("is a spread sample with both ends", () => {
    expect(sample(3, 5)).toEqual([0, 1, 2]);
    expect(sample(101, 5)).toEqual([0, 25, 50, 75, 100]);
  });
});

it("leaves out of a logarithmic axis what has no place on it", () => {
  expect(aboveZero([1, 0, -2, null, 3])).toEqual([1, null, null, null, 3]);
});
