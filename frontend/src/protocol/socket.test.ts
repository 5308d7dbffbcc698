import { encode } from "@msgpack/msgpack";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { stdout } from "../testing/events";
import { FakeSocket } from "../testing/sockets";
import { type Connection, RunSocket } from "./socket";
import type { AnyEvent } from "./types.generated";

function setUp() {
  const received: AnyEvent[] = [];
  const states: [Connection, string][] = [];
  let ended = false;
  const socket = new RunSocket({
    url: "ws://localhost/ws/runs/r1/?token=t",
    after: () => received[received.length - 1]?.seq ?? 0,
    ended: () => ended,
    receive: (event) => received.push(event),
    state: (connection, reason) => states.push([connection, reason]),
    Socket: FakeSocket as unknown as typeof WebSocket,
  });
  return { socket, received, states, end: () => (ended = true), last: () => FakeSocket.last };
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.made = [];
});
afterEach(() => vi.useRealTimers());

describe("RunSocket", () => {
  it("asks for everything, then, after a loss, for what comes after the last event it got", () => {
    const { received, states, last } = setUp();
    expect(last().url.searchParams.get("after")).toBe("0");
    expect(last().url.searchParams.get("token")).toBe("t");
    last().open();
    const first = stdout("a");
    last().brings(first);
    last().lose();
    expect(states[states.length - 1]).toEqual(["lost", ""]);
    vi.advanceTimersByTime(200);
    expect(FakeSocket.made).toHaveLength(2);
    expect(last().url.searchParams.get("after")).toBe(String(first.seq));
    last().open();
    last().brings(stdout("b"));
    expect(received).toHaveLength(2);
    expect(states[states.length - 1]).toEqual(["open", ""]);
  });

  it("waits longer from try to try, and no longer than five seconds", () => {
    const { last } = setUp();
    last().lose();
    const waits = [200, 400, 800, 1600, 3200, 5000, 5000];
    for (const [place, wait] of waits.entries()) {
      vi.advanceTimersByTime(wait - 1);
      expect(FakeSocket.made).toHaveLength(place + 1);
      vi.advanceTimersByTime(1);
      expect(FakeSocket.made).toHaveLength(place + 2);
      last().lose();
    }
  });

  it("reads binary frames", () => {
    const { received, last } = setUp();
    last().open();
    const event = { type: "frame", seq: 1, step: 3, stats: Uint8Array.of(1, 2) };
    const bytes = encode(event);
    last().onmessage?.({ data: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) });
    expect(received[0]).toMatchObject({ type: "frame", step: 3 });
    expect([...(received[0] as unknown as typeof event).stats]).toEqual([1, 2]);
  });

  it("reads the bytes of a file from a text frame", () => {
    const { received, last } = setUp();
    last().open();
    last().onmessage?.({ data: JSON.stringify({ type: "file", seq: 1, name: "a", offset: 0, size: 2, data: "AP8=" }) });
    expect(received[0]).toMatchObject({ data: Uint8Array.of(0, 255) });
  });

  it("sends commands when it is open, and those of the meantime when it is back", () => {
    const { socket, last } = setUp();
    socket.send({ type: "pause" });
    last().open();
    socket.send({ type: "resume" });
    expect(last().said).toEqual(["subscribe", "pause", "resume"]);
    last().lose();
    socket.send({ type: "stop" });
    vi.advanceTimersByTime(200);
    last().open();
    expect(last().said).toEqual(["subscribe", "stop"]);
  });

  it("does not come back to a run that has ended, or that it was refused", () => {
    const over = setUp();
    over.last().open();
    over.end();
    over.last().lose(1000);
    expect(over.states[over.states.length - 1]).toEqual(["closed", ""]);

    const refused = setUp();
    refused.last().open();
    refused.last().lose(4404, "There is no such run.");
    expect(refused.states[refused.states.length - 1]).toEqual(["closed", "There is no such run."]);
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.made).toHaveLength(2);
  });

  it("takes the network's word that it is gone and that it is back", () => {
    const { socket, states, last } = setUp();
    last().open();
    const before = last();
    socket.drop();
    expect(states[states.length - 1]).toEqual(["lost", ""]);
    before.brings(stdout("from the old connection"));
    socket.hurry();
    expect(FakeSocket.made).toHaveLength(2);
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.made).toHaveLength(2);
  });

  it("stays closed when it was closed", () => {
    const { socket, last } = setUp();
    last().open();
    socket.close();
    last().lose();
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.made).toHaveLength(1);
  });
});
