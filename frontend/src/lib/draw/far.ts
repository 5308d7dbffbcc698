/** The graph from afar: one canvas with a coloured rectangle an item, for when text could not be read anyway. */

import type { Placed } from "../layout/place";
import { colourOf } from "./colours";
import type { View } from "./scene";

export class FarView {
  private readonly colours = new Map<string, string>();
  private blank = true;

  constructor(private readonly canvas: HTMLCanvasElement) {}

  /** Draws `placed` as seen from `view`; null clears the canvas. `toneOf` gives an item's tone, `nameOf` a module's name. */
  draw(
    placed: Placed | null,
    view: View,
    extent: { width: number; height: number },
    toneOf: (id: string) => string,
    nameOf: (id: string) => string,
  ): void {
    if (placed === null && this.blank) return;
    const context = this.canvas.getContext("2d");
    if (!context) return;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(extent.width * ratio), Math.round(extent.height * ratio)];
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    this.blank = placed === null;
    if (placed === null) return;
    context.setTransform(view.k * ratio, 0, 0, view.k * ratio, view.x * ratio, view.y * ratio);
    this.drawFrames(context, placed);
    this.drawWires(context, placed, view.k);
    for (const box of placed.boxes) {
      if (box.open) continue;
      context.fillStyle = this.colour(toneOf(box.id));
      context.fillRect(box.x, box.y, box.width, box.height);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.drawNames(context, placed, view, nameOf);
  }

  /** Forgets the colours of the theme before. */
  recolour(): void {
    this.colours.clear();
  }

  private drawFrames(context: CanvasRenderingContext2D, placed: Placed): void {
    context.strokeStyle = this.colour("frame");
    context.lineWidth = 4;
    for (const box of placed.boxes) if (box.open) context.strokeRect(box.x, box.y, box.width, box.height);
  }

  private drawWires(context: CanvasRenderingContext2D, placed: Placed, k: number): void {
    context.strokeStyle = this.colour("wire");
    context.lineWidth = Math.max(1, 0.7 / k);
    context.beginPath();
    for (const wire of placed.wires) {
      wire.points.forEach(({ x, y }, at) => (at === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
    }
    context.stroke();
  }

  /** Names of modules that are large enough to bear one. */
  private drawNames(
    context: CanvasRenderingContext2D,
    placed: Placed,
    view: View,
    nameOf: (id: string) => string,
  ): void {
    context.font = "11px system-ui, sans-serif";
    context.fillStyle = this.colour("name");
    for (const box of placed.boxes) {
      const name = box.open ? nameOf(box.id) : "";
      const room = box.width * view.k - 8;
      if (name === "" || room < 30 || context.measureText(name).width > room) continue;
      context.fillText(name, box.x * view.k + view.x + 4, box.y * view.k + view.y + 13);
    }
  }

  private colour(name: string): string {
    let known = this.colours.get(name);
    if (known === undefined) this.colours.set(name, (known = colourOf(this.canvas, `--tone-${name}`)));
    return known;
  }
}
