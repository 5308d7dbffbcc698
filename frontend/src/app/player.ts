/** Plays a trace's recorded steps from one to the next, at a pace at which a whole run takes a few seconds. */

import type { Trace } from "../lib/trace";
import type { Store } from "./store";

const SHORTEST_MS = 2500;
const LONGEST_MS = 9000;
const PER_FRAME_MS = 80;

/** How long a replay of `frames` frames takes. */
export function replayTime(frames: number): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, frames * PER_FRAME_MS));
}

/** The place of the frame to show after `elapsed` of `whole` milliseconds, starting at place `from` of `count`. */
export function placeAt(from: number, count: number, elapsed: number, whole: number): number {
  // A picture's time may lie a little before the moment that asked for it.
  return Math.min(count - 1, from + Math.floor((Math.max(0, elapsed) / whole) * count));
}

export class Player {
  private handle = 0;

  constructor(private readonly store: Store) {}

  /** Plays from the step that is shown, or from the first one at the end. */
  play(): void {
    this.pause();
    const { trace, step } = this.store.state;
    if (trace.frames.length < 2) return;
    const last = trace.frames.length - 1;
    const shown = step === "live" ? last : trace.frames.findIndex((frame) => frame.step >= step);
    this.store.change({ type: "play", playing: true });
    this.run(trace, shown < 0 || shown >= last ? 0 : shown);
  }

  pause(): void {
    cancelAnimationFrame(this.handle);
    if (this.store.state.playing) this.store.change({ type: "play", playing: false });
  }

  toggle(): void {
    if (this.store.state.playing) this.pause();
    else this.play();
  }

  private run(trace: Trace, from: number): void {
    const begun = performance.now();
    const whole = replayTime(trace.frames.length);
    const tick = (now: number) => {
      if (this.store.state.trace !== trace || !this.store.state.playing) return;
      const place = placeAt(from, trace.frames.length, now - begun, whole);
      if (place >= trace.frames.length - 1) {
        this.store.change({ type: "step", step: "live" });
        this.pause();
        return;
      }
      const { step } = trace.frames[place];
      if (step !== this.store.state.step) this.store.change({ type: "step", step });
      this.handle = requestAnimationFrame(tick);
    };
    tick(begun);
  }
}
