/** Between a slider's place (0 to 1) and its value. */

export interface Range {
  min: number;
  max: number;
}

/** The range of a parameter; a bound that the program did not give is taken from the value. */
export function bounds({ value, min, max }: { value: number; min: number | null; max: number | null }): Range {
  const least = min ?? Math.min(0, value * 2);
  const most = max ?? Math.max(0, value * 2);
  return { min: least, max: most > least ? most : least + 1 };
}

/** Where `value` stands in the range, from 0 to 1. */
export function fraction({ min, max }: Range, value: number): number {
  return Math.min(1, Math.max(0, (value - min) / (max - min)));
}

/** The value at a place of the slider, rounded to what the slider can tell apart. */
export function valueAt({ min, max }: Range, place: number): number {
  const digits = Math.max(0, 3 - Math.floor(Math.log10(max - min)));
  return Number((min + place * (max - min)).toFixed(Math.min(20, digits)));
}

/** A value as one reads it. */
export function written(value: number): string {
  return String(Number(value.toPrecision(4)));
}
