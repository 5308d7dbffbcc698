/** A run as the page holds it: every event it got, in the shape in which the panes ask for it. No Svelte, no DOM. */

import type {
  AnyEvent,
  BoundaryEvent,
  FigureEvent,
  FindingEvent,
  FinishedEvent,
  GraphEvent,
  ParamEvent,
  Problem,
  StatusEvent,
  TensorEvent,
  What,
} from "../protocol/types.generated";
import { FINAL } from "../protocol/types.generated";
import { FrameView } from "./frame";
import { TensorShelf } from "./tensors";
import { lastAtOrBefore, thin } from "./timeline";

/** A training step, or the newest one there is. */
export type Moment = number | "live";

/** One curve: `values[i]` was logged at `steps[i]`; null where it was not finite. */
export interface Series {
  steps: number[];
  values: (number | null)[];
}

/** A piece of what the program printed. */
export interface Output {
  text: string;
  stream: "stdout" | "stderr";
}

/** A file that the program saved; `complete` once all its parts are there. */
export interface SavedFile {
  name: string;
  data: Uint8Array;
  complete: boolean;
}

const MAX_FRAMES = 2400;
const MAX_FRAME_BYTES = 12 << 20;
const MAX_BOUNDARIES = 600;
const MAX_OUTPUT = 1 << 20;

/** Calls `callback` before the next picture; where there is no screen, soon. */
export function nextPicture(callback: () => void): void {
  if (typeof requestAnimationFrame === "function") requestAnimationFrame(callback);
  else setTimeout(callback, 0);
}

export class Trace {
  readonly graphs = new Map<string, GraphEvent>();
  /** The recorded frames by rising step; older ones are thinned out when they grow too many. */
  frames: FrameView[] = [];
  readonly series = new Map<string, Series>();
  readonly stdout: Output[] = [];
  readonly findings: FindingEvent[] = [];
  readonly params = new Map<string, ParamEvent>();
  readonly figures: FigureEvent[] = [];
  readonly files = new Map<string, SavedFile>();
  /** Names given by `playground.watch`, by node id. */
  readonly watched = new Map<string, string>();
  boundaries: BoundaryEvent[] = [];
  status: StatusEvent["status"] | null = null;
  queue: { place: number | null; expected_s: number | null } | null = null;
  error: Problem | null = null;
  finished: FinishedEvent | null = null;
  /** The highest sequence number taken in: a new connection asks for what comes after it. */
  seq = 0;
  /** Rises with every change. */
  version = 0;

  private readonly tensors = new TensorShelf();
  private readonly structures: { graph: GraphEvent; afterFrame: number }[] = [];
  private readonly listeners = new Set<() => void>();
  private outputLength = 0;
  private frameBytes = 0;
  private announced = false;

  constructor(private readonly schedule: (callback: () => void) => void = nextPicture) {}

  /** Takes one event in. An event that is already there (by `seq`) is left alone. */
  add(event: AnyEvent): void {
    if (event.seq > 0) {
      if (event.seq <= this.seq) return;
      this.seq = event.seq;
    }
    this.take(event);
    this.changed();
  }

  /** Takes many events in, as one change. */
  addAll(events: Iterable<AnyEvent>): void {
    for (const event of events) this.add(event);
  }

  /** Takes in a tensor of a recording's side record: it is no event and has no number. */
  addTensor(event: TensorEvent): void {
    this.tensors.add(event);
    this.changed();
  }

  /** The frame of `step`: the newest at or before it, else the first; null where there is none. */
  frameAt(step: Moment): FrameView | null {
    if (this.frames.length === 0) return null;
    if (step === "live") return this.frames[this.frames.length - 1];
    return this.frames[Math.max(0, lastAtOrBefore(this.frames, step))];
  }

  /** The graph that stood at `step`; for "live" also the partial graph of a program that failed. */
  graphAt(step: Moment): GraphEvent | null {
    const frame = this.frameAt(step);
    const newest = this.structures[this.structures.length - 1];
    if (frame === null) return newest?.graph ?? null;
    const atEnd = step === "live" || step > frame.step;
    if (atEnd && frame === this.frames[this.frames.length - 1] && newest && newest.afterFrame >= frame.step) {
      if (step === "live" || newest.graph.step <= step) return newest.graph;
    }
    return frame.graph ?? newest?.graph ?? null;
  }

