/** A recorded run as a file: what the first visit plays, what a snippet replays. */

import { decode } from "@msgpack/msgpack";
import type { AnyEvent, Status, TensorEvent } from "./types.generated";

export interface Recording {
  code: string;
  title: string;
  device: string;
  seed: number | null;
  params: Record<string, number>;
  status: Status;
  engine_version: string;
  events: AnyEvent[];
  tensors: TensorEvent[];
}

/** What a binary frame or a recording's file says. */
export function unpack<T>(bytes: ArrayBuffer): T {
  return decode(new Uint8Array(bytes)) as T;
}
