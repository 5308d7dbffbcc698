/** Cards and open modules on the page: made once when they come into view, then only their numbers change. */

import type { Statistics } from "../../protocol/types.generated";
import type { Item } from "../layout/hierarchy";
import { HEADER, type Box } from "../layout/place";
import { faceOf, ROW, ROWS, rowText, SIDE, spoken, trouble, type ClashAxis, type Face, type Numbers } from "./card";
import { element, label, say, set } from "./svg";
import { gradientLevel, gradientTone, valueTone, type Colouring } from "./tone";

const CORNER = 5;
const GLYPH = 28; // width of the bars beside a tensor's numbers
const SECOND = 160; // where a tensor's gradient begins

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
    rectangle(this.group, "face", 0, 0, width, height, leaf ? 13 : CORNER);
    if (item.kind === "node" && item.node.kind === "output") {
      rectangle(this.group, "inner", 3, 3, width - 6, height - 6, CORNER - 2);
    }
    rectangle(this.group, "stripe", 6, leaf ? 10 : 8, 4, 13, 1.5);
    const head = element("text", { x: SIDE + 3, y: 19 }, this.group);
    element("tspan", { class: "title" }, head).textContent = face.title;
    if (face.tag !== "") element("tspan", { class: "tag", dx: 7 }, head).textContent = face.tag;
    if (face.shape !== "") label(face.shape, width - 10, 19, "shape", this.group, "end");
    const y = ROWS + ROW - 5;
    if (face.failure) {
      this.group.classList.add("failed");
      this.valueText = element("text", { x: SIDE, y, class: "number" }, this.group);
      showClash(this.valueText, face.failure);
      const words = face.failure.length > 0 ? "These shapes do not fit." : "The program failed here.";
      this.gradText = label(words, SIDE, y + ROW, "clash", this.group);
    } else if (face.scalar) {
      for (const [at, name] of ["value", "grad"].entries()) label(name, SIDE, y + at * ROW, "row-name", this.group);
      this.valueText = label("–", width - 10, y, "number value", this.group, "end");
      this.gradText = label("–", width - 10, y + ROW, "number grad", this.group, "end");
    } else {
      this.range = this.glyph("range", SIDE, y);
      this.valueText = label("–", SIDE + GLYPH + 6, y, "number value", this.group);
      this.bar = this.glyph("bar", SECOND, y);
      this.gradText = label("–", width - 10, y, "number grad", this.group, "end");
    }
    for (const chip of face.chips) {
      const group = element("g", { class: "chip", transform: `translate(${chip.x} ${chip.y})` }, this.group);
      group.dataset.chip = chip.id;
      rectangle(group, "pill", 0, 0, chip.width, chip.height, chip.height / 2);
      label(chip.text, 8, 12.5, "chip-text", group);
    }
    hush(this.group);
  }

  update(numbers: Numbers, colouring: Colouring): void {
    const { shown, scalar, failure } = this.face;
    if (failure) {
      set(this.group, "data-tone", "bad");
      return;
    }
    const value = shown === null ? null : numbers(shown, "value");
    const grad = shown === null ? null : numbers(shown, "grad");
    say(this.valueText, rowText(value, "value", scalar));
    say(this.gradText, rowText(grad, "grad", scalar));
    this.group.classList.toggle(
      "trouble",
      [value, grad].some((each) => each !== null && trouble(each) !== null),
    );
    set(this.group, "data-tone", colouring === "value" ? valueTone(value) : gradientTone(grad));
    if (this.range) showRange(this.range, value);
    if (this.bar) set(this.bar, "width", (gradientLevel(grad?.norm ?? 0) * GLYPH).toFixed(1));
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

  private glyph(kind: string, x: number, y: number): SVGRectElement {
    rectangle(this.group, "track", x, y - 4.5, GLYPH, 1, 0);
    return rectangle(this.group, kind, x, y - 7, 0, 6, 1);
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
    if (item.kind !== "node") {
      const head = element("text", { x: SIDE, y: 20 }, this.group);
      element("tspan", { class: "title" }, head).textContent = `▾ ${item.label}`;
      element("tspan", { class: "tag", dx: 7 }, head).textContent = item.type;
    }
    hush(this.group);
  }

  update(): void {
    // A frame has no numbers of its own: they stand on what is in it.
  }

  speak(numbers: Numbers): void {
    set(this.group, "aria-label", spoken(this.item, numbers));
  }
}

/** Its spoken name says all that a card shows, in words: what is drawn is not read a second time. */
function hush(group: SVGGElement): void {
  for (const drawn of group.children) drawn.setAttribute("aria-hidden", "true");
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
  const at = (number: number): number => SIDE + ((Math.min(max, Math.max(min, number)) - min) / (max - min)) * GLYPH;
  set(range, "x", at(mean - std).toFixed(1));
  set(range, "width", (at(mean + std) - at(mean - std)).toFixed(1));
}

/** The shapes of operands, with the axes that do not fit standing out. */
function showClash(text: SVGTextElement, shapes: ClashAxis[][]): void {
  shapes.forEach((shape, operand) => {
    shape.forEach(({ size, clashes }, axis) => {
      const between = axis > 0 ? "×" : operand > 0 ? "   and   " : "";
      if (between !== "") element("tspan", {}, text).textContent = between;
      element("tspan", { class: clashes ? "clash" : "" }, text).textContent = String(size);
    });
  });
}
