/** What the page does: opens programs, runs, holds and shares them. It changes the state only through the store. */

import { failedNode } from "../lib/layout/hierarchy";
import { markFirst, markRun } from "../lib/marks";
import { tellingNode } from "../lib/telling";
import { type Moment, Trace } from "../lib/trace";
import * as api from "../protocol/api";
import type { Recording } from "../protocol/recording";
import { RunSocket } from "../protocol/socket";
import { type AnyEvent, type ClientMessage, FINAL, type Inspect, VERSION } from "../protocol/types.generated";
import type { Boot } from "./boot";
import { readView, viewOf } from "./link";
import { recall, remember } from "./memory";
import { Player } from "./player";
import { isActive, type Run, type State, type Store } from "./store";

/** How long the run before stays on the screen while the new one has nothing to show yet. */
const PATIENCE_MS = 400;
/** A slider that is being moved speaks to the program no more often. */
const SLIDER_MS = 50;

export class Session {
  readonly player: Player;
  private socket: RunSocket | null = null;
  /** The run behind the socket, from before there is anything of it to show. */
  private followed: { run: Run; trace: Trace } | null = null;
  /** Rises with each start: what belongs to an older one is dropped when it arrives. */
  private generation = 0;
  private asked = new Set<string>();
  /** Sliders whose last place the program does not know yet. */
  private moved = new Map<string, number>();

  constructor(
    private readonly store: Store,
    private readonly boot: Boot,
    private readonly reducedMotion: () => boolean,
  ) {
    this.player = new Player(store);
  }

  /** The browser noticed that the network went or came back. */
  network(up: boolean): void {
    if (up) this.socket?.hurry();
    else this.socket?.drop();
  }

  /** The page is left: a program that nobody watches any more makes room for others. */
  end(): void {
    this.generation += 1;
    this.leave();
  }

  /** Shows what the page was opened for. Nothing is executed. */
  async open(): Promise<void> {
    const view = readView(this.boot.snippet?.view ?? {}, location.hash);
    if (view.tab) this.store.change({ type: "tab", tab: view.tab });
    const playground = this.boot.page === "playground";
    const draft = playground ? readDraft() : null;
    if (draft !== null) this.store.change({ type: "program", ...draft });
    const url = this.boot.run?.recording_url ?? (playground && draft === null ? this.boot.demo_url : null);
    if (!url) return;
    const generation = ++this.generation;
    const opened = this.store.state;
    try {
      const recording = await api.recording(url);
      if (generation !== this.generation) return;
      if (playground && !isEdited(opened, this.store.state)) this.takeProgram(recording);
      this.show(recording, view.step, view.node);
    } catch (error) {
      this.store.change({ type: "refused", message: `The recorded run could not be loaded. ${sentence(error)}` });
    }
  }

  /** Starts the program in the editor; a run that is still going is ended first. */
  async run(): Promise<void> {
    markRun();
    this.leave();
    const generation = ++this.generation;
    const { code, device, seed, params, title, page } = this.store.state;
    if (page === "playground") remember("draft", { program: { code, device, seed, params }, title });
    this.store.change({ type: "starting" });
    try {
      const created = await api.createRun({ code, device, seed, params });
      markFirst("run-created");
      if (generation === this.generation) this.follow(created, code);
      else void api.control(created.id, "stop", created.control_token).catch(() => undefined);
    } catch (error) {
      if (generation === this.generation) this.store.change({ type: "refused", message: sentence(error) });
    }
  }

  /** Ends the run, or the wait for it. */
  stop(): void {
    const { starting, connection } = this.store.state;
    if (starting && !this.socket) {
      this.generation += 1;
      this.store.change({ type: "refused", message: "Stopped before it began. Press Run to start again." });
    } else if (this.socket && connection === "open") this.socket.send({ type: "stop" });
    else this.stopByHttp()?.catch((error) => this.refuse(error));
  }

  /** Tells the running program something: pause, resume, step, set_param. */
  send(message: ClientMessage): void {
    this.socket?.send(message);
  }

