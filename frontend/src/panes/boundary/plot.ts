/** A decision boundary as things to draw: cells, points, axes, words. No Svelte, no DOM. */

import type { Rgb } from "../../lib/draw/colours";
import { figure } from "../../lib/draw/numbers";
import type { BoundaryEvent } from "../../protocol/types.generated";

/** A data point: where it stands, from 0 to 1 from the left and from the top, its class and the class of its cell. */
export interface PlotPoint {
  x: number;
  y: number;
  label: number;
  predicted: number;
}

/** The data points of a boundary. */
export function pointsOf(event: BoundaryEvent): PlotPoint[] {
  const view = new DataView(event.points.buffer, event.points.byteOffset, event.points.byteLength);
  const count = Math.min(Math.floor(view.byteLength / 8), event.labels.length);
  const points: PlotPoint[] = [];
  for (let at = 0; at < count; at += 1) {
    const x = (view.getFloat32(at * 8, true) - event.x0) / (event.x1 - event.x0);
    const up = (view.getFloat32(at * 8 + 4, true) - event.y0) / (event.y1 - event.y0);
    points.push({ x, y: 1 - up, label: event.labels[at], predicted: cellAt(event, x, up) });
  }
  return points;
}

/** The class of the cell at (x, up), both from 0 to 1 from the lower left. */
function cellAt(event: BoundaryEvent, x: number, up: number): number {
  const column = Math.min(event.columns - 1, Math.max(0, Math.floor(x * event.columns)));
  const row = Math.min(event.rows - 1, Math.max(0, Math.floor(up * event.rows)));
  return event.grid[row * event.columns + column];
}

/** The grid's pixels, the top row first: `colours` by class. */
export function gridPixels(event: BoundaryEvent, colours: readonly Rgb[]): Uint8ClampedArray<ArrayBuffer> {
  const data = new Uint8ClampedArray(event.rows * event.columns * 4);
  for (let row = 0; row < event.rows; row += 1) {
    for (let column = 0; column < event.columns; column += 1) {
      const kind = event.grid[(event.rows - 1 - row) * event.columns + column];
      data.set([...colours[kind % colours.length], 255], (row * event.columns + column) * 4);
    }
  }
  return data;
}

/** Round numbers on an axis from `low` to `high`, about `count` of them. */
export function ticks(low: number, high: number, count = 5): number[] {
  const rough = (high - low) / count;
  if (!(rough > 0) || !Number.isFinite(rough)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const unit = [1, 2, 5, 10].find((each) => each * power >= rough) ?? 10;
  const step = unit * power;
  const found: number[] = [];
  for (let at = Math.ceil(low / step); at * step <= high; at += 1) found.push(Number((at * step).toPrecision(12)));
  return found;
}

/** A tick's label. */
export function tickText(tick: number): string {
  return String(tick).replace("-", "−");
}

/** The picture in words. */
export function inWords(event: BoundaryEvent, points: readonly PlotPoint[]): string {
  const where = `over the plane from (${figure(event.x0)}, ${figure(event.y0)}) to (${figure(event.x1)}, ${figure(event.y1)})`;
  const start = `Decision boundary of ${event.classes} classes at step ${event.step}, ${where}.`;
  if (points.length === 0) return start;
  const right = points.filter((point) => point.label === point.predicted).length;
  return `${start} ${right} of ${points.length} points lie in their own region.`;
}

/** The SVG path of a class's mark around (0, 0): classes differ in shape, not in colour alone. */
export function markPath(kind: number): string {
  const marks = [
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
    "M0 -4.6L4.4 3.4H-4.4z",
    "M-3.6 -3.6H3.6V3.6H-3.6z",
    "M0 -5L4.6 0L0 5L-4.6 0z",
    "M-4 -1.4H-1.4V-4H1.4V-1.4H4V1.4H1.4V4H-1.4V1.4H-4z",
    "M0 4.6L-4.4 -3.4H4.4z",
  ];
  return marks[kind % marks.length];
}
