import { describe, expect, it } from "vitest";
import { boundary, envelope, frame, graph, losses, status, stdout, tensor } from "../testing/events";
import { Trace } from "./trace";

function traceOf(...events: Parameters<Trace["add"]>[0][]): Trace {
  const trace = new Trace((callback) => callback());
  trace.addAll(events);
  return trace;
}

describe("frames", () => {
  it("gives the frame at a step, or the newest before it", () => {
    const trace = traceOf(graph("g", ["a"]), frame("g", 1), frame("g", 5), frame("g", 9));
    expect(trace.frameAt(5)?.step).toBe(5);
    expect(trace.frameAt(8)?.step).toBe(5);
    expect(trace.frameAt(0)?.step).toBe(1);
    expect(trace.frameAt("live")?.step).toBe(9);
    expect(trace.range).toEqual({ first: 1, last: 9 });
  });

  it("unpacks a node's statistics by the graph's order", () => {
    const trace = traceOf(
      graph("g", ["a", "b", "c"]),
      frame("g", 1, [
        [2, { mean: 0.5, std: 2, nan: 1 }, { norm: 4 }],
        [0, { mean: -1 }, null],
      ]),
    );
    const view = trace.frameAt(1)!;
    expect(view.stats("c", "value")).toMatchObject({ mean: 0.5, std: 2, nan: 1, inf: 0 });
    expect(view.stats("c", "grad")).toMatchObject({ norm: 4 });
    expect(view.stats("a", "value")).toMatchObject({ mean: -1 });
    expect(view.stats("a", "grad")).toBeNull();
    expect(view.stats("b", "value")).toBeNull();
    expect(view.stats("nowhere", "value")).toBeNull();
    expect([...view.nodes()]).toEqual(["c", "a"]);
  });

  it("says null for a figure that is not finite", () => {
    const trace = traceOf(graph("g", ["a"]), frame("g", 1, [[0, { mean: NaN, max: Infinity, inf: 3 }, null]]));
    expect(trace.frameAt(1)!.stats("a", "value")).toMatchObject({ mean: null, max: null, inf: 3 });
  });

  it("reads rows that do not begin at a multiple of four bytes", () => {
    const structure = graph("g", ["a"]);
    const event = frame("g", 1, [[0, { mean: 7 }, null]]);
    const shifted = new Uint8Array(event.stats.length + 1);
    shifted.set(event.stats, 1);
    const trace = traceOf(structure, { ...event, stats: shifted.subarray(1) });
    expect(trace.frameAt(1)!.stats("a", "value")?.mean).toBe(7);
  });

  it("stays bounded over many steps and keeps the first, the last and every point of the curve", () => {
    const trace = new Trace(() => undefined);
    trace.add(graph("g", ["a"]));
    for (let step = 1; step <= 10_000; step++) {
      trace.add(frame("g", step, [[0, { mean: step }, null]], { points: { loss: [[step, 1 / step]] } }));
    }
    expect(trace.frames.length).toBeLessThanOrEqual(2400);
    expect(trace.range).toEqual({ first: 1, last: 10_000 });
    expect(trace.series.get("loss")!.steps).toHaveLength(10_000);
    const steps = trace.frames.map(({ step }) => step);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });
});

describe("structures", () => {
  it("follows the program from one structure to the next and back", () => {
    const trace = traceOf(graph("g", ["a"], 1), frame("g", 1), graph("h", ["b"], 2), frame("h", 2), frame("g", 3));
    expect(trace.graphAt(1)?.graph).toBe("g");
    expect(trace.graphAt(2)?.graph).toBe("h");
    expect(trace.graphAt(3)?.graph).toBe("g");
    expect(trace.graphAt("live")?.graph).toBe("g");
  });

  it("shows the partial graph of a program that failed, at the end only", () => {
    const trace = traceOf(graph("g", ["a"], 1), frame("g", 1), frame("g", 2), graph("part", ["b"], 3));
    expect(trace.graphAt("live")?.graph).toBe("part");
    expect(trace.graphAt(2)?.graph).toBe("g");
  });

  it("shows a graph before its first frame", () => {
    expect(traceOf(graph("g", ["a"])).graphAt("live")?.graph).toBe("g");
    expect(traceOf().graphAt("live")).toBeNull();
  });
});

