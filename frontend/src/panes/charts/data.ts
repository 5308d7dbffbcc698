/** From a trace's series to the aligned columns that the chart draws. */

import type { Series } from "../../lib/trace";

export interface Curve {
  name: string;
  /** Losses share the left axis, everything else the right one. */
  scale: "loss" | "metric";
  /** The curve of the run before, for comparison. */
  past: boolean;
  series: Series;
}

/** Every curve of a run, losses first; behind them the loss of the run before. */
export function curvesOf(series: ReadonlyMap<string, Series>, before: ReadonlyMap<string, Series> | null): Curve[] {
  const curves: Curve[] = [];
  for (const [name, each] of series) curves.push({ name, scale: scaleOf(name), past: false, series: each });
  curves.sort((a, b) => Number(a.scale === "metric") - Number(b.scale === "metric"));
  const loss = before?.get("loss");
  if (loss && curves.length > 0) curves.push({ name: "loss before", scale: "loss", past: true, series: loss });
  return curves;
}

function scaleOf(name: string): Curve["scale"] {
  return /^loss\b/.test(name) ? "loss" : "metric";
}

/** The columns: all steps in rising order, then each series' value at each of them (null where it has none). */
export function align(series: readonly Series[]): [number[], ...(number | null)[][]] {
  if (series.length === 0) return [[]];
  const [first] = series;
  if (rising(first.steps) && series.every(({ steps }) => same(steps, first.steps))) {
    return [first.steps, ...series.map(({ values }) => values)];
  }
  const steps = [...new Set(series.flatMap((each) => each.steps))].sort((a, b) => a - b);
  const place = new Map(steps.map((step, index) => [step, index]));
  const columns = series.map((each) => {
    const column = new Array<number | null>(steps.length).fill(null);
    each.steps.forEach((step, index) => (column[place.get(step)!] = each.values[index]));
    return column;
  });
  return [steps, ...columns];
}

/** A column for a logarithmic axis, on which only what is above zero has a place. */
export function aboveZero(column: readonly (number | null)[]): (number | null)[] {
  return column.map((value) => (value !== null && value > 0 ? value : null));
}

/** The value of a series at `step` or the last before it. */
export function valueAt({ steps, values }: Series, step: number): number | null {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] <= step) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? null : values[low - 1];
}

/** At most `most` places of `count`, evenly spread, the first and the last among them. */
export function sample(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, place) => place);
  return Array.from({ length: most }, (_, place) => Math.round((place * (count - 1)) / (most - 1)));
}

function rising(steps: readonly number[]): boolean {
  return steps.every((step, place) => place === 0 || step > steps[place - 1]);
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((step, place) => step === b[place]));
}
