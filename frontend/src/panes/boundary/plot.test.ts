import { describe, expect, it } from "vitest";
import type { BoundaryEvent } from "../../protocol/types.generated";
import { gridPixels, inWords, markPath, pointsOf, ticks, tickText } from "./plot";

/** A plane of 2 × 2 cells from (0, 0) to (2, 2): class 1 in the upper right, class 0 elsewhere. */
function boundary(points: number[] = [], labels: number[] = []): BoundaryEvent {
  return {
    type: "boundary",
    v: 1,
    seq: 1,
    t: 0,
    step: 7,
    x0: 0,
    x1: 2,
    y0: 0,
    y1: 2,
    rows: 2,
    columns: 2,
    classes: 2,
    grid: new Uint8Array([0, 0, 0, 1]),
    points: new Uint8Array(new Float32Array(points).buffer),
    labels: new Uint8Array(labels),
  };
}

describe("the decision boundary", () => {
  it("has its first row of cells at the bottom", () => {
    const pixels = gridPixels(boundary(), [
      [1, 1, 1],
      [9, 9, 9],
    ]);
    expect([pixels[0], pixels[4], pixels[8], pixels[12]]).toEqual([1, 9, 1, 1]);
  });

  it("places its points and tells the class of the cell they lie in", () => {
    const [low, high] = pointsOf(boundary([0.5, 0.5, 1.5, 1.5], [1, 1]));
    expect(low).toEqual({ x: 0.25, y: 0.75, label: 1, predicted: 0 });
    expect(high).toEqual({ x: 0.75, y: 0.25, label: 1, predicted: 1 });
  });

  it("says in words what is to be seen", () => {
    const event = boundary([0.5, 0.5, 1.5, 1.5], [1, 1]);
    expect(inWords(event, pointsOf(event))).toContain("2 classes at step 7");
    expect(inWords(event, pointsOf(event))).toContain("1 of 2 points lie in their own region");
  });

  it("has round ticks", () => {
    expect(ticks(-1.5, 2.5)).toEqual([-1, 0, 1, 2]);
    expect(ticks(0, 0)).toEqual([]);
    expect(ticks(-0.1, 0.1).map(tickText)).toEqual(["−0.1", "−0.05", "0", "0.05", "0.1"]);
  });

  it("gives the first six classes marks of their own", () => {
    expect(new Set([0, 1, 2, 3, 4, 5].map(markPath)).size).toBe(6);
  });
});