  /** The decision boundary of `step`, with its points. */
  boundaryAt(step: Moment): BoundaryEvent | null {
    if (this.boundaries.length === 0) return null;
    if (step === "live") return this.boundaries[this.boundaries.length - 1];
    return this.boundaries[Math.max(0, lastAtOrBefore(this.boundaries, step))];
  }

  /** A node's numbers at `step`, or the newest before it that were recorded; null where none were. */
  tensor(node: string, step: Moment, what: What, slice = ""): TensorEvent | null {
    return this.tensors.find(node, step, what, slice);
  }

  /** The first and the last recorded step. */
  get range(): { first: number; last: number } | null {
    if (this.frames.length === 0) return null;
    return { first: this.frames[0].step, last: this.frames[this.frames.length - 1].step };
  }

  /** Whether nothing more will come. */
  get ended(): boolean {
    return this.status !== null && FINAL.includes(this.status);
  }

  /** Calls `listener` after changes, once per picture. Gives back the way to end it. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private changed(): void {
    this.version += 1;
    if (this.announced || this.listeners.size === 0) return;
    this.announced = true;
    this.schedule(() => {
      this.announced = false;
      for (const listener of [...this.listeners]) listener();
    });
  }

  private take(event: AnyEvent): void {
    switch (event.type) {
      case "status":
        this.status = event.status;
        this.queue = event.status === "queued" ? { place: event.place, expected_s: event.expected_s } : null;
        break;
      case "graph":
        this.graphs.set(event.graph, event);
        this.structures.push({ graph: event, afterFrame: this.range?.last ?? -1 });
        break;
      case "frame":
        this.takePoints(event.points);
        this.takeFrame(new FrameView(event, this.graphOf(event.graph), this.frames[this.frames.length - 1]));
        break;
      case "stdout":
        this.takeOutput(event);
        break;
      case "finding":
        this.findings.push(event);
        break;
      case "figure":
        this.figures.push(event);
        break;
      case "file":
        this.takeFilePart(event.name, event.offset, event.size, event.data);
        break;
      case "boundary":
        this.takeBoundary(event);
        break;
      case "param":
        this.params.set(event.name, event);
        break;
      case "watch":
        this.watched.set(event.node, event.name);
        break;
      case "tensor":
        this.tensors.add(event);
        break;
      case "error":
        this.error = event.error;
        break;
      case "finished":
        this.status = event.status;
        this.queue = null;
        this.finished = event;
        break;
      default:
        // A newer server may send what this page does not know; the compiler holds that nothing known is forgotten.
        event satisfies never;
    }
  }

  private graphOf(hash: string | null): GraphEvent | null {
    return hash === null ? null : (this.graphs.get(hash) ?? null);
  }

  private takeFrame(frame: FrameView): void {
    this.frames.push(frame);
    this.frameBytes += frame.bytes;
    if (this.frames.length <= MAX_FRAMES && this.frameBytes <= MAX_FRAME_BYTES) return;
    this.frames = thin(this.frames);
    this.frameBytes = this.frames.reduce((sum, kept) => sum + kept.bytes, 0);
  }

  private takePoints(points: Record<string, [number, number | null][]>): void {
    for (const [name, pairs] of Object.entries(points)) {
      let series = this.series.get(name);
      if (!series) this.series.set(name, (series = { steps: [], values: [] }));
      for (const [step, value] of pairs) {
        series.steps.push(step);
        series.values.push(value);
      }
    }
  }

  private takeOutput({ text, stream }: Output): void {
    const last = this.stdout[this.stdout.length - 1];
    if (last?.stream === stream && last.text.length < 4096) last.text += text;
    else this.stdout.push({ text, stream });
    this.outputLength += text.length;
    while (this.outputLength > MAX_OUTPUT && this.stdout.length > 1) {
      this.outputLength -= this.stdout.shift()!.text.length;
    }
  }

  private takeFilePart(name: string, offset: number, size: number, data: Uint8Array): void {
    let file = this.files.get(name);
    if (file?.data.length !== size) file = { name, data: new Uint8Array(size), complete: false };
    file.data.set(data.subarray(0, Math.max(0, size - offset)), Math.min(offset, size));
    file.complete = offset + data.length >= size;
    this.files.set(name, file);
  }

  private takeBoundary(event: BoundaryEvent): void {
    const before = this.boundaries[this.boundaries.length - 1];
    // Points are sent only when they change.
    const whole =
      event.points.length === 0 && before ? { ...event, points: before.points, labels: before.labels } : event;
    this.boundaries.push(whole);
    if (this.boundaries.length > MAX_BOUNDARIES) this.boundaries = thin(this.boundaries);
  }
}
