import { describe, expect, it } from "vitest";
import { colourAt, pixels, type Palette } from "./paint";
import { placeOn, scaleOf } from "./scale";
import { firstCut, placeName, plane, turn } from "./slices";

const palette: Palette = { negative: [0, 0, 200], zero: [100, 100, 100], positive: [200, 0, 0], missing: [1, 2, 3] };

describe("the scale", () => {
  it("has zero in the middle where both signs occur", () => {
    const scale = scaleOf([-1, 3, null]);
    expect(scale).toEqual({ signed: true, low: -3, high: 3 });
    expect([-3, 0, 3].map((value) => placeOn(scale, value))).toEqual([0, 0.5, 1]);
  });

  it("starts at zero where no number is negative", () => {
    const scale = scaleOf([2, 4]);
    expect(scale.signed).toBe(false);
    expect(placeOn(scale, 2)).toBe(0.5);
  });

  it("bears tensors of zeros, of nothing and of what is no number", () => {
    expect(placeOn(scaleOf([0, 0]), 0)).toBe(0);
    expect(scaleOf([])).toEqual({ signed: false, low: 0, high: 0 });
    expect(placeOn(scaleOf([NaN, 1]), NaN)).toBeNull();
  });
});

describe("the picture", () => {
  it("runs from one end over the middle to the other", () => {
    expect([0, 0.5, 1].map((place) => colourAt(palette, true, place))).toEqual([
      [0, 0, 200],
      [100, 100, 100],
      [200, 0, 0],
    ]);
    expect(colourAt(palette, false, 0)).toEqual([100, 100, 100]);
    expect(colourAt(palette, true, null)).toEqual([1, 2, 3]);
  });

  it("has a pixel a cell, row by row", () => {
    const shown = { rows: 1, columns: 2, values: [-1, 1] };
    expect([...pixels(shown, scaleOf(shown.values), palette)]).toEqual([0, 0, 200, 255, 200, 0, 0, 255]);
  });
});

describe("a cut through a tensor", () => {
  const shape = [2, 2, 3];
  const values = [
    [
      [0, 1, 2],
      [3, 4, 5],
    ],
    [
      [6, 7, 8],
      [9, 10, 11],
    ],
  ];

  it("shows the last two axes first", () => {
    expect(plane(values, shape, firstCut(shape))).toEqual({ rows: 2, columns: 3, values: [0, 1, 2, 3, 4, 5] });
  });

  it("shows any two axes at any place of the others", () => {
    const cut = turn({ ...firstCut(shape), at: [0, 1, 0] }, "row", 0);
    expect(plane(values, shape, cut).values).toEqual([3, 4, 5, 9, 10, 11]);
    expect(placeName(cut, 1, 2)).toBe("[1, 1, 2]");
  });

  it("swaps the axes when one takes the other's role", () => {
    const cut = turn(firstCut(shape), "row", 2);
    expect([cut.row, cut.column]).toEqual([2, 1]);
    expect(plane(values, shape, cut).values).toEqual([0, 3, 1, 4, 2, 5]);
  });

  it("shows vectors and single numbers too", () => {
    expect(plane([1, 2], [2], firstCut([2]))).toEqual({ rows: 1, columns: 2, values: [1, 2] });
    expect(plane(5, [], firstCut([]))).toEqual({ rows: 1, columns: 1, values: [5] });
  });
});
