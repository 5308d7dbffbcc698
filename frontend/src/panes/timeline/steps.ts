/** From one recorded step to the next. */

import type { Moment, Trace } from "../../lib/trace";

/** The recorded step `by` places beside `step`; past the last one it is "live". */
export function stepBeside(trace: Trace, step: Moment, by: number): Moment {
  const frame = trace.frameAt(step);
  if (!frame) return "live";
  const place = trace.frames.indexOf(frame) + by;
  if (place >= trace.frames.length - 1 && by > 0) return "live";
  return trace.frames[Math.max(0, place)].step;
}
