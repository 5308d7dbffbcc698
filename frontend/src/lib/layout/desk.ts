/** Where layouts are ordered: a worker that is ended when its question is stale, and what it answered before. */

import type { Placed } from "./place";
import type { Level } from "./view";

interface Answer {
  number: number;
  placed: Placed;
}

const KEPT = 24;

export class LayoutDesk {
  /** How many layouts were made: it must not rise while structure and open modules stand. */
  made = 0;
  private worker: Worker | null = null;
  private number = 0;
  private waiting: { number: number; key: string; done: (placed: Placed) => void } | null = null;
  private readonly answers = new Map<string, Placed>();

  /** `start` makes the worker, at the latest with the first question. */
  constructor(private readonly start: () => Worker) {}

  /** Starts the worker early, so that the first question need not wait for it. */
  warm(): void {
    this.worker ??= this.started();
  }

  /** Calls `done` with the layout of `level`, at once if `key` (structure and open modules) was asked before. */
  ask(key: string, level: () => Level, done: (placed: Placed) => void): void {
    const known = this.answers.get(key);
    if (known) {
      this.drop();
      this.remember(key, known);
      done(known);
      return;
    }
    if (this.waiting?.key === key) {
      this.waiting.done = done;
      return;
    }
    this.drop();
    this.warm();
    this.number += 1;
    this.made += 1;
    this.waiting = { number: this.number, key, done };
    this.worker?.postMessage({ number: this.number, level: level() });
  }

  destroy(): void {
    this.waiting = null;
    this.worker?.terminate();
    this.worker = null;
  }

  /** Ends a worker whose answer nobody waits for any more. */
  private drop(): void {
    if (!this.waiting) return;
    this.destroy();
  }

  private started(): Worker {
    const worker = this.start();
    worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
      if (data.number !== this.waiting?.number) return;
      const { key, done } = this.waiting;
      this.waiting = null;
      this.remember(key, data.placed);
      done(data.placed);
    });
    return worker;
  }

  private remember(key: string, placed: Placed): void {
    this.answers.delete(key);
    this.answers.set(key, placed);
    if (this.answers.size > KEPT) this.answers.delete(this.answers.keys().next().value ?? "");
  }
}
