import { encode } from "@msgpack/msgpack";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { envelope, error, graph, losses, node, status, stdout } from "../testing/events";
import { FakeSocket } from "../testing/sockets";
import type { Boot } from "./boot";
import { Session } from "./session";
import { initialState, Store } from "./store";

const BOOT: Boot = {
  ...{ page: "playground", snippet: null, lesson: null, run: null, demo_url: null },
  ...{ devices: [], limits: {}, version: "0" },
};

type Answer = { status: number; body: object };
let answers: Record<string, Answer | (() => Promise<Answer>)>;
let asked: { path: string; body: Record<string, unknown> }[];

function setUp(boot: Boot = BOOT): { store: Store; session: Session } {
  const store = new Store({ ...initialState(boot), code: "x = 1" });
  return { store, session: new Session(store, boot, () => true) };
}

function created(id: string): Answer {
  const body = { id, status: "queued", url: `/api/runs/${id}/`, websocket: `/ws/runs/${id}/`, control_token: "secret" };
  return { status: 201, body };
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.made = [];
  asked = [];
  answers = { "/api/runs/": created("r1"), "/api/runs/r1/stop/": { status: 202, body: {} } };
  vi.stubGlobal("document", { cookie: "" });
  vi.stubGlobal("location", { href: "https://play.example/", protocol: "https:", hash: "" });
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("cancelAnimationFrame", () => undefined);
  vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });
  vi.stubGlobal("navigator", { clipboard: { writeText: async () => undefined } });
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    asked.push({ path, body: JSON.parse((init.body as string | undefined) ?? "{}") });
    const known = answers[path];
    const answer = typeof known === "function" ? await known() : known;
    if (!answer) throw new TypeError(`no server for ${path}`);
    const body = path.endsWith("/recording/") ? encode(answer.body) : JSON.stringify(answer.body);
    return new Response(body, { status: answer.status });
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a run", () => {
  it("follows its socket by its token, over TLS where the page came so", async () => {
    const { session } = setUp();
    await session.run();
    expect(FakeSocket.last.url.href).toBe("wss://play.example/ws/runs/r1/?token=secret&after=0");
    expect(asked[0].body).toMatchObject({ code: "x = 1", wait: false });
  });

  it("leaves what was there on the screen until it has something to show", async () => {
    const { store, session } = setUp();
    const before = store.state.trace;
    await session.run();
    FakeSocket.last.open();
    FakeSocket.last.brings(status("running"));
    expect(store.state).toMatchObject({ trace: before, starting: true });
    FakeSocket.last.brings(graph("g", ["a"]));
    expect(store.state.trace.graphs.has("g")).toBe(true);
    expect(store.state).toMatchObject({ starting: false, run: { id: "r1", recorded: false } });
  });

  it("points out a node of a new graph, and the op that failed, and leaves what the visitor chose", async () => {
    const { store, session } = setUp();
    await session.run();
    FakeSocket.last.open();
    FakeSocket.last.brings(graph("g", ["a", "b"]));
    expect(store.state).toMatchObject({ selected: "b", drawer: false });
    store.change({ type: "select", node: "a" });
    FakeSocket.last.brings(graph("h", ["a", "b"]));
    expect(store.state.selected).toBe("a");
    const failed = { ...graph("i", ["a"]), nodes: [node("a"), node("c", { line: 3 })] };
    FakeSocket.last.brings(failed);
    FakeSocket.last.brings(error(3));
    expect(store.state.selected).toBe("c");
  });

  it("is shown after a moment also where it has nothing to show", async () => {
    const { store, session } = setUp();
    await session.run();
    FakeSocket.last.open();
    FakeSocket.last.brings({ ...envelope(), type: "status", status: "queued", place: 4, expected_s: 9 });
    vi.advanceTimersByTime(400);
    expect(store.state.trace.queue).toEqual({ place: 4, expected_s: 9 });
  });

  it("says in the server's words why it was refused, and keeps what was there", async () => {
    answers["/api/runs/"] = { status: 429, body: { error: { code: "rate", message: "Too many.", field: null } } };
    const { store, session } = setUp();
    const before = store.state.trace;
    await session.run();
    expect(store.state).toMatchObject({ refused: "Too many.", starting: false, trace: before });
  });

  it("that arrives after Stop is stopped and not followed", async () => {
    let arrive: (answer: Answer) => void = () => undefined;
    answers["/api/runs/"] = () => new Promise((resolve) => (arrive = resolve));
    const { store, session } = setUp();
    const running = session.run();
    session.stop();
    expect(store.state.starting).toBe(false);
    arrive(created("r1"));
    await running;
    expect(FakeSocket.made).toHaveLength(0);
    expect(asked.map(({ path }) => path)).toContain("/api/runs/r1/stop/");
  });

  it("is stopped through its socket, and by HTTP where the socket is lost", async () => {
    const { session } = setUp();
    await session.run();
    FakeSocket.last.open();
    FakeSocket.last.brings(stdout("hello"));
    session.stop();
    expect(FakeSocket.last.said).toContain("stop");
    session.network(false);
    session.stop();
    expect(asked.map(({ path }) => path)).toContain("/api/runs/r1/stop/");
  });

  it("is ended when the next one starts", async () => {
    const { store, session } = setUp();
    await session.run();
    const first = FakeSocket.last;
    first.open();
    first.brings(stdout("first"));
    answers["/api/runs/"] = created("r2");
    await session.run();
    expect(asked.map(({ path }) => path)).toContain("/api/runs/r1/stop/");
    first.brings(stdout("late"));
    expect(store.state.trace.stdout[0].text).toBe("first");
  });

  it("that has nothing to show yet is ended too when the page is left", async () => {
    const { session } = setUp();
    await session.run();
    session.end();
    expect(asked.map(({ path }) => path)).toContain("/api/runs/r1/stop/");
  });

  it("that a new server knows less of than this page is ended as the server says", async () => {
    const { store, session } = setUp();
    const lost = { status: "lost", error: null, steps: 0, duration_s: 0, gradients: {}, events: 1 };
    answers["/api/runs/r1/"] = { status: 200, body: lost };
    await session.run();
    FakeSocket.last.open();
    FakeSocket.last.brings(stdout("one"));
    FakeSocket.last.lose();
    await vi.advanceTimersByTimeAsync(200);
    FakeSocket.last.open();
    await vi.advanceTimersByTimeAsync(10);
    expect(store.state).toMatchObject({ connection: null, trace: { status: "lost" } });
  });

  it("that goes on is followed on after a loss", async () => {
    const { store, session } = setUp();
    const going = { status: "running", error: null, steps: 0, duration_s: 0, gradients: {}, events: 9 };
    answers["/api/runs/r1/"] = { status: 200, body: going };
    await session.run();
    FakeSocket.last.open();
    FakeSocket.last.brings(stdout("one"));
    FakeSocket.last.lose();
    await vi.advanceTimersByTimeAsync(200);
    FakeSocket.last.open();
    await vi.advanceTimersByTimeAsync(10);
    FakeSocket.last.brings(stdout(" two"));
    expect(store.state).toMatchObject({ connection: "open", trace: { finished: null } });
    expect(store.state.trace.stdout[0].text).toBe("one two");
  });

  it("says why the server closed its connection", async () => {
    const { store, session } = setUp();
    await session.run();
    FakeSocket.last.lose(4404, "There is no such run.");
    vi.advanceTimersByTime(1000);
    expect(store.state).toMatchObject({ refused: "There is no such run.", starting: false, connection: null });
  });
});

