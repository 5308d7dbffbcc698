import { expect, it } from "vitest";
import { Trace } from "../../lib/trace";
import { frame } from "../../testing/events";
import { stepBeside } from "./steps";

it("goes from recorded step to recorded step and ends in the newest", () => {
  const trace = new Trace();
  trace.addAll([1, 4, 9].map((step) => frame(null, step)));
  expect(stepBeside(trace, 1, 1)).toBe(4);
  expect(stepBeside(trace, 4, 1)).toBe("live");
  expect(stepBeside(trace, "live", -1)).toBe(4);
  expect(stepBeside(trace, 1, -1)).toBe(1);
  expect(stepBeside(new Trace(), "live", -1)).toBe("live");
});
