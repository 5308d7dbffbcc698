/** Which recorded numbers belong to a step. */

import type { FrameView } from "./frame";
import { lastAtOrBefore } from "./timeline";
import type { Moment, Trace } from "./trace";

/**
 * The newest frame at or before `step` that has the whole graph's numbers, so that all that is shown is of one step.
 * The frame that ends a run may have those of its parameters alone.
 */
export function numbersAt(trace: Trace, step: Moment): FrameView | null {
  const { frames } = trace;
  const newest = step === "live" ? frames.length - 1 : Math.max(0, lastAtOrBefore(frames, step));
  for (let place = newest; place >= 0; place -= 1) if (isWhole(frames[place])) return frames[place];
  return frames[newest] ?? null;
}

/** Whether a frame has numbers of anything but parameters; the op that a program failed in has none. */
function isWhole(frame: FrameView | undefined): boolean {
  return frame?.graph?.nodes.some((node) => node.kind !== "parameter" && frame.stats(node.id, "value")) ?? false;
}
