/** Tensors' numbers, by node, step and part: from a recording's side record and from answers to `inspect`. */

import type { TensorEvent, What } from "../protocol/types.generated";
import { lastAtOrBefore } from "./timeline";

const MAX_NUMBERS = 2_000_000;

export class TensorShelf {
  private readonly shelves = new Map<string, TensorEvent[]>();
  private numbers = 0;

  add(event: TensorEvent): void {
    const key = keyOf(event.node, event.what, event.slice);
    const shelf = this.shelves.get(key) ?? [];
    const place = lastAtOrBefore(shelf, event.step);
    const replaced = shelf[place]?.step === event.step ? 1 : 0;
    const [old] = shelf.splice(place + 1 - replaced, replaced, event);
    this.shelves.delete(key); // set again below: the map's order is the order of use
    this.shelves.set(key, shelf);
    this.numbers += sizeOf(event) - (old ? sizeOf(old) : 0);
    while (this.numbers > MAX_NUMBERS && this.shelves.size > 1) this.dropOldest();
  }

  /** The tensor at `step` or the newest one before it; null where there is none. */
  find(node: string, step: number | "live", what: What, slice: string): TensorEvent | null {
    const shelf = this.shelves.get(keyOf(node, what, slice));
    if (!shelf) return null;
    return (step === "live" ? shelf[shelf.length - 1] : shelf[lastAtOrBefore(shelf, step)]) ?? null;
  }

  private dropOldest(): void {
    const [key, shelf] = this.shelves.entries().next().value!;
    this.shelves.delete(key);
    for (const event of shelf) this.numbers -= sizeOf(event);
  }
}

function keyOf(node: string, what: What, slice: string): string {
  return `${node}\n${what}\n${slice}`;
}

function sizeOf(event: TensorEvent): number {
  const exact = event.values === null ? 0 : event.shape.reduce((product, size) => product * size, 1);
  return 64 + exact + (event.picture?.values.length ?? 0);
}
