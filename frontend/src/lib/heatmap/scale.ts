/** From numbers to places on a palette. */

/** A scale: `signed` ones run from −limit over zero to limit, others from low to high. */
export interface Scale {
  signed: boolean;
  low: number;
  high: number;
}

/** The scale of some numbers. Where both signs occur, zero is the middle; missing numbers do not count. */
export function scaleOf(values: readonly (number | null)[]): Scale {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return { signed: false, low: 0, high: 0 };
  if (low >= 0) return { signed: false, low: 0, high };
  const limit = Math.max(-low, high);
  return { signed: true, low: -limit, high: limit };
}

/** Where `value` stands between the scale's ends, from 0 to 1; null for what is no finite number. */
export function placeOn(scale: Scale, value: number | null): number | null {
  if (value === null || !Number.isFinite(value)) return null;
  if (scale.high === scale.low) return scale.signed ? 0.5 : 0;
  return Math.min(1, Math.max(0, (value - scale.low) / (scale.high - scale.low)));
}
