import { expect, it } from "vitest";
import { placeAt, replayTime } from "./player";

it("plays a whole run in a few seconds, however many frames it has", () => {
  expect(replayTime(2)).toBe(2500);
  expect(replayTime(60)).toBe(4800);
  expect(replayTime(2400)).toBe(9000);
});

it("goes from the place where it began to the last frame and not past it", () => {
  expect(placeAt(0, 60, 0, 4800)).toBe(0);
  expect(placeAt(0, 60, 2400, 4800)).toBe(30);
  expect(placeAt(40, 60, 2400, 4800)).toBe(59);
  expect(placeAt(5, 60, -3, 4800)).toBe(5);
});
