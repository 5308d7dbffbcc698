import { expect, it } from "vitest";
import { markFirst, markRun } from "./marks";

const times = (name: string) => performance.getEntriesByName(name).map(({ startTime }) => startTime);

it("marks what happens first after Run, and begins anew with the next Run", () => {
  markFirst("first-graph");
  expect(times("first-graph")).toEqual([]);
  markRun();
  markFirst("first-graph");
  const first = times("first-graph");
  markFirst("first-graph");
  expect(times("first-graph")).toEqual(first);
  expect(first[0]).toBeGreaterThanOrEqual(times("run")[0]);
  markRun();
  expect(times("first-graph")).toEqual([]);
});
