/** The graph pane without its tools: which structure is shown, what is open, what is looked at. No Svelte. */

import { Camera } from "../../lib/draw/camera";
import { measure, type Numbers } from "../../lib/draw/card";
import { pictureOf } from "../../lib/draw/picture";
import { Scene } from "../../lib/draw/scene";
import type { Colouring } from "../../lib/draw/tone";
import type { Flow } from "../../lib/draw/wireview";
import { neighbour, type Direction } from "../../lib/draw/walk";
import { LayoutDesk } from "../../lib/layout/desk";
import {
  ancestors,
  buildHierarchy,
  failedNode,
  type Group,
  type Hierarchy,
  type Item,
} from "../../lib/layout/hierarchy";
import type { Placed } from "../../lib/layout/place";
import { buildView, firstOpen, visiblePath, type Size } from "../../lib/layout/view";
import type { FrameView } from "../../lib/frame";
import { markFirst } from "../../lib/marks";
import type { GraphEvent, Problem } from "../../protocol/types.generated";

const QUIET = 600; // ms without a new frame after which the spoken texts are brought up to date

/** What the tools around the picture show. */
export interface PaneState {
  /** The modules around the focused item, outermost first. */
  trail: Group[];
  /** Whether there is anything to open. */
  nested: boolean;
}

export class GraphPane {
  hierarchy: Hierarchy | null = null;
  placed: Placed | null = null;
  readonly desk: LayoutDesk;
  private readonly scene: Scene;
  private readonly camera: Camera;
  private readonly opened = new Map<string, Set<string>>();
  private open = new Set<string>();
  private focused: string | null = null;
  private selected: string | null = null;
  private lit: ReadonlySet<string> = new Set();
  private extent: Size = { width: 0, height: 0 };
  private frame: FrameView | null = null;
  private colouring: Colouring = "value";
  private flow: Flow = "both";
  private quiet: ReturnType<typeof setTimeout> | undefined;

  constructor(
    svg: SVGSVGElement,
    canvas: HTMLCanvasElement,
    private readonly changed: (state: PaneState) => void,
  ) {
    this.scene = new Scene(svg, canvas);
    this.camera = new Camera(svg, (view) => this.scene.look(view, this.extent));
    this.desk = new LayoutDesk(
      () => new Worker(new URL("../../lib/layout/worker.ts", import.meta.url), { type: "module" }),
    );
    this.desk.warm();
  }

