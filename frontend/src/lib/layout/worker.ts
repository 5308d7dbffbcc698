/** Lays graphs out away from the page's thread. One question, one answer. */

import { place } from "./place";
import type { Level } from "./view";

self.addEventListener("message", ({ data }: MessageEvent<{ number: number; level: Level }>) => {
  self.postMessage({ number: data.number, placed: place(data.level) });
});
