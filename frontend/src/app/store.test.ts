import { describe, expect, it } from "vitest";
import { Trace } from "../lib/trace";
import { losses, status } from "../testing/events";
import type { Boot } from "./boot";
import { initialState, isActive, reduce, type Run, type State, Store } from "./store";

const BOOT: Boot = {
  ...{ page: "playground", snippet: null, lesson: null, run: null, demo_url: null },
  ...{ devices: [], limits: {}, version: "0" },
};
const RUN: Run = { id: "r1", token: "t", code: "x = 1", recorded: false };

function state(change: Partial<State> = {}): State {
  return { ...initialState(BOOT), ...change };
}

function traceOf(...events: Parameters<Trace["add"]>[0][]): Trace {
  const trace = new Trace();
  trace.addAll(events);
  return trace;
}

describe("initialState", () => {
  it("opens a snippet with everything that makes its run what it was", () => {
    const snippet = {
      ...{ slug: "s", title: "T", description: "", parent: null, view: {} },
      ...{ code: "y = 2", device: "cpu" as const, seed: 7, params: { lr: 0.5 } },
    };
    const opened = initialState({ ...BOOT, page: "snippet", snippet });
    expect(opened).toMatchObject({ title: "T", code: "y = 2", device: "cpu", seed: 7, params: { lr: 0.5 } });
    expect(opened.hint).toBe(false);
  });

  it("has the demo's program before its recording has come, on the playground alone", () => {
    const demo = { title: "D", code: "w = 4", seed: 1 };
    expect(initialState({ ...BOOT, demo })).toMatchObject({ title: "D", code: "w = 4", seed: 1 });
    expect(initialState({ ...BOOT, page: "snippet", demo }).code).toBe("");
  });

  it("opens a lesson on its text", () => {
    const lesson = { name: "l", title: "L", summary: "", code: "z = 3", seed: 1, sections: [] };
    expect(initialState({ ...BOOT, page: "lesson", lesson })).toMatchObject({ code: "z = 3", seed: 1, tab: "text" });
  });
});

describe("reduce", () => {
  it("leaves the state it was given as it was", () => {
    const before = state();
    const copy = { ...before };
    reduce(before, { type: "code", code: "new" });
    reduce(before, { type: "sizes", sizes: { left: 0.5 } });
    expect(before).toEqual(copy);
  });

  it("takes the demo's title from a program that is not the demo any more", () => {
    const demo = { title: "D", code: "import torch\na = 1\nb = 2", seed: 1 };
    const opened = initialState({ ...BOOT, demo });
    expect(reduce(opened, { type: "code", code: "a = 1\nc = 3" }).title).toBe("D");
    const other = reduce(opened, { type: "code", code: "import torch\nc = 3" });
    expect(other.title).toBe("");
    expect(reduce(other, { type: "code", code: demo.code }).title).toBe("D");
    const named = reduce(opened, { type: "title", title: "Mine" });
    expect(reduce(named, { type: "code", code: "c = 3" }).title).toBe("Mine");
  });

  it("lets a newly typed default win over a slider, and keeps the slider through other edits", () => {
    const code = 'lr = playground.param("lr", 0.1)\nprint(lr)';
    const moved = reduce(state({ code }), { type: "param", name: "lr", value: 0.7 });
    expect(reduce(moved, { type: "code", code: code.replace("print", "repr") }).params).toEqual({ lr: 0.7 });
    expect(reduce(moved, { type: "code", code: code.replace("0.1", "0.2") }).params).toEqual({});
  });

  it("forgets a link when what it links to has changed", () => {
    const shared = state({ share: { phase: "done", url: "u", copied: true } });
    expect(reduce(shared, { type: "code", code: "other" }).share).toEqual({ phase: "none" });
    expect(reduce(shared, { type: "tab", tab: "graph" }).share).toEqual(shared.share);
  });

  it("shows a new run from its newest step and keeps the curve of the one before", () => {
    const old = traceOf(losses(1, [[1, 2]]));
    const next = reduce(state({ trace: old, step: 12, starting: true }), { type: "trace", trace: traceOf(), run: RUN });
    expect(next).toMatchObject({ step: "live", starting: false, before: old });
  });

  it("compares nothing with a recording that is opened", () => {
    const run = { ...RUN, recorded: true };
    const opened = reduce(state({ trace: traceOf(losses(1, [[1, 2]])) }), { type: "trace", trace: traceOf(), run });
    expect(opened.before).toBeNull();
  });

  it("opens the drawer with a node and leaves it with none", () => {
    const open = reduce(state(), { type: "select", node: "n" });
    expect(open).toMatchObject({ selected: "n", drawer: true });
    expect(reduce(open, { type: "select", node: null })).toMatchObject({ selected: null, drawer: true });
  });
});

describe("isActive", () => {
  it("is true from the press of Run to the end", () => {
    expect(isActive(state())).toBe(false);
    expect(isActive(state({ starting: true }))).toBe(true);
    expect(isActive(state({ run: RUN, trace: traceOf(status("running")) }))).toBe(true);
    expect(isActive(state({ run: RUN, trace: traceOf(status("failed")) }))).toBe(false);
    expect(isActive(state({ run: { ...RUN, recorded: true }, trace: traceOf(status("running")) }))).toBe(false);
  });
});

describe("Store", () => {
  it("tells its listeners at once and after each change, until they leave", () => {
    const store = new Store(state());
    const seen: string[] = [];
    const leave = store.subscribe(({ code }) => seen.push(code));
    store.change({ type: "code", code: "a" });
    store.change({ type: "code", code: "a" });
    leave();
    store.change({ type: "code", code: "b" });
    expect(seen).toEqual(["", "a"]);
  });
});
