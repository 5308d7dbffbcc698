/** The store and the trace it names as signals: what reads them is worked out anew when either has changed. */

import type { Trace } from "../lib/trace";
import type { State, Store } from "./store";

export interface Live {
  /** The state; read again after changes of its trace too. */
  readonly state: State;
  readonly trace: Trace;
}

/** Follows the store for as long as the component stands that calls it. */
export function follow(store: Store): Live {
  let state = $state.raw(store.state);
  let version = $state(0);
  const trace = $derived(state.trace);

  $effect(() => store.subscribe((next) => (state = next)));
  $effect(() => {
    const followed = trace;
    const update = () => (version = followed.version);
    update();
    return followed.subscribe(update);
  });

  return {
    get state() {
      void version;
      return state;
    },
    get trace() {
      void version;
      return trace;
    },
  };
}
