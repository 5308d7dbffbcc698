/** The page's state and the one way it changes: change -> new state -> view. */

import { type Moment, Trace } from "../lib/trace";
import type { Program } from "../protocol/api";
import type { Connection } from "../protocol/socket";
import type { Boot, Device, Page, Snippet } from "./boot";
import { DEFAULT_SIZES, type Sizes } from "./layout";

export type Theme = "system" | "light" | "dark";
export type Tab = "text" | "code" | "graph" | "charts" | "inspect";
export type OutputTab = "console" | "problems" | "files";

/** The run whose events the trace holds. */
export interface Run {
  /** Null for a recording that is shipped as a file. */
  id: string | null;
  token: string;
  /** The program as it was started, to tell whether the editor still shows it. */
  code: string;
  recorded: boolean;
}

/** How far sharing has come. */
export type Share =
  | { phase: "none" | "working" }
  | { phase: "done"; url: string; copied: boolean }
  | { phase: "failed"; message: string };

export interface State extends Program {
  page: Page;
  title: string;
  /** The program that the playground was opened with: its title goes when hardly anything of it is left. */
  opened: { title: string; code: string } | null;
  devices: Device[];
  /** What everybody must know who runs a program here. */
  notice: string | null;
  snippet: Snippet | null;
  /** What the panes show. */
  trace: Trace;
  /** The trace before this one, for comparison in the chart. */
  before: Trace | null;
  run: Run | null;
  /** Asked for, and nothing to see yet. */
  starting: boolean;
  /** What the server refused, in a sentence. */
  refused: string | null;
  connection: Connection | null;
  step: Moment;
  playing: boolean;
  selected: string | null;
  /** The editor's line under the caret, from 1. */
  line: number | null;
  /** The line over the editor that says how to begin. */
  hint: boolean;
  theme: Theme;
  sizes: Sizes;
  tab: Tab;
  outputTab: OutputTab;
  drawer: boolean;
  share: Share;
}

export type Change =
  | { type: "code"; code: string }
  | { type: "title"; title: string }
  | { type: "device"; device: State["device"] }
  | { type: "seed"; seed: number | null }
  | { type: "param"; name: string; value: number }
  | { type: "program"; program: Program; title: string }
  | { type: "starting" }
  | { type: "refused"; message: string | null }
  | { type: "trace"; trace: Trace; run: Run }
  | { type: "connection"; connection: Connection | null }
  | { type: "step"; step: Moment }
  | { type: "play"; playing: boolean }
  | { type: "select"; node: string | null }
  /** The same by the page itself: it does not bring the inspector's drawer up. */
  | { type: "point-out"; node: string | null }
  | { type: "line"; line: number | null }
  | { type: "theme"; theme: Theme }
  | { type: "sizes"; sizes: Partial<Sizes> }
  | { type: "tab"; tab: Tab }
  | { type: "output"; tab: OutputTab }
  | { type: "drawer"; open: boolean }
  | { type: "share"; share: Share };

/** The state that a page opens with. */
export function initialState(boot: Boot): State {
  const { snippet } = boot;
  const shipped = boot.lesson ?? (boot.page === "playground" ? boot.demo : null);
  return {
    page: boot.page,
    title: snippet?.title || shipped?.title || "",
    opened: boot.page === "playground" && shipped && !snippet ? { title: shipped.title, code: shipped.code } : null,
    code: snippet?.code ?? shipped?.code ?? "",
    device: snippet?.device ?? "auto",
    seed: snippet ? snippet.seed : (shipped?.seed ?? null),
    params: snippet?.params ?? {},
    devices: boot.devices,
    notice: boot.notice ?? null,
    snippet,
    trace: new Trace(),
    before: null,
    run: null,
    starting: false,
    refused: null,
    connection: null,
    step: "live",
    playing: false,
    selected: null,
    line: null,
    hint: boot.page === "playground",
    theme: "system",
    sizes: DEFAULT_SIZES,
    tab: boot.page === "lesson" ? "text" : boot.page === "playground" ? "code" : "graph",
    outputTab: "console",
    drawer: false,
    share: { phase: "none" },
  };
}

