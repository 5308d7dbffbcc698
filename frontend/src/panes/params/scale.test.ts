import { expect, it } from "vitest";
import { bounds, fraction, valueAt, written } from "./scale";

it("goes from value to place and back", () => {
  const range = bounds({ value: 0.02, min: 0, max: 0.2 });
  expect(fraction(range, 0.02)).toBeCloseTo(0.1);
  expect(valueAt(range, 0.1)).toBe(0.02);
  expect(valueAt(range, 0.123)).toBe(0.0246);
  expect(fraction(range, 5)).toBe(1);
});

it("finds a range where the program gave none", () => {
  expect(bounds({ value: 3, min: null, max: null })).toEqual({ min: 0, max: 6 });
  expect(bounds({ value: -3, min: null, max: null })).toEqual({ min: -6, max: 0 });
  expect(bounds({ value: 0, min: null, max: null })).toEqual({ min: 0, max: 1 });
  expect(bounds({ value: 1, min: 2, max: 2 })).toEqual({ min: 2, max: 3 });
});

it("writes a value with the digits that matter", () => {
  expect(written(0.1 + 0.2)).toBe("0.3");
});
