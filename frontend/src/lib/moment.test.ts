import { describe, expect, it } from "vitest";
import type { FrameEvent } from "../protocol/types.generated";
import { neuronGraph } from "./layout/synthetic";
import { numbersAt } from "./moment";
import { Trace } from "./trace";

/** A frame with the numbers of one node: of the root (place 9), or of another. */
function frame(step: number, place: number): FrameEvent {
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
    index: new Uint8Array(new Uint32Array([place]).buffer),
    stats: new Uint8Array(14 * 4),
  };
}

describe("numbersAt", () => {
  const trace = new Trace(() => {});
  const graph = neuronGraph();
  const parameter = graph.nodes.findIndex((node) => node.kind === "parameter");
  const middle = graph.nodes.findIndex((node) => node.kind === "op");
  trace.addAll([graph, frame(1, 9), frame(2, parameter), frame(3, 9), frame(4, parameter)]);

  it("passes over frames that have the numbers of parameters alone", () => {
    expect([1, 2, 3, 4, "live" as const].map((step) => numbersAt(trace, step)?.step)).toEqual([1, 1, 3, 3, 3]);
  });

  it("gives those of a step that failed, whose last op has none", () => {
    const failed = new Trace(() => {});
    failed.addAll([graph, frame(1, 9), frame(2, middle)]);
    expect(numbersAt(failed, "live")?.step).toBe(2);
  });

  it("has nothing to give before the first frame came", () => {
    expect(numbersAt(new Trace(() => {}), "live")).toBeNull();
  });
});