  /** Moves a slider: of a running program at once; else `settle` starts the program again with the new value. */
  setParam(name: string, value: number, settle: boolean): void {
    this.store.change({ type: "param", name, value });
    if (isActive(this.store.state)) {
      if (this.moved.size === 0) setTimeout(() => this.sendMoved(), SLIDER_MS);
      this.moved.set(name, value);
    } else if (settle) void this.run();
  }

  /** Asks for a tensor's numbers; the answer arrives in the trace. The same question is put once. */
  inspect(question: Inspect): void {
    const { run, trace, step } = this.store.state;
    if (isActive(this.store.state)) {
      this.send(question);
      return;
    }
    if (!run?.id) return;
    const asked = { node: question.node, step: question.step ?? step, what: question.what ?? "value" };
    const key = JSON.stringify([run.id, asked, question.slice]);
    if (this.asked.has(key)) return;
    this.asked.add(key);
    void api
      .tensor(run.id, run.token, { ...asked, slice: question.slice ?? "" })
      .then((answer) => trace.addTensor(answer))
      .catch((error: unknown) => {
        // A refusal stays one; where the server was not reached, the next question may reach it.
        if (error instanceof api.ApiError && error.status === 0) this.asked.delete(key);
      });
  }

  /** Makes the short link of what is on the screen, and puts it on the clipboard where that is allowed. */
  async share(): Promise<void> {
    const { state } = this.store;
    if (state.share.phase === "working") return;
    this.store.change({ type: "share", share: { phase: "working" } });
    const { title, code, device, seed, params, run, snippet, trace } = state;
    // What a snippet carries does not change any more: a run that is still going, or of other code, stays behind.
    const carried = run !== null && run.code === code && trace.ended ? run.id : null;
    try {
      const created = await api.createSnippet({
        ...{ title, code, device, seed, params },
        run: carried,
        parent: snippet && snippet.code !== code ? snippet.slug : null,
        view: viewOf(state),
      });
      if (created.edit_token) remember(`edit.${created.slug}`, created.edit_token);
      const url = new URL(created.url, location.href).href;
      const copied = await navigator.clipboard.writeText(url).then(
        () => true,
        () => false,
      );
      this.store.change({ type: "share", share: { phase: "done", url, copied } });
    } catch (error) {
      this.store.change({ type: "share", share: { phase: "failed", message: sentence(error) } });
    }
  }

  /** Makes a child of the opened snippet with the code as it stands, and goes there. */
  async fork(): Promise<void> {
    const { snippet, code, title } = this.store.state;
    if (!snippet) return;
    try {
      const created = await api.forkSnippet(snippet.slug, { code, title });
      if (created.edit_token) remember(`edit.${created.slug}`, created.edit_token);
      location.assign(created.url);
    } catch (error) {
      this.refuse(error);
    }
  }

  private takeProgram({ code, device, seed, params, title }: Recording): void {
    const known = device === "cpu" || device === "gpu" ? device : "auto";
    this.store.change({ type: "program", program: { code, device: known, seed, params }, title });
  }

  private show(recording: Recording, step: Moment, node: string | null): void {
    const { code } = recording;
    const { state } = this.store;
    const trace = new Trace();
    trace.addAll(recording.events);
    for (const tensor of recording.tensors) trace.addTensor(tensor);
    const run: Run = { id: this.boot.run?.id ?? null, token: "", code, recorded: true };
    this.store.change({ type: "trace", trace, run });
    if (node !== null) this.store.change({ type: "select", node });
    else this.pointOut(trace);
    // A program of one step has no curves: the numbers take their place.
    if (state.page === "lesson" && trace.frames.length === 1) this.store.change({ type: "drawer", open: true });
    if (step !== "live") this.store.change({ type: "step", step });
    else if (!this.reducedMotion()) this.player.play();
  }

  /** Chooses the op that failed; else, where nothing of this graph is chosen, what says most in the inspector. */
  private pointOut(trace: Trace): void {
    const graph = trace.graphAt("live");
    const failed = graph && failedNode(graph, trace.error);
    const { selected } = this.store.state;
    if (!failed && graph?.nodes.some(({ id }) => id === selected)) return;
    this.store.change({ type: "point-out", node: failed?.id ?? tellingNode(graph) });
  }

