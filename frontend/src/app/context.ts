/** Hands the store and the session down to the components. */

import { getContext, setContext } from "svelte";
import type { Session } from "./session";
import type { Store } from "./store";

export interface App {
  store: Store;
  session: Session;
  /** Whether the keyboard is a Mac's. */
  mac: boolean;
}

const KEY = Symbol("app");

export function provideApp(app: App): void {
  setContext(KEY, app);
}

export function useApp(): App {
  return getContext<App>(KEY);
}