describe("what a reconnect brings twice", () => {
  it("is taken in once", () => {
    const again = stdout("one\n");
    const trace = traceOf(again, again, losses(1, [[1, 0.5]]));
    expect(trace.stdout).toEqual([{ text: "one\n", stream: "stdout" }]);
    expect(trace.seq).toBeGreaterThan(again.seq);
  });
});

describe("the rest of a run", () => {
  it("gathers the points of a series over frames that were left out", () => {
    const trace = traceOf(losses(2, [[1, 3], [2, null]]), losses(5, [[3, 2], [4, 1], [5, 0.5]]));
    expect(trace.series.get("loss")).toEqual({ steps: [1, 2, 3, 4, 5], values: [3, null, 2, 1, 0.5] });
  });

  it("keeps what was printed apart by stream, and bounded", () => {
    const trace = traceOf(stdout("a"), stdout("b"), stdout("!", "stderr"));
    expect(trace.stdout).toEqual([
      { text: "ab", stream: "stdout" },
      { text: "!", stream: "stderr" },
    ]);
    for (let n = 0; n < 40; n++) trace.add(stdout("x".repeat(65_536)));
    expect(trace.stdout.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(1 << 20);
  });

  it("carries the points of a boundary on until they change", () => {
    const points = new Uint8Array(16).fill(1);
    const trace = traceOf(boundary(1, points), boundary(4));
    expect(trace.boundaryAt(4)?.points).toBe(points);
    expect(trace.boundaryAt(3)?.step).toBe(1);
    expect(trace.boundaryAt("live")?.labels).toHaveLength(2);
  });

  it("puts the parts of a file together", () => {
    const part = (offset: number, ...bytes: number[]) =>
      ({ ...envelope(), type: "file", name: "w.npz", offset, size: 4, data: Uint8Array.from(bytes) }) as const;
    const trace = traceOf(part(0, 1, 2, 3));
    expect(trace.files.get("w.npz")?.complete).toBe(false);
    trace.add(part(3, 4));
    expect(trace.files.get("w.npz")).toEqual({ name: "w.npz", data: Uint8Array.of(1, 2, 3, 4), complete: true });
  });

  it("finds a tensor at its step or before, by part and slice", () => {
    const trace = traceOf(tensor("a", 10), tensor("a", 30), tensor("a", 20), tensor("a", 20, { slice: "0" }));
    expect(trace.tensor("a", 25, "value")?.step).toBe(20);
    expect(trace.tensor("a", "live", "value")?.step).toBe(30);
    expect(trace.tensor("a", 5, "value")).toBeNull();
    expect(trace.tensor("a", 25, "grad")).toBeNull();
    expect(trace.tensor("a", 25, "value", "0")?.slice).toBe("0");
  });

  it("knows when nothing more will come", () => {
    const trace = traceOf(status("running"));
    expect(trace.ended).toBe(false);
    trace.add({ ...envelope(), type: "finished", status: "stopped", duration_s: 1, steps: 3, gradients: {} });
    expect(trace.ended).toBe(true);
    expect(trace.status).toBe("stopped");
  });

  it("tells its listeners once for many events", () => {
    const waiting: (() => void)[] = [];
    const trace = new Trace((callback) => waiting.push(callback));
    let told = 0;
    const end = trace.subscribe(() => (told += 1));
    trace.addAll([stdout("a"), stdout("b")]);
    expect(waiting).toHaveLength(1);
    waiting.pop()!();
    expect(told).toBe(1);
    end();
    trace.add(stdout("c"));
    expect(waiting).toHaveLength(0);
  });
});
