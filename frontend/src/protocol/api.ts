/** The server's HTTP calls that the page makes. What fails comes back as an `ApiError` whose message is a sentence. */

import { type Recording, unpack } from "./recording";
import type { GradientStatistics, Problem, Status, TensorEvent, What } from "./types.generated";

export interface CreatedRun {
  id: string;
  status: Status;
  url: string;
  websocket: string;
  control_token: string;
}

export interface Program {
  code: string;
  device: "auto" | "cpu" | "gpu";
  seed: number | null;
  params: Record<string, number>;
}

export interface NewSnippet extends Program {
  title: string;
  run: string | null;
  parent: string | null;
  view: object;
}

export interface CreatedSnippet {
  slug: string;
  url: string;
  embed_url: string;
  /** Null where the same content was shared before. */
  edit_token: string | null;
}

export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code = "",
    readonly field: string | null = null,
  ) {
    super(message);
  }
}

/** Starts a program. */
export function createRun(program: Program): Promise<CreatedRun> {
  return post("/api/runs/", { ...program, wait: false });
}

/** Stops, holds or continues a run by its token; for when there is no socket to say it through. */
export function control(run: string, action: "stop" | "pause" | "resume" | "step", token: string): Promise<unknown> {
  return post(`/api/runs/${run}/${action}/`, {}, { headers: { "X-Run-Token": token }, keepalive: true });
}

export function createSnippet(snippet: NewSnippet): Promise<CreatedSnippet> {
  return post("/api/snippets/", snippet);
}

export function forkSnippet(slug: string, changed: { code: string; title: string }): Promise<CreatedSnippet> {
  return post(`/api/snippets/${encodeURIComponent(slug)}/fork/`, changed);
}

/** How a run stands, without its curves. */
export interface Standing {
  status: Status;
  error: Problem | null;
  steps: number;
  duration_s: number;
  gradients: Record<string, GradientStatistics>;
  /** How many events its record has. */
  events: number;
}

/** How a run stands by the server's account. */
export async function standing(run: string, token: string): Promise<Standing> {
  const answer = await call(`/api/runs/${run}/`, { headers: { "X-Run-Token": token } });
  return (await answer.json()) as Standing;
}

/** One tensor of a run that has ended; of a run that goes on the socket's `inspect` asks. */
export async function tensor(
  run: string,
  token: string,
  asked: { node: string; step: number | "live"; what: What; slice: string },
): Promise<TensorEvent> {
  const query = new URLSearchParams({ what: asked.what });
  if (asked.step !== "live") query.set("step", String(asked.step));
  if (asked.slice) query.set("slice", asked.slice);
  const path = `/api/runs/${run}/tensors/${encodeURIComponent(asked.node)}/?${query}`;
  const answer = await call(path, { headers: token ? { "X-Run-Token": token } : {} });
  return (await answer.json()) as TensorEvent;
}

/** A recorded run. */
export async function recording(url: string): Promise<Recording> {
  return unpack<Recording>(await (await call(url, {})).arrayBuffer());
}

async function post<T>(path: string, body: object, init: RequestInit = {}): Promise<T> {
  const answer = await call(path, {
    ...init,
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken(document.cookie), ...init.headers },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as T;
}

async function call(path: string, init: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, { credentials: "same-origin", ...init });
  } catch {
    throw new ApiError("The server cannot be reached. Your code is kept here; try again in a moment.", 0);
  }
  if (!answer.ok) throw await refusal(answer);
  return answer;
}

/** What a refusing answer says, in a sentence. */
export async function refusal(answer: Response): Promise<ApiError> {
  const wait = Number(answer.headers.get("Retry-After"));
  const again = wait > 0 ? ` Try again in ${wait} ${wait === 1 ? "second" : "seconds"}.` : "";
  try {
    const { error } = (await answer.json()) as { error: { code: string; message: string; field: string | null } };
    return new ApiError(error.message + again, answer.status, error.code, error.field);
  } catch {
    return new ApiError(`The server answered with an error (${answer.status}).${again}`, answer.status);
  }
}

/** The token that Django wants to see again from a page that has a session. */
export function csrfToken(cookies: string): string {
  const found = /(?:^|;\s*)csrftoken=([^;]*)/.exec(cookies);
  return found ? decodeURIComponent(found[1]) : "";
}
