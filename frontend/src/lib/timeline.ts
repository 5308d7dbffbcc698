/** Lists of things that have a training step, by rising step. */

interface Stepped {
  readonly step: number;
}

/** The place of the last item at or before `step`; -1 where all come after it. */
export function lastAtOrBefore(items: readonly Stepped[], step: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle].step <= step) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** About half of `items`: every second one of the older three quarters is left out, the first and the newest stay. */
export function thin<T>(items: readonly T[]): T[] {
  const keepFrom = Math.floor(items.length * 0.75);
  return items.filter((_, place) => place === 0 || place >= keepFrom || place % 2 === 0);
}
