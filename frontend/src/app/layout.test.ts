import { expect, it } from "vitest";
import { bounded, BOUNDS, DEFAULT_SIZES, readSizes, sizeAfterKey } from "./layout";

it("keeps every default within its bounds", () => {
  for (const border of Object.keys(DEFAULT_SIZES) as (keyof typeof DEFAULT_SIZES)[]) {
    expect(bounded(border, DEFAULT_SIZES[border])).toBe(DEFAULT_SIZES[border]);
  }
});

it("moves a border by the arrows along its way, to its ends, and back to where it was", () => {
  expect(sizeAfterKey("left", 0.3, "ArrowRight", "ArrowRight")).toBeCloseTo(0.32);
  expect(sizeAfterKey("left", 0.3, "ArrowLeft", "ArrowRight")).toBeCloseTo(0.28);
  expect(sizeAfterKey("bottom", 0.3, "ArrowUp", "ArrowUp")).toBeCloseTo(0.32);
  expect(sizeAfterKey("bottom", 0.3, "ArrowLeft", "ArrowUp")).toBeNull();
  expect(sizeAfterKey("left", 0.3, "Home", "ArrowRight")).toBe(BOUNDS.left[0]);
  expect(sizeAfterKey("left", 0.3, "End", "ArrowRight")).toBe(BOUNDS.left[1]);
  expect(sizeAfterKey("left", 0.5, "Enter", "ArrowRight")).toBe(DEFAULT_SIZES.left);
  expect(sizeAfterKey("left", BOUNDS.left[1], "ArrowRight", "ArrowRight")).toBe(BOUNDS.left[1]);
});

it("reads remembered sizes and does not trust them", () => {
  expect(readSizes(null)).toEqual(DEFAULT_SIZES);
  expect(readSizes({ left: 7, output: "x", other: 1 })).toEqual({ ...DEFAULT_SIZES, left: BOUNDS.left[1] });
});