/** Whether a program that this page started is under way. */
export function isActive({ starting, run, trace }: State): boolean {
  return starting || (run !== null && !run.recorded && !trace.ended);
}

/** The state after `change`. */
export function reduce(state: State, change: Change): State {
  switch (change.type) {
    case "code":
      return change.code === state.code ? state : withCode(state, change.code);
    case "title":
      return { ...state, title: change.title, opened: null, share: { phase: "none" } };
    case "device":
      return { ...state, device: change.device };
    case "seed":
      return { ...state, seed: change.seed };
    case "param":
      return { ...state, params: { ...state.params, [change.name]: change.value } };
    case "program":
      return {
        ...{ ...state, ...change.program, title: change.title },
        opened: change.title === state.opened?.title ? state.opened : null,
      };
    case "starting":
      return { ...state, starting: true, refused: null, hint: false, playing: false };
    case "refused":
      return { ...state, starting: false, refused: change.message };
    case "trace":
      return withTrace(state, change.trace, change.run);
    case "connection":
      return { ...state, connection: change.connection };
    case "step":
      return { ...state, step: change.step };
    case "play":
      return { ...state, playing: change.playing };
    case "select":
      return { ...state, selected: change.node, drawer: change.node === null ? state.drawer : true };
    case "point-out":
      return { ...state, selected: change.node };
    case "line":
      return { ...state, line: change.line };
    case "theme":
      return { ...state, theme: change.theme };
    case "sizes":
      return { ...state, sizes: { ...state.sizes, ...change.sizes } };
    case "tab":
      return { ...state, tab: change.tab };
    case "output":
      return { ...state, outputTab: change.tab };
    case "drawer":
      return { ...state, drawer: change.open };
    case "share":
      return { ...state, share: change.share };
    default:
      return change satisfies never;
  }
}

function withCode(state: State, code: string): State {
  // A slider's place gives way to a default that was just typed, and outlives every other edit.
  const params = paramCalls(code) === paramCalls(state.code) ? state.params : {};
  const { opened } = state;
  const title = opened ? (isAkin(opened.code, code) ? opened.title : "") : state.title;
  return { ...state, title, code, params, hint: false, share: { phase: "none" } };
}

/** Whether a program still has a fourth of another's lines, imports aside. */
function isAkin(first: string, now: string): boolean {
  const lines = (code: string) =>
    code.split("\n").flatMap((line) => (/^\s*(import\b|from\b|#|$)/.test(line) ? [] : [line.trim()]));
  const kept = new Set(lines(now));
  const before = lines(first);
  return 4 * before.filter((line) => kept.has(line)).length >= before.length;
}

function paramCalls(code: string): string {
  return (code.match(/\bparam\([^\n]*/g) ?? []).join("\n");
}

function withTrace(state: State, trace: Trace, run: Run): State {
  const before = state.trace.series.size > 0 && !run.recorded ? state.trace : null;
  const outputTab = state.outputTab === "problems" ? "console" : state.outputTab;
  const fresh = { starting: false, refused: null, step: "live", playing: false, share: { phase: "none" } } as const;
  return { ...state, ...fresh, trace, before, run, outputTab };
}

/** Holds the state and tells who wants to know. It keeps Svelte's store contract without needing Svelte. */
export class Store {
  private readonly listeners = new Set<(state: State) => void>();

  constructor(private current: State) {}

  get state(): State {
    return this.current;
  }

  change(change: Change): void {
    const next = reduce(this.current, change);
    if (next === this.current) return;
    this.current = next;
    for (const listener of [...this.listeners]) listener(next);
  }

  /** Calls `listener` now and after every change. Gives back the way to end it. */
  subscribe(listener: (state: State) => void): () => void {
    this.listeners.add(listener);
    listener(this.current);
    return () => this.listeners.delete(listener);
  }
}