describe("opening", () => {
  const url = "/api/lessons/moons/recording/";
  const recorded = { title: "Moons", code: "y = 2", device: "cpu", seed: 3, params: {}, events: [], tensors: [] };

  async function opens(meanwhile: (store: Store) => void): Promise<Store> {
    let arrive: (answer: Answer) => void = () => undefined;
    answers[url] = () => new Promise((resolve) => (arrive = resolve));
    const { store, session } = setUp({ ...BOOT, demo_url: url });
    const opening = session.open();
    meanwhile(store);
    arrive({ status: 200, body: recorded });
    await opening;
    return store;
  }

  it("takes the program of the recording along", async () => {
    const store = await opens(() => undefined);
    expect(store.state).toMatchObject({ code: "y = 2", seed: 3, device: "cpu", title: "Moons" });
    expect(store.state.run).toMatchObject({ code: "y = 2", recorded: true });
  });

  it("leaves what was typed before the recording came", async () => {
    const store = await opens((store) => store.change({ type: "code", code: "z = 3" }));
    expect(store.state).toMatchObject({ code: "z = 3", seed: null });
    expect(store.state.run).toMatchObject({ code: "y = 2", recorded: true });
    const seeded = await opens((store) => store.change({ type: "seed", seed: 8 }));
    expect(seeded.state).toMatchObject({ code: "x = 1", seed: 8 });
  });
});

describe("a slider", () => {
  it("speaks to the program while it runs, and starts it again afterwards", async () => {
    const { store, session } = setUp();
    await session.run();
    FakeSocket.last.open();
    FakeSocket.last.brings(losses(1, [[1, 2]]));
    for (const value of [0.3, 0.4, 0.5]) session.setParam("lr", value, false);
    session.setParam("lr", 0.5, true);
    vi.advanceTimersByTime(50);
    expect(FakeSocket.last.said).toEqual(["subscribe", "set_param"]);
    expect(JSON.parse(FakeSocket.last.sent[1])).toMatchObject({ name: "lr", value: 0.5 });
    FakeSocket.last.brings(status("finished"));
    session.setParam("lr", 0.7, false);
    expect(asked).toHaveLength(1);
    session.setParam("lr", 0.7, true);
    expect(asked[1].body).toMatchObject({ params: { lr: 0.7 } });
    expect(store.state.starting).toBe(true);
  });
});

describe("sharing", () => {
  const made = { slug: "s1", url: "/s/s1/", embed_url: "/s/s1/embed/", edit_token: "e" };

  async function ran(ended = true) {
    answers["/api/snippets/"] = { status: 201, body: made };
    const page = setUp();
    await page.session.run();
    FakeSocket.last.open();
    FakeSocket.last.brings(losses(1, [[1, 2]]));
    if (ended) FakeSocket.last.brings(status("finished"));
    return page;
  }

  it("leaves the run out while it is going on", async () => {
    const { session } = await ran(false);
    await session.share();
    expect(asked[1].body).toMatchObject({ code: "x = 1", run: null });
  });

  it("takes the run along while the code is the one that ran", async () => {
    const { store, session } = await ran();
    await session.share();
    expect(asked[1].body).toMatchObject({ code: "x = 1", run: "r1", parent: null });
    expect(store.state.share).toEqual({ phase: "done", url: "https://play.example/s/s1/", copied: true });
  });

  it("leaves the run out when the code is another one", async () => {
    const { store, session } = await ran();
    store.change({ type: "code", code: "x = 2" });
    await session.share();
    expect(asked[1].body).toMatchObject({ code: "x = 2", run: null });
  });

  it("shows the link also where the clipboard is forbidden", async () => {
    vi.stubGlobal("navigator", { clipboard: { writeText: () => Promise.reject(new Error("no")) } });
    const { store, session } = await ran();
    await session.share();
    expect(store.state.share).toMatchObject({ phase: "done", copied: false });
  });
});
