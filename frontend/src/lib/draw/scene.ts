/** The graph on the page: an SVG whose elements are those in view, with a canvas below for the view from afar. */

import type { Hierarchy, Item } from "../layout/hierarchy";
import type { Box, Placed, Wire } from "../layout/place";
import { faceOf, type Numbers } from "./card";
import { Card, Frame, type CardView } from "./cardview";
import { FarView } from "./far";
import { element, set } from "./svg";
import { gradientTone, valueTone, type Colouring } from "./tone";
import { drawWire, type Flow } from "./wireview";

/** Where the graph is seen from: graph point (0, 0) stands at (x, y) of the pane, magnified k times. */
export interface View {
  x: number;
  y: number;
  k: number;
}

/** What of the graph stands out. */
export interface Marks {
  selected: string | null;
  focused: string | null;
  lit: ReadonlySet<string>;
}

const MOST_CARDS = 300;
const MOST_WIRES = 700;
/** Below this magnification text cannot be read: cards become coloured rectangles. */
const READABLE = 0.3;
const MARGIN = 80;

export class Scene {
  private readonly camera: SVGGElement;
  private readonly layers: { frames: SVGGElement; wires: SVGGElement; cards: SVGGElement };
  private readonly cards = new Map<string, CardView>();
  private readonly wires = new Map<string, SVGGElement>();
  private readonly far: FarView;
  private placed: Placed = { width: 0, height: 0, boxes: [], wires: [] };
  private hierarchy: Hierarchy | null = null;
  private items = new Map<string, Item>();
  private numbers: Numbers = () => null;
  private colouring: Colouring = "value";
  private flow: Flow = "both";
  private marks: Marks = { selected: null, focused: null, lit: new Set() };
  private view: View = { x: 0, y: 0, k: 1 };
  private extent = { width: 0, height: 0 };
  private pending = 0;

  constructor(
    readonly svg: SVGSVGElement,
    canvas: HTMLCanvasElement,
  ) {
    this.camera = element("g", { role: "presentation" }, svg);
    const layer = (name: string): SVGGElement => element("g", { class: name, role: "presentation" }, this.camera);
    this.layers = { frames: layer("frames"), wires: layer("wires"), cards: layer("cards") };
    this.layers.wires.setAttribute("aria-hidden", "true");
    this.far = new FarView(canvas);
  }

  /** Shows another structure or layout. What stays the same stays on the page. */
  show(hierarchy: Hierarchy, placed: Placed): void {
    this.hierarchy = hierarchy;
    this.placed = placed;
    this.items = new Map<string, Item>([...hierarchy.leaves, ...hierarchy.groups]);
    for (const view of this.cards.values()) view.group.remove();
    for (const wire of this.wires.values()) wire.remove();
    this.cards.clear();
    this.wires.clear();
    this.draw();
  }

  /** Shows other numbers, before the next picture. */
  update(numbers: Numbers, colouring: Colouring): void {
    this.numbers = numbers;
    this.colouring = colouring;
    this.later();
  }

  setFlow(flow: Flow): void {
    if (flow === this.flow) return;
    this.flow = flow;
    for (const wire of this.wires.values()) wire.remove();
    this.wires.clear();
    this.draw();
  }

  mark(marks: Marks): void {
    this.marks = marks;
    this.draw();
  }

  look(view: View, extent: { width: number; height: number }): void {
    this.view = view;
    this.extent = extent;
    this.camera.setAttribute("transform", `translate(${view.x} ${view.y}) scale(${view.k})`);
    this.later();
  }

  /** Draws again with the colours of the present theme. */
  recolour(): void {
    this.far.recolour();
    this.draw();
  }

  /** Says the present numbers on every card in view. */
  speak(): void {
    for (const card of this.cards.values()) card.speak(this.numbers);
  }

  /** The element of an item, brought onto the page if need be. */
  elementOf(id: string): SVGGElement | null {
    const box = this.placed.boxes.find((each) => each.id === id);
    return box ? (this.mount(box)?.group ?? null) : null;
  }

  /** Whether an item of the graph has the keyboard's focus. */
  holdsFocus(): boolean {
    return this.camera.contains(document.activeElement);
  }

