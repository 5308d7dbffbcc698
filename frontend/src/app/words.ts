/** The page's sentences about a run: where it stands, and what to do where there is nothing to see. */

import type { Trace } from "../lib/trace";
import type { State } from "./store";

export type Tone = "quiet" | "busy" | "good" | "bad";

export interface Words {
  text: string;
  tone: Tone;
}

/** "1 step", "2 steps". */
export function count(number: number, thing: string): string {
  return `${number.toLocaleString("en")} ${thing}${number === 1 ? "" : "s"}`;
}

/** A time in seconds as one reads it. */
export function seconds(time: number): string {
  return time < 10 ? `${time.toFixed(time < 1 ? 2 : 1)} s` : `${Math.round(time)} s`;
}

/** Where the run stands, in one line. */
export function standing({ starting, run, trace }: State): Words {
  if (starting) return { text: "Starting", tone: "busy" };
  if (run === null) return { text: "Nothing run yet", tone: "quiet" };
  const words = standingOf(trace);
  return run.recorded ? { text: `Recorded: ${lowerFirst(words.text)}`, tone: words.tone } : words;
}

function standingOf(trace: Trace): Words {
  const step = trace.range?.last;
  const at = step === undefined ? "" : ` at step ${step}`;
  switch (trace.status) {
    case null:
    case "starting":
      return { text: "Starting", tone: "busy" };
    case "queued":
      return { text: queued(trace), tone: "busy" };
    case "running":
      return { text: step === undefined ? "Running" : `Running, step ${step}`, tone: "busy" };
    case "paused":
      return { text: `Paused${at}`, tone: "busy" };
    case "finished": {
      const { finished } = trace;
      if (!finished) return { text: "Finished", tone: "good" };
      const steps = finished.steps > 0 ? `, ${count(finished.steps, "step")}` : "";
      return { text: `Finished${steps} in ${seconds(finished.duration_s)}`, tone: "good" };
    }
    case "failed":
      return { text: trace.error?.line ? `Failed in line ${trace.error.line}` : "Failed", tone: "bad" };
    case "stopped":
      return { text: `Stopped${at}`, tone: "quiet" };
    case "timeout":
      return { text: `Time limit reached${at}`, tone: "bad" };
    case "killed":
      return { text: trace.error?.limit ? `Ended by the ${trace.error.limit} limit${at}` : `Ended${at}`, tone: "bad" };
    case "lost":
      return { text: `The worker was lost${at}`, tone: "bad" };
    default:
      return trace.status satisfies never;
  }
}

function queued({ queue }: Trace): string {
  const place = queue?.place ? `Queued, place ${queue.place}` : "Queued";
  return queue?.expected_s ? `${place}, about ${seconds(queue.expected_s)}` : place;
}

/** What to say where the graph would be; null where there is a graph. */
export function instead(state: State, runKey: string): { title: string; text: string } | null {
  const { trace, run, starting } = state;
  if (trace.graphs.size > 0 || starting) return null;
  if (run === null) {
    const press = state.code.trim() === "" ? "Write a program and press Run" : "Press Run";
    return {
      title: "Nothing run yet",
      text: `${press} (${runKey}). The graph of the program's first backward() appears here.`,
    };
  }
  if (!trace.ended) {
    if (trace.status === "queued") {
      const text = "Other programs are running. Yours starts by itself as soon as there is room.";
      return { title: queued(trace), text };
    }
    return { title: "No backward() yet", text: "The graph is drawn at the program's first backward(), or when it ends." };
  }
  if (trace.error) {
    return { title: standingOf(trace).text, text: trace.error.explanation ?? trace.error.message };
  }
  return {
    title: "No gradients in this program",
    text: "Make a tensor with requires_grad=True and compute one number from it; backward() on that number fills them in.",
  };
}

/** What is kept of a run that a limit or a lost worker ended; null after every other. */
export function kept({ trace, run }: State): string | null {
  if (run === null || run.recorded || !trace.range) return null;
  const cut = trace.status === "timeout" || trace.status === "killed" || trace.status === "lost";
  return cut ? `What it recorded up to step ${trace.range.last} is kept.` : null;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