  /** Shows a graph, a step's numbers, and the op that failed with `problem`. Only a new structure is laid out. */
  show(graph: GraphEvent | null, frame: FrameView | null, problem: Problem | null): void {
    this.frame = frame;
    const failed = graph ? (failedNode(graph, problem)?.id ?? null) : null;
    if (graph && (graph !== this.hierarchy?.graph || failed !== (this.hierarchy.failed?.id ?? null))) {
      this.take(graph, problem);
    }
    this.scene.update(this.numbers, this.colouring);
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => this.scene.speak(), QUIET);
  }

  readonly numbers: Numbers = (node, what) => this.frame?.stats(node, what) ?? null;

  colourBy(colouring: Colouring): void {
    this.colouring = colouring;
    this.scene.update(this.numbers, colouring);
  }

  setFlow(flow: Flow): void {
    this.flow = flow;
    this.scene.setFlow(flow);
  }

  /** The whole graph as the text of an SVG file; null while there is none. */
  picture(): string | null {
    const { hierarchy, placed, numbers, colouring, flow } = this;
    return hierarchy && placed ? pictureOf({ hierarchy, placed, numbers, colouring, flow }, this.scene.svg) : null;
  }

  recolour(): void {
    this.scene.recolour();
  }

  /** Marks the chosen node and those that belong to the lines looked at. */
  mark(selected: string | null, lines: ReadonlySet<number>): void {
    this.selected = selected;
    const nodes = this.hierarchy?.graph.nodes ?? [];
    const onLine = nodes.filter((node) => node.line !== null && lines.has(node.line));
    this.lit = new Set(lines.size === 0 ? [] : onLine.map((node) => this.standIn(node.id) ?? node.id));
    this.remark();
  }

  resize(extent: Size): void {
    const first = this.extent.width === 0;
    this.extent = extent;
    this.scene.look(this.camera.view, extent);
    if (this.placed && (first || !this.camera.moved)) this.fit(true);
  }

  /** Shows the whole graph; `readable` rather its beginning than letters too small to read. */
  fit(readable = false): void {
    if (this.placed) this.camera.fit(this.placed, this.extent, readable);
  }

  zoomBy(factor: number): void {
    this.camera.zoomBy(factor);
  }

  /** Opens a closed module, closes an open one; the module stays where it is on the screen. */
  toggle(id: string): void {
    const group = this.hierarchy?.groups.get(id);
    if (!group) return;
    if (this.open.has(id)) this.open.delete(id);
    else this.open.add(id);
    this.layOut(id);
  }

  openAll(): void {
    for (const id of this.hierarchy?.groups.keys() ?? []) this.open.add(id);
    this.layOut(null);
  }

  closeAll(): void {
    this.open = new Set([this.hierarchy?.root.id ?? ""]);
    this.opened.set(this.hierarchy?.graph.graph ?? "", this.open);
    this.layOut(null);
  }

  /** Opens what hides an item, brings it into view and gives it the focus. */
  reveal(id: string): void {
    const item = this.itemOf(id);
    if (!item) return;
    for (const group of ancestors(item)) this.open.add(group.id);
    this.layOut(null, () => {
      this.focus(item.id);
    });
  }

  /** Moves the focus to an item. */
  focus(id: string): void {
    this.setFocus(id);
    const box = this.placed?.boxes.find((each) => each.id === id);
    if (box) this.camera.reveal(box, this.extent);
    this.scene.elementOf(id)?.focus({ preventScroll: true });
  }

  /** Takes note of the item that has the focus. */
  setFocus(id: string): void {
    if (id === this.focused) return;
    this.focused = id;
    this.remark();
    this.announce();
  }

  move(direction: Direction): void {
    if (!this.placed || this.focused === null) return;
    const next = neighbour(this.placed, this.focused, direction);
    if (next !== null) this.focus(next);
  }

  /** Leads the focus to the module around the focused item. */
  leave(): void {
    const item = this.focused === null ? undefined : this.itemOf(this.focused);
    const around = item ? ancestors(item).at(-1) : undefined;
    if (around) this.focus(around.id);
  }

  goToEnd(end: "first" | "last"): void {
    const box = this.placed?.boxes.at(end === "first" ? 0 : -1);
    if (box) this.focus(box.id);
  }

  /** The items whose name, op, module or line matches `text`, in the graph's order. */
  search(text: string, most = 40): Item[] {
    const wanted = text.trim().toLowerCase();
    const hierarchy = this.hierarchy;
    if (wanted === "" || !hierarchy) return [];
    const found: Item[] = [];
    for (const group of hierarchy.groups.values()) {
      if (group.parent && `${group.path} ${group.type}`.toLowerCase().includes(wanted)) found.push(group);
    }
    for (const leaf of hierarchy.leaves.values()) {
      const { node, chips, caption } = leaf;
      const names = [node.name, node.op ?? "", caption, node.module, ...chips.map((chip) => chip.name)];
      const said = node.line === null ? names : [...names, `line ${node.line}`];
      if (said.some((name) => name.toLowerCase().includes(wanted))) found.push(leaf);
      if (found.length >= most) break;
    }
    return found.slice(0, most);
  }

  itemOf(id: string): Item | undefined {
    return this.hierarchy?.leaves.get(id) ?? this.hierarchy?.groups.get(id) ?? this.hierarchy?.carriers.get(id)?.[0];
  }

  /** For measurements: what is mounted and how many layouts were made. */
  get figures(): { cards: number; wires: number; layouts: number } {
    return { ...this.scene.mounted, layouts: this.desk.made };
  }

  destroy(): void {
    clearTimeout(this.quiet);
    this.desk.destroy();
    this.camera.destroy();
    this.scene.destroy();
  }

  private take(graph: GraphEvent, problem: Problem | null): void {
    const before = this.hierarchy;
    this.hierarchy = buildHierarchy(graph, problem);
    const { failed, leaves } = this.hierarchy;
    if (this.hierarchy.hash === before?.hash && failed?.id === before.failed?.id) {
      markFirst("graph-drawn");
      return;
    }
    this.open = this.opened.get(graph.graph) ?? firstOpen(this.hierarchy);
    this.opened.set(graph.graph, this.open);
    if (failed) for (const group of ancestors(failed)) this.open.add(group.id);
    const known = before !== null && [...leaves.keys()].some((id) => before.leaves.has(id));
    this.layOut(null, () => {
      if (!known || !this.camera.moved) this.fit(true);
      const box = failed && this.placed?.boxes.find((each) => each.id === failed.id);
      if (box) this.camera.reveal(box, this.extent);
      markFirst("graph-drawn");
    });
  }

  private layOut(held: string | null, then?: () => void): void {
    const hierarchy = this.hierarchy;
    if (!hierarchy) return;
    const key = `${hierarchy.hash}|${hierarchy.failed?.id ?? ""}|${[...this.open].sort().join("|")}`;
    const before = this.placed?.boxes.find((box) => box.id === held);
    this.desk.ask(
      key,
      () => buildView(hierarchy, this.open, measure),
      (placed) => {
        this.placed = placed;
        const hadFocus = this.scene.holdsFocus();
        if (this.focused === null || !placed.boxes.some((box) => box.id === this.focused)) {
          this.focused = this.standIn(this.focused ?? "") ?? placed.boxes[0]?.id ?? null;
        }
        this.scene.show(hierarchy, placed);
        this.remark();
        const after = placed.boxes.find((box) => box.id === held);
        if (before && after) this.camera.hold(before, after);
        if (hadFocus && this.focused !== null) this.scene.elementOf(this.focused)?.focus({ preventScroll: true });
        this.announce();
        then?.();
      },
    );
  }

  /** The visible item that stands for a node or module. */
  private standIn(id: string): string | null {
    const item = this.itemOf(id);
    return item ? (visiblePath(item, this.open).at(-1) ?? null) : null;
  }

  private remark(): void {
    this.scene.mark({ selected: this.selected, focused: this.focused, lit: this.lit });
  }

  private announce(): void {
    const item = this.focused === null ? undefined : this.itemOf(this.focused);
    this.changed({ trail: item ? ancestors(item) : [], nested: (this.hierarchy?.groups.size ?? 0) > 1 });
  }
}
