import { describe, expect, it } from "vitest";
import { Trace } from "../lib/trace";
import type { AnyEvent, Problem } from "../protocol/types.generated";
import { envelope, frame, graph, status } from "../testing/events";
import type { Boot } from "./boot";
import { initialState, type State } from "./store";
import { instead, kept, seconds, standing } from "./words";

const BOOT: Boot = {
  ...{ page: "playground", snippet: null, lesson: null, run: null, demo_url: null },
  ...{ devices: [], limits: {}, version: "0" },
};

function after(...events: AnyEvent[]): State {
  const trace = new Trace();
  trace.addAll(events);
  return { ...initialState(BOOT), trace, run: { id: "r", token: "", code: "", recorded: false } };
}

function failure(rest: Partial<Problem> = {}): AnyEvent {
  const places = { line: 12, column: null, end_line: null, end_column: null };
  const error = { type: "E", message: "m", traceback: "", explanation: null, limit: null, shapes: [], axes: [] };
  return { ...envelope(), type: "error", message: "m", line: 12, error: { ...error, ...places, ...rest } };
}

function end(name: "finished" | "failed" | "timeout" | "killed" | "lost", steps = 60): AnyEvent {
  return { ...envelope(), type: "finished", status: name, duration_s: 1.31, steps, gradients: {} };
}

describe("standing", () => {
  it("says where a run is", () => {
    expect(standing(initialState(BOOT)).text).toBe("Nothing run yet");
    expect(standing(after()).text).toBe("Starting");
    expect(standing(after(status("running"), frame(null, 7))).text).toBe("Running, step 7");
    expect(standing(after(frame(null, 7), status("paused"))).text).toBe("Paused at step 7");
    expect(standing(after(end("finished"))).text).toBe("Finished, 60 steps in 1.3 s");
    expect(standing(after(end("finished", 1))).text).toBe("Finished, 1 step in 1.3 s");
    expect(standing(after(end("finished", 0))).text).toBe("Finished in 1.3 s");
    expect(standing(after(failure(), end("failed")))).toEqual({ text: "Failed in line 12", tone: "bad" });
  });

  it("names the place in the queue and the expected seconds", () => {
    const queued: AnyEvent = { ...envelope(), type: "status", status: "queued", place: 3, expected_s: 4.2 };
    expect(standing(after(queued)).text).toBe("Queued, place 3, about 4.2 s");
    expect(instead(after(queued), "Ctrl+Enter")?.title).toBe("Queued, place 3, about 4.2 s");
  });

  it("names the limit that ended a run", () => {
    expect(standing(after(failure({ limit: "memory" }), end("killed"))).text).toBe("Ended by the memory limit");
  });

  it("says of a recording that it is one", () => {
    const state = after(end("finished"));
    expect(standing({ ...state, run: { ...state.run!, recorded: true } }).text).toMatch(/^Recorded: finished/);
  });
});

describe("instead", () => {
  it("says what to do where there is no graph, and nothing where there is one", () => {
    expect(instead(initialState(BOOT), "Ctrl+Enter")?.text).toContain("Ctrl+Enter");
    expect(instead(after(status("running")), "")?.title).toBe("No backward() yet");
    expect(instead(after(end("finished")), "")?.text).toContain("requires_grad=True");
    expect(instead(after(failure({ explanation: "Do this." }), end("failed")), "")?.text).toBe("Do this.");
    expect(instead(after(graph("g", ["a"])), "")).toBeNull();
  });
});

describe("kept", () => {
  it("says what is kept when a limit ended the run", () => {
    expect(kept(after(frame(null, 9), end("timeout")))).toBe("What it recorded up to step 9 is kept.");
    expect(kept(after(end("lost")))).toBeNull();
    expect(kept(after(frame(null, 9), end("finished")))).toBeNull();
  });
});

describe("seconds", () => {
  it("has as many digits as one reads", () => {
    expect([0.1234, 1.31, 42.4].map(seconds)).toEqual(["0.12 s", "1.3 s", "42 s"]);
  });
});
