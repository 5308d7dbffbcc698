/** How a card is coloured: a fixed scale in nine steps, so that colours mean the same in every step of every run. */

import type { Statistics } from "../../protocol/types.generated";

/** What the colours of the graph show. */
export type Colouring = "value" | "gradient";

/** "none" or a palette and a place on it: `v0` (negative) … `v4` (zero) … `v8`; `g0` (vanishing) … `g8` (exploding). */
export type Tone = string;

export const TONES = 9;
const SMALLEST = -6; // log10 of the gradient norm that has the palest tone
const LARGEST = 2;

/** Signed values: zero in the middle, ±1 halfway out. */
export function valueTone(value: Statistics | null): Tone {
  if (!value || value.mean === null) return troubled(value);
  if (value.nan > 0 || value.inf > 0) return "bad";
  const squashed = value.mean / (1 + Math.abs(value.mean));
  return `v${Math.round((squashed + 1) * ((TONES - 1) / 2))}`;
}

/** Gradient norms, by their power of ten from 1e−6 to 1e2. */
export function gradientTone(grad: Statistics | null): Tone {
  if (!grad || grad.norm === null) return troubled(grad);
  if (grad.nan > 0 || grad.inf > 0) return "bad";
  return `g${Math.round(gradientLevel(grad.norm) * (TONES - 1))}`;
}

/** Where a gradient norm stands between vanishing (0) and exploding (1). */
export function gradientLevel(norm: number): number {
  if (norm <= 0) return 0;
  return Math.min(1, Math.max(0, (Math.log10(norm) - SMALLEST) / (LARGEST - SMALLEST)));
}

function troubled(statistics: Statistics | null): Tone {
  return statistics && (statistics.nan > 0 || statistics.inf > 0) ? "bad" : "none";
}
