/** The panes' sizes: shares of the window, kept within bounds in which every pane can still be read. */

/** `left`: the code column, `right`: the inspector, `text`: the lesson, of the width; the others of their height. */
export interface Sizes {
  left: number;
  right: number;
  text: number;
  bottom: number;
  output: number;
}

export type Border = keyof Sizes;

export const DEFAULT_SIZES: Sizes = { left: 0.33, right: 0.24, text: 0.24, bottom: 0.32, output: 0.24 };

export const BOUNDS: Record<Border, readonly [number, number]> = {
  left: [0.18, 0.55],
  right: [0.16, 0.4],
  text: [0.16, 0.4],
  bottom: [0.15, 0.6],
  output: [0.08, 0.7],
};

export const BORDER_NAMES: Record<Border, string> = {
  left: "Width of the code",
  right: "Width of the inspector",
  text: "Width of the lesson",
  bottom: "Height of the charts",
  output: "Height of the console",
};

/** `share` within the bounds of `border`. */
export function bounded(border: Border, share: number): number {
  const [least, most] = BOUNDS[border];
  return Math.min(most, Math.max(least, share));
}

const OPPOSITE: Record<string, string> = {
  ArrowLeft: "ArrowRight",
  ArrowRight: "ArrowLeft",
  ArrowUp: "ArrowDown",
  ArrowDown: "ArrowUp",
};

/** The size after a key on a separator; null where the key means nothing there. `grows`: the arrow that enlarges. */
export function sizeAfterKey(border: Border, share: number, key: string, grows: string): number | null {
  const [least, most] = BOUNDS[border];
  const shrinks = OPPOSITE[grows];
  if (key === grows) return bounded(border, share + 0.02);
  if (key === shrinks) return bounded(border, share - 0.02);
  if (key === "Home") return least;
  if (key === "End") return most;
  if (key === "Enter") return DEFAULT_SIZES[border];
  return null;
}

/** The sizes in what was remembered or shared; what is missing or no number is the default. */
export function readSizes(value: unknown): Sizes {
  const found = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  const sizes = { ...DEFAULT_SIZES };
  for (const border of Object.keys(sizes) as Border[]) {
    const share = found[border];
    if (typeof share === "number" && Number.isFinite(share)) sizes[border] = bounded(border, share);
  }
  return sizes;
}
