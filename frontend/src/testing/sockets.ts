/** The browser's side of a connection, driven by the test. */

import type { AnyEvent } from "../protocol/types.generated";

export class FakeSocket {
  static made: FakeSocket[] = [];
  readyState = 0;
  binaryType = "";
  readonly url: URL;
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: ((close: { code: number; reason: string }) => void) | null = null;

  constructor(url: string | URL) {
    this.url = new URL(url);
    FakeSocket.made.push(this);
  }

  /** The one that was opened last. */
  static get last(): FakeSocket {
    return FakeSocket.made[FakeSocket.made.length - 1];
  }

  /** The types of the messages that were sent. */
  get said(): string[] {
    return this.sent.map((text) => (JSON.parse(text) as { type: string }).type);
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  brings(event: AnyEvent): void {
    this.onmessage?.({ data: JSON.stringify(event) });
  }

  lose(code = 1006, reason = ""): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.readyState = 3;
  }
}