  /** How many elements are on the page: for measurements. */
  get mounted(): { cards: number; wires: number } {
    return { cards: this.cards.size, wires: this.wires.size };
  }

  destroy(): void {
    cancelAnimationFrame(this.pending);
    this.camera.remove();
  }

  private later(): void {
    if (this.pending !== 0) return;
    this.pending = requestAnimationFrame(() => {
      this.pending = 0;
      this.draw();
    });
  }

  private draw(): void {
    const inView = this.placed.boxes.filter((box) => this.sees(box.x, box.y, box.x + box.width, box.y + box.height));
    const far = this.view.k < READABLE || inView.length > MOST_CARDS;
    set(this.svg, "data-far", String(far));
    this.far.draw(
      far ? this.placed : null,
      this.view,
      this.extent,
      (id) => this.toneOf(id),
      (id) => this.nameOf(id),
    );
    const wanted = new Set((far ? inView.filter((box) => box.id === this.marks.focused) : inView).map((box) => box.id));
    if (this.marks.focused !== null) wanted.add(this.marks.focused);
    for (const box of this.placed.boxes) if (wanted.has(box.id)) this.mount(box);
    for (const [id, card] of this.cards) {
      if (!wanted.has(id)) {
        card.group.remove();
        this.cards.delete(id);
      } else {
        card.update(this.numbers, this.colouring);
        this.markCard(id, card.group);
      }
    }
    this.drawWires(far ? [] : this.placed.wires.filter((wire) => this.seesWire(wire)).slice(0, MOST_WIRES));
  }

  private mount(box: Box): CardView | null {
    const known = this.cards.get(box.id);
    if (known) return known;
    const item = this.items.get(box.id);
    if (!item) return null;
    const made = box.open ? new Frame(item, box, this.layers.frames) : new Card(item, box, this.layers.cards);
    made.speak(this.numbers);
    made.update(this.numbers, this.colouring);
    this.cards.set(box.id, made);
    return made;
  }

  private markCard(id: string, group: SVGGElement): void {
    const item = this.items.get(id);
    const chips = item?.kind === "node" ? item.chips : [];
    group.classList.toggle("selected", id === this.marks.selected);
    group.classList.toggle("lit", this.marks.lit.has(id) || chips.some((chip) => this.marks.lit.has(chip.id)));
    set(group, "aria-selected", String(id === this.marks.selected));
    set(group, "tabindex", id === this.marks.focused ? "0" : "-1");
    for (const chip of group.querySelectorAll<SVGGElement>(".chip")) {
      chip.classList.toggle("selected", chip.dataset.chip === this.marks.selected);
    }
  }

  private drawWires(wanted: Wire[]): void {
    const kept = new Set(wanted.map((wire) => wire.id));
    for (const [id, group] of this.wires) {
      if (kept.has(id)) continue;
      group.remove();
      this.wires.delete(id);
    }
    const edges = this.hierarchy?.graph.edges ?? [];
    for (const wire of wanted) {
      let group = this.wires.get(wire.id);
      if (!group) this.wires.set(wire.id, (group = drawWire(wire, this.hierarchy, this.flow, this.layers.wires)));
      const touches = wire.edges.some((at) => {
        const edge = edges[at];
        return edge?.source === this.marks.selected || edge?.target === this.marks.selected;
      });
      group.classList.toggle("lit", touches);
    }
  }

  private toneOf(id: string): string {
    const item = this.items.get(id);
    const shown = item ? faceOf(item).shown : null;
    if (shown === null) return "none";
    if (this.colouring === "value") return valueTone(this.numbers(shown, "value"));
    return gradientTone(this.numbers(shown, "grad"));
  }

  private nameOf(id: string): string {
    const item = this.items.get(id);
    return item && item.kind !== "node" ? item.label : "";
  }

  private sees(left: number, top: number, right: number, bottom: number): boolean {
    const { x, y, k } = this.view;
    return (
      right * k + x > -MARGIN &&
      bottom * k + y > -MARGIN &&
      left * k + x < this.extent.width + MARGIN &&
      top * k + y < this.extent.height + MARGIN
    );
  }

  private seesWire(wire: Wire): boolean {
    const xs = wire.points.map((point) => point.x);
    const ys = wire.points.map((point) => point.y);
    return this.sees(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys));
  }
}
