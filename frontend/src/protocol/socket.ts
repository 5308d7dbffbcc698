/** One run's connection: events in order, commands out, and back after a loss without a hole. */

import { unpack } from "./recording";
import type { AnyEvent, ClientMessage } from "./types.generated";

/** `lost` until it is back; `closed` for good, with the server's reason where it gave one. */
export type Connection = "connecting" | "open" | "lost" | "closed";

export interface SocketOptions {
  /** The run's address, with its token, without `after`. */
  url: string;
  /** The highest sequence number that is already there. */
  after: () => number;
  /** Whether the run has ended: then a close is no loss. */
  ended: () => boolean;
  receive: (event: AnyEvent) => void;
  state: (connection: Connection, reason: string) => void;
  Socket?: typeof WebSocket;
}

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5000;

export class RunSocket {
  private socket: WebSocket | null = null;
  private wait = FIRST_WAIT_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private unsent: ClientMessage[] = [];
  private subscription: ClientMessage = { type: "subscribe", nodes: "all" };
  private done = false;

  constructor(private readonly options: SocketOptions) {
    this.connect();
  }

  /** Sends a command, or keeps it until the connection is back. */
  send(message: ClientMessage): void {
    if (message.type === "subscribe") this.subscription = message;
    else if (!this.isOpen) this.unsent.push(message);
    if (this.isOpen) this.socket!.send(JSON.stringify(message));
  }

  /** Ends the connection for good. */
  close(): void {
    const { socket } = this;
    this.forget();
    socket?.close(1000);
    this.finish("");
  }

  /** The network went: do not wait for the transport to notice. */
  drop(): void {
    if (this.done || this.socket === null) return;
    const socket = this.socket;
    this.forget();
    socket.close();
    this.retry();
  }

  /** The network is back: do not wait for the next try. */
  hurry(): void {
    if (this.done || this.socket !== null) return;
    clearTimeout(this.timer);
    this.connect();
  }

  private get isOpen(): boolean {
    return this.socket !== null && this.socket.readyState === 1;
  }

  private connect(): void {
    const address = new URL(this.options.url);
    address.searchParams.set("after", String(this.options.after()));
    const socket = new (this.options.Socket ?? WebSocket)(address);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.wait = FIRST_WAIT_MS;
      this.options.state("open", "");
      for (const message of [this.subscription, ...this.unsent.splice(0)]) this.send(message);
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) =>
      this.options.receive(typeof data === "string" ? parse(data) : unpack<AnyEvent>(data));
    socket.onclose = ({ code, reason }) => {
      if (this.socket !== socket) return;
      this.forget();
      // The server refuses with a 4xxx code: asking again would bring the same answer.
      if (this.done || this.options.ended() || (code >= 4400 && code < 4429)) this.finish(reason);
      else this.retry();
    };
  }

  private retry(): void {
    this.options.state("lost", "");
    this.timer = setTimeout(() => this.connect(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
  }

  private forget(): void {
    if (this.socket) this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.socket = null;
  }

  private finish(reason: string): void {
    if (this.done) return;
    this.done = true;
    clearTimeout(this.timer);
    this.options.state("closed", reason);
  }
}

/** The event in a text frame, in which bytes are written as base64. */
function parse(text: string): AnyEvent {
  const event = JSON.parse(text) as AnyEvent;
  if (event.type !== "file") return event;
  const data = Uint8Array.from(atob(event.data as unknown as string), (character) => character.charCodeAt(0));
  return { ...event, data };
}
