/** How a node's numbers went over the recorded steps. */

import type { Trace } from "../../lib/trace";
import type { What } from "../../protocol/types.generated";

export interface History {
  steps: number[];
  values: number[];
}

const MOST = 240;

/** The mean (of a value) or the norm (of a gradient; its number for a scalar) at up to 240 recorded steps. */
export function historyOf(trace: Trace, node: string, what: What, scalar: boolean): History {
  const stride = Math.max(1, Math.ceil(trace.frames.length / MOST));
  const found: History = { steps: [], values: [] };
  trace.frames.forEach((frame, place) => {
    if (place % stride !== 0 && place !== trace.frames.length - 1) return;
    const statistics = frame.stats(node, what);
    const value = what === "grad" && !scalar ? statistics?.norm : statistics?.mean;
    if (value === null || value === undefined) return;
    found.steps.push(frame.step);
    found.values.push(value);
  });
  return found;
}

/** A line through a history, in a box of `width` by `height`, with the ends of its axes. */
export interface Curve {
  path: string;
  low: number;
  high: number;
  /** Where a step stands. */
  x: (step: number) => number;
}

/** The curve of a history; null with fewer than two points. */
export function curveOf({ steps, values }: History, width: number, height: number): Curve | null {
  if (steps.length < 2) return null;
  const low = Math.min(...values);
  const high = Math.max(...values);
  const [first, last] = [steps[0], steps[steps.length - 1]];
  const x = (step: number): number => ((step - first) / Math.max(1, last - first)) * width;
  const y = (value: number): number => (high === low ? height / 2 : height - ((value - low) / (high - low)) * height);
  const points = steps.map((step, at) => `${x(step).toFixed(1)} ${y(values[at]).toFixed(1)}`);
  return { path: `M${points.join("L")}`, low, high, x };
}
