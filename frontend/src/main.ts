/** Starts the page on what the server says about it. */

import "./app/tokens.css";
import "./app/base.css";
import "./app/plain.css";
import { mount } from "svelte";
import App from "./app/App.svelte";
import { readBoot } from "./app/boot";
import { readSizes } from "./app/layout";
import { readView } from "./app/link";
import { recall, remember } from "./app/memory";
import { Session } from "./app/session";
import { initialState, type State, Store, type Theme } from "./app/store";

const boot = readBoot(document);
const state = initialState(boot);
const sharedSizes = boot.snippet?.view.sizes;
state.theme = readTheme(recall("theme"));
state.sizes = sharedSizes ? readView(boot.snippet!.view, "").sizes : readSizes(recall("sizes"));

const store = new Store(state);
const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const session = new Session(store, boot, reducedMotion);
const mac = /Mac|iPhone|iPad/.test(navigator.platform);

let before: State | null = null;
store.subscribe((now) => {
  if (now.theme !== before?.theme) {
    if (now.theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = now.theme;
    if (before) remember("theme", now.theme);
  }
  if (before && now.sizes !== before.sizes) remember("sizes", now.sizes);
  if (now.title !== before?.title) {
    document.title = now.title ? `${now.title} – Autograd playground` : "Autograd playground";
  }
  before = now;
});

mount(App, { target: document.getElementById("app")!, props: { app: { store, session, mac }, lesson: boot.lesson } });
addEventListener("offline", () => session.network(false));
addEventListener("online", () => session.network(true));
addEventListener("pagehide", () => session.end());
void session.open();

function readTheme(value: unknown): Theme {
  return value === "light" || value === "dark" ? value : "system";
}
