import { describe, expect, it } from "vitest";
import { Trace } from "../../lib/trace";
import type { FrameEvent } from "../../protocol/types.generated";
import { neuronGraph } from "../../lib/layout/synthetic";
import { curveOf, historyOf } from "./history";

function recorded(steps: number): Trace {
  const trace = new Trace(() => {});
  const graph = neuronGraph();
  trace.add(graph);
  for (let step = 0; step < steps; step += 1) {
    const stats = new Float32Array([step, 0, step, step, step, 0, 0, -2, 0, -2, -2, 2, 0, 0]);
    const frame: FrameEvent = {
      type: "frame",
      v: 1,
      seq: 0,
      t: 0,
      graph: graph.graph,
      step,
      loss: null,
      metrics: {},
      points: {},
      index: new Uint8Array(new Uint32Array([0]).buffer),
      stats: new Uint8Array(stats.buffer),
    };
    trace.add(frame);
  }
  return trace;
}

describe("historyOf", () => {
  it("follows a value's mean, a scalar's gradient and a tensor's gradient norm", () => {
    const trace = recorded(3);
    expect(historyOf(trace, "n0", "value", true)).toEqual({ steps: [0, 1, 2], values: [0, 1, 2] });
    expect(historyOf(trace, "n0", "grad", true).values).toEqual([-2, -2, -2]);
    expect(historyOf(trace, "n0", "grad", false).values).toEqual([2, 2, 2]);
  });

  it("thins long runs, and keeps the newest step", () => {
    const { steps } = historyOf(recorded(1000), "n0", "value", true);
    expect(steps.length).toBeLessThanOrEqual(241);
    expect(steps[steps.length - 1]).toBe(999);
  });
});

describe("curveOf", () => {
  it("fills its box from the first step to the last", () => {
    const curve = curveOf({ steps: [0, 10], values: [1, 3] }, 100, 50);
    expect(curve?.path).toBe("M0.0 50.0L100.0 0.0");
    expect([curve?.low, curve?.high, curve?.x(5)]).toEqual([1, 3, 50]);
  });

  it("needs two steps, and bears a flat line", () => {
    expect(curveOf({ steps: [1], values: [1] }, 100, 50)).toBeNull();
    expect(curveOf({ steps: [0, 1], values: [2, 2] }, 100, 50)?.path).toBe("M0.0 25.0L100.0 25.0");
  });
});
