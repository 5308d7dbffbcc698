/** Events as a run sends them, for tests: only what a test is about has to be said. */

import type {
  AnyEvent,
  BoundaryEvent,
  FrameEvent,
  GraphEvent,
  Node,
  Statistics,
  TensorEvent,
} from "../protocol/types.generated";
import { STATISTICS } from "../protocol/types.generated";

let numbered = 0;

/** An envelope with the next number. */
export function envelope(): { v: number; seq: number; t: number } {
  numbered += 1;
  return { v: 1, seq: numbered, t: numbered / 100 };
}

export function node(id: string, rest: Partial<Node> = {}): Node {
  return {
    ...{ id, kind: "op", op: "add", name: "", shape: [], dtype: "float32", device: "cpu", requires_grad: true },
    ...{ module: "", line: null, column: null, end_line: null, end_column: null, formula: null },
    ...rest,
  };
}

export function graph(hash: string, ids: string[], step = 0): GraphEvent {
  const nodes = ids.map((id) => node(id));
  return { ...envelope(), type: "graph", graph: hash, step, nodes, edges: [], modules: [], truncated: false };
}

export type Row = [position: number, value: Partial<Statistics> | null, grad: Partial<Statistics> | null];

/** A frame with packed rows; a null stands for a tensor that is not there. */
export function frame(hash: string | null, step: number, rows: Row[] = [], rest: Partial<FrameEvent> = {}): FrameEvent {
  const index = new Uint8Array(rows.length * 4);
  const stats = new Uint8Array(rows.length * 2 * STATISTICS.length * 4);
  const places = new DataView(index.buffer);
  const numbers = new DataView(stats.buffer);
  rows.forEach(([position, ...parts], row) => {
    places.setUint32(row * 4, position, true);
    parts.forEach((part, which) =>
      STATISTICS.forEach((name, column) => {
        const number = part === null ? NaN : (part[name] ?? 0);
        numbers.setFloat32(((row * 2 + which) * STATISTICS.length + column) * 4, number, true);
      }),
    );
  });
  const numbersOf = { graph: hash, step, loss: null, metrics: {}, points: {}, index, stats };
  return { ...envelope(), type: "frame", ...numbersOf, ...rest };
}

export function losses(step: number, pairs: [number, number | null][]): FrameEvent {
  return frame(null, step, [], { points: { loss: pairs } });
}

export function stdout(text: string, stream: "stdout" | "stderr" = "stdout"): AnyEvent {
  return { ...envelope(), type: "stdout", text, stream };
}

export function status(name: "queued" | "running" | "paused" | "finished" | "failed"): AnyEvent {
  return { ...envelope(), type: "status", status: name, place: null, expected_s: null };
}

/** The error of a program that failed in `line`. */
export function error(line: number): AnyEvent {
  const place = { line, column: null, end_line: null, end_column: null };
  const said = { type: "RuntimeError", message: "It failed.", traceback: "", explanation: null, limit: null };
  return { ...envelope(), type: "error", message: said.message, line, error: { ...said, ...place, shapes: [], axes: [] } };
}

export function boundary(step: number, points: Uint8Array = new Uint8Array()): BoundaryEvent {
  const plane = { x0: 0, x1: 1, y0: 0, y1: 1, rows: 1, columns: 1, classes: 2, grid: new Uint8Array(1) };
  return { ...envelope(), type: "boundary", step, ...plane, points, labels: new Uint8Array(points.length / 8) };
}

export function tensor(id: string, step: number, rest: Partial<TensorEvent> = {}): TensorEvent {
  return {
    ...{ v: 1, seq: 0, t: 0, type: "tensor", node: id, step, what: "value", slice: "", shape: [1], dtype: "float32" },
    ...{ statistics: null, histogram: null, picture: null, values: [step], error: null },
    ...rest,
  };
}
