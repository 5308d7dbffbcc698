import { describe, expect, it } from "vitest";
import type { FrameEvent } from "../protocol/types.generated";
import { neuronGraph } from "./layout/synthetic";
import { numbersAt } from "./moment";
import { Trace } from "./trace";

/** A frame with the numbers of one node: the root (place 9) where it is `whole`, else a parameter. */
function frame(step: number, whole: boolean): FrameEvent {
  return {
    type: "frame",
    v: 1,
    seq: 0,
    t: 0,
    graph: "neuron",
    step,
    loss: null,
    metrics: {},
    points: {},
    index: new Uint8Array(new Uint32Array([whole ? 9 : 0]).buffer),
    stats: new Uint8Array(14 * 4),
  };
}

describe("numbersAt", () => {
  const trace = new Trace(() => {});
  trace.addAll([neuronGraph(), frame(1, true), frame(2, false), frame(3, true), frame(4, false)]);

  it("passes over frames that have the numbers of parameters alone", () => {
    expect([1, 2, 3, 4, "live" as const].map((step) => numbersAt(trace, step)?.step)).toEqual([1, 1, 3, 3, 3]);
  });

  it("has nothing to give before the first frame came", () => {
    expect(numbersAt(new Trace(() => {}), "live")).toBeNull();
  });
});
