import { describe, expect, it } from "vitest";
import { LayoutDesk } from "./desk";
import type { Placed } from "./place";
import type { Level } from "./view";

/** The far side of the thread's border: keeps the questions, answers when told to. */
class ThreadEnd {
  questions: { number: number; level: Level }[] = [];
  ended = false;
  private listener: (event: { data: unknown }) => void = () => {};

  addEventListener(_: string, listener: (event: { data: unknown }) => void): void {
    this.listener = listener;
  }

  postMessage(question: { number: number; level: Level }): void {
    this.questions.push(question);
  }

  terminate(): void {
    this.ended = true;
  }

  answer(width: number): void {
    const last = this.questions[this.questions.length - 1];
    this.listener({ data: { number: last.number, placed: { width, height: 1, boxes: [], wires: [] } } });
  }
}

function deskWithThreads(): { desk: LayoutDesk; threads: ThreadEnd[] } {
  const threads: ThreadEnd[] = [];
  const desk = new LayoutDesk(() => {
    const thread = new ThreadEnd();
    threads.push(thread);
    return thread as unknown as Worker;
  });
  return { desk, threads };
}

const level = (): Level => ({ id: "", slots: [], links: [] });

describe("LayoutDesk", () => {
  it("makes no second layout while structure and open modules stand", () => {
    const { desk, threads } = deskWithThreads();
    const got: Placed[] = [];
    for (let step = 0; step < 100; step += 1) {
      desk.ask("hash|open", level, (placed) => got.push(placed));
      if (step === 0) threads[0].answer(7);
    }
    expect(desk.made).toBe(1);
    expect(got).toHaveLength(100);
    expect(threads[0].questions).toHaveLength(1);
  });

  it("ends a worker whose question is stale, and answers only the newest", () => {
    const { desk, threads } = deskWithThreads();
    const got: string[] = [];
    desk.ask("a", level, () => got.push("a"));
    desk.ask("b", level, () => got.push("b"));
    expect(threads.map((thread) => thread.ended)).toEqual([true, false]);
    threads[1].answer(1);
    expect(got).toEqual(["b"]);
  });

  it("keeps its worker for the next question when the last was answered", () => {
    const { desk, threads } = deskWithThreads();
    desk.ask("a", level, () => {});
    threads[0].answer(1);
    desk.ask("b", level, () => {});
    expect(threads).toHaveLength(1);
  });
});
