/** The part of the state that a shared link carries: what the sharer was looking at. */

import type { Moment } from "../lib/trace";
import { DEFAULT_SIZES, readSizes, type Sizes } from "./layout";
import type { State, Tab } from "./store";

export interface View {
  step: Moment;
  node: string | null;
  tab: Tab | null;
  sizes: Sizes;
}

const TABS: readonly string[] = ["text", "code", "graph", "charts", "inspect"] satisfies Tab[];

/** The view of `state`; what is as usual is left out. */
export function viewOf(state: State): Record<string, unknown> {
  const view: Record<string, unknown> = { tab: state.tab };
  if (state.step !== "live") view.step = state.step;
  if (state.selected !== null) view.node = state.selected;
  const sizes = Object.entries(state.sizes).filter(([border, share]) => share !== DEFAULT_SIZES[border as keyof Sizes]);
  if (sizes.length > 0) view.sizes = Object.fromEntries(sizes);
  return view;
}

/** What a snippet's `view` and an address's fragment (`#step=12&node=...`) ask for; the fragment is the stronger. */
export function readView(stored: Record<string, unknown>, fragment: string): View {
  const asked = { ...stored, ...Object.fromEntries(new URLSearchParams(fragment.replace(/^#/, ""))) };
  return {
    step: readStep(asked.step),
    node: typeof asked.node === "string" && asked.node !== "" ? asked.node : null,
    tab: typeof asked.tab === "string" && TABS.includes(asked.tab) ? (asked.tab as Tab) : null,
    sizes: readSizes(asked.sizes),
  };
}

function readStep(value: unknown): Moment {
  const step = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof step === "number" && Number.isInteger(step) && step >= 0 ? step : "live";
}
