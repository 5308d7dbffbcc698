// Generated from playground/protocol by `make gen`. Do not edit: change the Python and generate again.
/* eslint-disable */

export const VERSION = 1;
export const STATISTICS = ["mean","std","min","max","norm","nan","inf"] as const;
export const FINAL: readonly string[] = ["failed","finished","killed","lost","stopped","timeout"];

export type Status = "queued" | "starting" | "running" | "paused" | "finished" | "failed" | "stopped" | "timeout" | "killed" | "lost";
export type What = "value" | "grad";

/** What a tensor's finite numbers look like at a glance. A figure is null where there is no finite number. */
export interface Statistics {
  mean: number | null;
  std: number | null;
  min: number | null;
  max: number | null;
  norm: number | null;
  nan: number;
  inf: number;
}

/** The statistics of a parameter's gradient, with its shape. */
export interface GradientStatistics {
  mean: number | null;
  std: number | null;
  min: number | null;
  max: number | null;
  norm: number | null;
  nan: number;
  inf: number;
  shape: number[];
}

/** One value of the computation graph and the op that made it. */
export interface Node {
  id: string;
  kind: "input" | "op" | "output" | "parameter";
  op: string | null;
  name: string;
  shape: number[];
  dtype: string;
  device: string;
  requires_grad: boolean;
  module: string;
  line: number | null;
  column: number | null;
  end_line: number | null;
  end_column: number | null;
  formula: string | null;
}

/** `source`'s value enters `target` as the operand called `argument`. */
export interface Edge {
  source: string;
  target: string;
  argument: string;
}

/** A module of the learner's model: `path` as in `named_modules()`, `kind` its class's name. */
export interface Module {
  path: string;
  kind: string;
  children: Module[];
}

/** Why a program did not end well; `line` is in the learner's file, `limit` names the limit that ended it. */
export interface Problem {
  type: string;
  message: string;
  line: number | null;
  column: number | null;
  end_line: number | null;
  end_column: number | null;
  traceback: string;
  explanation: string | null;
  limit: string | null;
  shapes: number[][];
  axes: number[][];
}

/** Counts of finite numbers in equal bins between `low` and `high`. */
export interface Histogram {
  low: number;
  high: number;
  counts: number[];
}

/** A tensor's last two axes, reduced to what fits a heatmap: `values` row by row, each the mean of its block. */
export interface Picture {
  rows: number;
  columns: number;
  values: (number | null)[];
}

/** The run's status changed; while `queued`, its place (from 1) and the expected seconds. */
export interface StatusEvent {
  type: "status";
  v: number;
  seq: number;
  t: number;
  status: "failed" | "finished" | "killed" | "lost" | "paused" | "queued" | "running" | "starting" | "stopped" | "timeout";
  place: number | null;
  expected_s: number | null;
}

/** The graph of one `backward()`, once per structure; `graph` is the structure's hash. Nodes in forward order. */
export interface GraphEvent {
  type: "graph";
  v: number;
  seq: number;
  t: number;
  graph: string;
  step: number;
  nodes: Node[];
  edges: Edge[];
  modules: Module[];
  truncated: boolean;
}

/** The numbers of one step. */
export interface FrameEvent {
  type: "frame";
  v: number;
  seq: number;
  t: number;
  graph: string | null;
  step: number;
  loss: number | null;
  metrics: Record<string, number | null>;
  points: Record<string, ([number, number | null])[]>;
  index: Uint8Array;
  stats: Uint8Array;
}

/** What the program printed. */
export interface StdoutEvent {
  type: "stdout";
  v: number;
  seq: number;
  t: number;
  text: string;
  stream: "stderr" | "stdout";
}

/** A lint: something that goes wrong silently. */
export interface FindingEvent {
  type: "finding";
  v: number;
  seq: number;
  t: number;
  code: string;
  severity: "error" | "info" | "warning";
  message: string;
  node: string | null;
  line: number | null;
  fix: string | null;
}

/** A picture that the program drew. */
export interface FigureEvent {
  type: "figure";
  v: number;
  seq: number;
  t: number;
  name: string;
  mime: "image/png";
  data: Uint8Array;
}

/** A part of a file that the program saved: `data` at `offset` of `size` bytes. Sent when the program ends. */
export interface FileEvent {
  type: "file";
  v: number;
  seq: number;
  t: number;
  name: string;
  offset: number;
  size: number;
  data: Uint8Array;
}

/** A classifier's decision over the plane. */
export interface BoundaryEvent {
  type: "boundary";
  v: number;
  seq: number;
  t: number;
  step: number;
  x0: number;
  x1: number;
  y0: number;
  y1: number;
  rows: number;
  columns: number;
  classes: number;
  grid: Uint8Array;
  points: Uint8Array;
  labels: Uint8Array;
}

/** A slider of the program (`playground.param`), declared or changed. */
export interface ParamEvent {
  type: "param";
  v: number;
  seq: number;
  t: number;
  name: string;
  value: number;
  min: number | null;
  max: number | null;
}

/** A tensor that the program pins in the inspector (`playground.watch`). */
export interface WatchEvent {
  type: "watch";
  v: number;
  seq: number;
  t: number;
  node: string;
  name: string;
}

/** One tensor's numbers: the answer to `inspect`, and a line of the side record. */
export interface TensorEvent {
  type: "tensor";
  v: number;
  seq: number;
  t: number;
  node: string;
  step: number;
  what: "grad" | "value";
  slice: string;
  shape: number[];
  dtype: string;
  statistics: Statistics | null;
  histogram: Histogram | null;
  picture: Picture | null;
  values: unknown;
  error: string | null;
}

/** Why the run did not end well; `message` and `line` are repeated for readers who need no more. */
export interface ErrorEvent {
  type: "error";
  v: number;
  seq: number;
  t: number;
  error: Problem;
  message: string;
  line: number | null;
}

/** The end: the final status, with each parameter's last gradient. */
export interface FinishedEvent {
  type: "finished";
  v: number;
  seq: number;
  t: number;
  status: "failed" | "finished" | "killed" | "lost" | "paused" | "queued" | "running" | "starting" | "stopped" | "timeout";
  duration_s: number;
  steps: number;
  gradients: Record<string, GradientStatistics>;
}

/** Hold the program before its next operation. */
export interface Pause {
  type: "pause";
}

/** Let a held program go on. */
export interface Resume {
  type: "resume";
}

/** Let a held program go on to the end of its next training step (its next `backward()`), then hold it again. */
export interface Step {
  type: "step";
}

/** End the program; what it has produced stays. */
export interface Stop {
  type: "stop";
}

/** Give a slider of the program another value. */
export interface SetParam {
  type: "set_param";
  name: string;
  value: number;
}

/** Ask for one tensor's numbers; `slice` is written as in Python, without brackets ("0, :10"). Step null: newest. */
export interface Inspect {
  type: "inspect";
  node: string;
  step?: number | null;
  what?: "grad" | "value";
  slice?: string;
}

/** Say whose statistics a reader wants in its frames: node ids, or "all", or "visible" (those last named). */
export interface Subscribe {
  type: "subscribe";
  nodes: string[] | "all" | "visible";
}

export type AnyEvent = StatusEvent | GraphEvent | FrameEvent | StdoutEvent | FindingEvent | FigureEvent | FileEvent | BoundaryEvent | ParamEvent | WatchEvent | TensorEvent | ErrorEvent | FinishedEvent;
export type ClientMessage = Subscribe | Pause | Resume | Step | Stop | SetParam | Inspect;
