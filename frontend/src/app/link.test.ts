import { expect, it } from "vitest";
import type { Boot } from "./boot";
import { DEFAULT_SIZES } from "./layout";
import { readView, viewOf } from "./link";
import { initialState } from "./store";

const BOOT: Boot = {
  ...{ page: "playground", snippet: null, lesson: null, run: null, demo_url: null },
  ...{ devices: [], limits: {}, version: "0" },
};

it("carries step, node, tab and sizes there and back", () => {
  const sizes = { ...DEFAULT_SIZES, left: 0.4 };
  const state = { ...initialState(BOOT), step: 12, selected: "n1", tab: "charts" as const, sizes };
  const stored = JSON.parse(JSON.stringify(viewOf(state)));
  expect(readView(stored, "")).toEqual({ step: 12, node: "n1", tab: "charts", sizes });
});

it("leaves out what is as usual", () => {
  expect(viewOf(initialState(BOOT))).toEqual({ tab: "code" });
});

it("lets the address have the last word", () => {
  expect(readView({ step: 3, node: "a" }, "#step=9&tab=graph")).toMatchObject({ step: 9, node: "a", tab: "graph" });
});

it("takes nothing that makes no sense", () => {
  const odd = { step: "many", node: 7, tab: "kitchen", sizes: { left: "wide", right: 9, bottom: NaN } };
  const sizes = { ...DEFAULT_SIZES, right: 0.4 };
  expect(readView(odd, "#step=-1")).toEqual({ step: "live", node: null, tab: null, sizes });
  expect(readView({ step: 1.5 }, "").step).toBe("live");
  expect(readView({}, "#step=").step).toBe("live");
});