  private follow(created: api.CreatedRun, code: string): void {
    const trace = new Trace();
    const run: Run = { id: created.id, token: created.control_token, code, recorded: false };
    const address = new URL(created.websocket, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    address.searchParams.set("token", created.control_token);
    let shown = false;
    const show = () => {
      if (shown || this.socket !== socket) return;
      shown = true;
      this.store.change({ type: "trace", trace, run });
    };
    setTimeout(show, PATIENCE_MS);
    this.store.change({ type: "connection", connection: "connecting" });
    const socket = new RunSocket({
      url: address.href,
      after: () => trace.seq,
      ended: () => trace.finished !== null,
      receive: (event) => {
        markFirst(event.type === "graph" ? "first-graph" : "first-event");
        trace.add(event);
        if (isWorthShowing(event)) show();
        if (event.type === "graph" || event.type === "error") this.pointOut(trace);
        if (trace.finished) socket.close();
      },
      state: (connection, reason) => {
        if (this.socket !== socket) return;
        if (connection === "open" && this.store.state.connection === "lost") void this.catchUp(run, trace);
        this.store.change({ type: "connection", connection: connection === "closed" ? null : connection });
        if (connection === "closed" && reason && !trace.finished) {
          shown = true;
          this.store.change({ type: "refused", message: reason });
        }
      },
    });
    this.socket = socket;
    this.followed = { run, trace };
  }

  /**
   * Asks how the run stands after a loss. A server that was started anew knows less of it than this page does, so that
   * no event will come any more that says how it ended.
   */
  private async catchUp({ id, token }: Run, trace: Trace): Promise<void> {
    const known = id === null ? null : await api.standing(id, token).catch(() => null);
    if (!known || !FINAL.includes(known.status) || known.events > trace.seq || trace.finished) return;
    const { status, error, steps, duration_s } = known;
    const envelope = { v: VERSION, seq: 0, t: 0 };
    if (error) trace.add({ ...envelope, type: "error", error, message: error.message, line: error.line });
    trace.add({ ...envelope, type: "finished", status, steps, duration_s, gradients: known.gradients });
    if (this.followed?.trace === trace) this.socket?.close();
  }

  private leave(): void {
    void this.stopByHttp()?.catch(() => undefined);
    this.socket?.close();
    this.socket = this.followed = null;
    this.asked.clear();
    this.moved.clear();
    this.player.pause();
  }

  /** Ends the followed run without its socket; null where none is under way. */
  private stopByHttp(): Promise<unknown> | null {
    if (!this.followed || this.followed.trace.ended) return null;
    const { id, token } = this.followed.run;
    return id === null ? null : api.control(id, "stop", token);
  }

  private sendMoved(): void {
    for (const [name, value] of this.moved) this.send({ type: "set_param", name, value });
    this.moved.clear();
  }

  private refuse(error: unknown): void {
    this.store.change({ type: "refused", message: sentence(error) });
  }
}

/** Whether the visitor has touched the program: a recording that comes late must not take what was typed. */
function isEdited(before: State, now: State): boolean {
  return (["code", "title", "device", "seed", "params"] as const).some((part) => before[part] !== now[part]);
}

/** The run before stays on the screen until the new one has more to say than that it begins. */
function isWorthShowing(event: AnyEvent): boolean {
  return event.type !== "status" || !["queued", "starting", "running"].includes(event.status);
}

function readDraft(): { program: api.Program; title: string } | null {
  const draft = recall("draft") as { program?: Partial<api.Program>; title?: unknown } | null;
  const { code, device, seed, params } = draft?.program ?? {};
  if (typeof code !== "string" || code.trim() === "") return null;
  return {
    program: {
      code,
      device: device === "cpu" || device === "gpu" ? device : "auto",
      seed: typeof seed === "number" ? seed : null,
      params: params ?? {},
    },
    title: typeof draft?.title === "string" ? draft.title : "",
  };
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
