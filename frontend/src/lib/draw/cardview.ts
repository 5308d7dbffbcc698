/** Cards and open modules on the page: made once when they come into view, then only their numbers change. */

import type { Statistics } from "../../protocol/types.generated";
import type { Item } from "../layout/hierarchy";
import { HEADER, type Box } from "../layout/place";
import { faceOf, ROW, rowText, spoken, type Face, type Numbers } from "./card";
import { element, label, say, set } from "./svg";
import { gradientLevel, gradientTone, valueTone, type Colouring } from "./tone";

const GLYPH_X = 46;
const GLYPH_WIDTH = 40;
const CORNER = 5;

/** One item of the graph as it stands on the page. */
export interface CardView {
  readonly group: SVGGElement;
  /** Shows other numbers. */
  update(numbers: Numbers, colouring: Colouring): void;
  /** Says the present numbers to those who hear the page. */
  speak(numbers: Numbers): void;
}

/** A closed item: a value, a closed module or a closed run of equal modules. */
export class Card implements CardView {
  readonly group: SVGGElement;
  private readonly face: Face;
  private readonly valueText: SVGTextElement;
  private readonly gradText: SVGTextElement;
  private readonly range: SVGRectElement | null = null;
  private readonly bar: SVGRectElement | null = null;

  constructor(
    private readonly item: Item,
    box: Box,
    parent: Element,
  ) {
    const face = (this.face = faceOf(item));
    this.group = treeItem(item, box, parent, `card kind-${item.kind === "node" ? item.node.kind : item.kind}`);
    const { width, height } = face;
    if (item.kind === "fold") {
      for (const shift of [8, 4]) rectangle(this.group, "stack", shift, shift, width, height, CORNER);
    }
    const leaf = item.kind === "node" && (item.node.kind === "input" || item.node.kind === "parameter");
    rectangle(this.group, "face", 0, 0, width, height, leaf ? 14 : CORNER);
    if (item.kind === "node" && item.node.kind === "output") {
      rectangle(this.group, "inner", 3, 3, width - 6, height - 6, CORNER - 2);
    }
    rectangle(this.group, "stripe", leaf ? 9 : 5, 9, 3, face.rows - 12, 1.5);
    label(face.title, 14, 19, "title", this.group);
    if (face.tag !== "") label(face.tag, 14 + face.title.length * 7.4 + 6, 19, "tag", this.group);
    if (face.shape !== "") label(face.shape, width - 10, 19, "shape", this.group, "end");
    if (face.caption !== "") label(face.caption, 14, 34, "caption", this.group);
    element("line", { x1: 0, x2: width, y1: face.rows + 1, y2: face.rows + 1, class: "rule" }, this.group);
    this.valueText = this.row("value", face.rows + ROW - 2);
    this.gradText = this.row("grad", face.rows + 2 * ROW - 2);
    if (!face.scalar) {
      const y = face.rows + ROW - 6;
      rectangle(this.group, "track", GLYPH_X, y - 0.5, GLYPH_WIDTH, 1, 0);
      this.range = rectangle(this.group, "range", GLYPH_X, y - 3, 0, 6, 1);
      rectangle(this.group, "track", GLYPH_X, y + ROW - 0.5, GLYPH_WIDTH, 1, 0);
      this.bar = rectangle(this.group, "bar", GLYPH_X, y + ROW - 3, 0, 6, 1);
    }
    for (const chip of face.chips) {
      const group = element("g", { class: "chip", transform: `translate(${chip.x} ${chip.y})` }, this.group);
      group.dataset.chip = chip.id;
      rectangle(group, "pill", 0, 0, chip.width, chip.height, chip.height / 2);
      label(chip.text, 8, 12.5, "chip-text", group);
    }
  }

  update(numbers: Numbers, colouring: Colouring): void {
    const { shown, scalar } = this.face;
    const value = shown === null ? null : numbers(shown, "value");
    const grad = shown === null ? null : numbers(shown, "grad");
    say(this.valueText, rowText(value, "value", scalar));
    say(this.gradText, rowText(grad, "grad", scalar));
    set(this.group, "data-tone", colouring === "value" ? valueTone(value) : gradientTone(grad));
    if (this.range) showRange(this.range, value);
    if (this.bar) set(this.bar, "width", (gradientLevel(grad?.norm ?? 0) * GLYPH_WIDTH).toFixed(1));
    for (const chip of this.group.querySelectorAll<SVGGElement>(".chip")) {
      const id = chip.dataset.chip ?? "";
      set(
        chip,
        "data-tone",
        colouring === "value" ? valueTone(numbers(id, "value")) : gradientTone(numbers(id, "grad")),
      );
    }
  }

  speak(numbers: Numbers): void {
    set(this.group, "aria-label", spoken(this.item, numbers));
  }

  private row(name: string, y: number): SVGTextElement {
    label(name, 14, y, "row-name", this.group);
    return label("–", this.face.width - 10, y, `number ${name}`, this.group, "end");
  }
}

/** An open module: a frame with its name, which closes it. */
export class Frame implements CardView {
  readonly group: SVGGElement;

  constructor(
    private readonly item: Item,
    box: Box,
    parent: Element,
  ) {
    this.group = treeItem(item, box, parent, "frame");
    rectangle(this.group, "face", 0, 0, box.width, box.height, 8);
    rectangle(this.group, "head", 0, 0, box.width, HEADER, 8);
    if (item.kind === "node") return;
    label(`▾ ${item.label}`, 12, 20, "title", this.group);
    label(item.type, 12 + (item.label.length + 2) * 7.4 + 8, 20, "caption", this.group);
  }

  update(): void {
    // A frame has no numbers of its own: they stand on what is in it.
  }

  speak(numbers: Numbers): void {
    set(this.group, "aria-label", spoken(this.item, numbers));
  }
}

function treeItem(item: Item, box: Box, parent: Element, kind: string): SVGGElement {
  const group = element("g", { class: kind, role: "treeitem", tabindex: -1, "aria-level": box.depth + 1 }, parent);
  group.dataset.id = box.id;
  group.setAttribute("aria-selected", "false");
  if (item.kind !== "node") group.setAttribute("aria-expanded", String(box.open));
  group.setAttribute("transform", `translate(${box.x} ${box.y})`);
  return group;
}

function rectangle(
  parent: Element,
  kind: string,
  x: number,
  y: number,
  width: number,
  height: number,
  rx: number,
): SVGRectElement {
  return element("rect", { class: kind, x, y, width: Math.max(0, width), height: Math.max(0, height), rx }, parent);
}

/** The band of mean ± std on an axis from min to max. */
function showRange(range: SVGRectElement, value: Statistics | null): void {
  const { mean, std, min, max } = value ?? { mean: null, std: null, min: null, max: null };
  if (mean === null || std === null || min === null || max === null || max <= min) {
    set(range, "width", "0");
    return;
  }
  const at = (number: number): number =>
    GLYPH_X + ((Math.min(max, Math.max(min, number)) - min) / (max - min)) * GLYPH_WIDTH;
  set(range, "x", at(mean - std).toFixed(1));
  set(range, "width", (at(mean + std) - at(mean - std)).toFixed(1));
}
