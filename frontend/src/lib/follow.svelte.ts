/** A trace as a signal: what reads it is worked out anew when the trace has changed. */

import type { Trace } from "./trace";

/** Follows the trace that `which` gives, for as long as the component stands that calls it. */
export function followTrace(which: () => Trace): () => Trace {
  let version = $state(0);
  $effect(() => {
    const trace = which();
    const update = (): void => {
      version += 1;
    };
    return trace.subscribe(update);
  });
  return () => {
    void version;
    return which();
  };
}
