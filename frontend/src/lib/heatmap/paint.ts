/** A plane of numbers as a picture: one pixel a cell, enlarged by the browser without smoothing. */

import type { Rgb } from "../draw/colours";
import { placeOn, type Scale } from "./scale";
import type { Plane } from "./slices";

/** The colours of a scale's two ends and its middle (signed) or start (unsigned), and of what is no number. */
export interface Palette {
  negative: Rgb;
  zero: Rgb;
  positive: Rgb;
  missing: Rgb;
}

/** The colour at `place` (0 to 1) of a scale. Changes evenly in lightness from the middle outwards. */
export function colourAt(palette: Palette, signed: boolean, place: number | null): Rgb {
  if (place === null) return palette.missing;
  if (!signed) return mix(palette.zero, palette.positive, place);
  return place < 0.5
    ? mix(palette.zero, palette.negative, 1 - 2 * place)
    : mix(palette.zero, palette.positive, 2 * place - 1);
}

/** The pixels of a plane: rows × columns × red, green, blue, opacity. */
export function pixels(shown: Plane, scale: Scale, palette: Palette): Uint8ClampedArray<ArrayBuffer> {
  const data = new Uint8ClampedArray(shown.values.length * 4);
  shown.values.forEach((value, at) =>
    data.set([...colourAt(palette, scale.signed, placeOn(scale, value)), 255], at * 4),
  );
  return data;
}

/** Draws a plane on a canvas that has one pixel a cell. */
export function paint(canvas: HTMLCanvasElement, shown: Plane, scale: Scale, palette: Palette): void {
  canvas.width = Math.max(1, shown.columns);
  canvas.height = Math.max(1, shown.rows);
  if (shown.values.length === 0) return;
  const image = new ImageData(pixels(shown, scale, palette), shown.columns, shown.rows);
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}

function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const between = (a: number, b: number): number => Math.round(a + (b - a) * share);
  return [between(from[0], to[0]), between(from[1], to[1]), between(from[2], to[2])];
}
