/** What a card of the graph says and how large it is. Plain data; `cardview` puts it on the page. */

import type { Node, Problem, Statistics, What } from "../../protocol/types.generated";
import type { Group, Item, Leaf } from "../layout/hierarchy";
import type { Size } from "../layout/view";
import { exact, figure, shapeText, spokenShape } from "./numbers";

/** Asks for a node's statistics at the step that is shown. */
export type Numbers = (node: string, what: What) => Statistics | null;

/** A parameter that rides on a card, placed in it. */
export interface ChipBox extends Size {
  id: string;
  text: string;
  x: number;
  y: number;
}

/** An axis of an operand of an op that failed, and whether it is one that does not fit. */
export interface ClashAxis {
  size: number;
  clashes: boolean;
}

/** The unchanging face of a card: a title line, its numbers (two lines for a scalar, one for a tensor), its chips. */
export interface Face extends Size {
  title: string;
  tag: string;
  shape: string;
  scalar: boolean;
  chips: ChipBox[];
  /** On an op that failed: the shapes of its operands; empty where it is not shapes that it failed for. */
  failure: ClashAxis[][] | null;
  /** The node whose numbers the card shows: its own, or what its module hands on. */
  shown: string | null;
}

export const ROW = 17;
/** Where the numbers begin, from the card's top. */
export const ROWS = 26;
export const SIDE = 12;
const CHIP = 18;
const TENSOR_WIDTH = 276;
const SCALAR_WIDTH = 132;
const FAILED_WIDTH = 190;
const WIDEST = 340;
// Mean advance of a character, in px, at the sizes in graph.css: the layout runs where nothing can be measured.
const TITLE_CHAR = 8.2;
const SMALL_CHAR = 6.8;
const MONO_CHAR = 6.8;

const SYMBOLS: Record<string, string> = { add: "+", sub: "−", mul: "×", div: "÷", pow: "^", matmul: "@", neg: "−" };

/** An op's name, led by the sign it is written with. */
export function opText(op: string): string {
  const symbol = SYMBOLS[op];
  return symbol ? `${symbol} ${op}` : op;
}

const faces = new WeakMap<Item, Face>();

/** The face of a closed item; the same object each time. */
export function faceOf(item: Item): Face {
  let face = faces.get(item);
  if (!face) faces.set(item, (face = item.kind === "node" ? leafFace(item) : groupFace(item)));
  return face;
}

/** The size of a closed item. */
export function measure(item: Item): Size {
  const { width, height } = faceOf(item);
  return { width, height };
}

function leafFace(leaf: Leaf): Face {
  const { node } = leaf;
  const op = node.op === null ? node.kind : opText(node.op);
  const named = node.name !== "";
  const tag = [named ? op : "", leaf.caption].filter((part) => part !== "").join(" · ");
  const scalar = node.shape.length === 0;
  const title = named ? shortName(node.name) : op;
  const failure = leaf.problem ? clash(leaf.problem) : null;
  return fit({ title, tag, shape: shapeText(node.shape), scalar, failure, shown: node.id }, leaf.chips);
}

/** The operands' shapes, with the axes marked that do not fit. */
function clash({ shapes, axes }: Problem): ClashAxis[][] {
  return shapes.map((shape, operand) => {
    const marked = axes[operand] ?? [];
    return shape.map((size, axis) => ({
      size,
      clashes: marked.includes(axis) || marked.includes(axis - shape.length),
    }));
  });
}

function groupFace(group: Group): Face {
  const ops = group.size === 1 ? "1 op" : `${group.size} ops`;
  const tag = group.type === "" ? ops : `${group.type} · ${ops}`;
  const shape = group.result ? shapeText(group.result.node.shape) : "";
  const scalar = group.result?.node.shape.length === 0;
  return fit({ title: `▸ ${group.label}`, tag, shape, scalar, failure: null, shown: group.result?.id ?? null }, []);
}

function fit(said: Omit<Face, "width" | "height" | "chips">, parameters: Node[]): Face {
  const texts = [said.title.length * TITLE_CHAR, said.tag.length * SMALL_CHAR, said.shape.length * MONO_CHAR];
  const head = texts.filter((width) => width > 0).reduce((sum, width) => sum + width + 8, 2 * SIDE - 8);
  const least = said.scalar && said.failure === null ? SCALAR_WIDTH : said.failure ? FAILED_WIDTH : TENSOR_WIDTH;
  const width = Math.round(Math.min(WIDEST, Math.max(least, head)));
  const numbers = ROWS + (said.scalar ? 2 : 1) * ROW;
  const chips: ChipBox[] = [];
  let x = SIDE;
  let y = numbers + 6;
  for (const parameter of parameters) {
    const text = `${shortName(parameter.name)} ${shapeText(parameter.shape)}`;
    const size = Math.min(text.length * SMALL_CHAR + 16, width - 2 * SIDE);
    if (x > SIDE && x + size > width - SIDE) {
      x = SIDE;
      y += CHIP + 4;
    }
    chips.push({ id: parameter.id, text, x, y, width: Math.round(size), height: CHIP });
    x += Math.round(size) + 6;
  }
  const height = chips.length > 0 ? y + CHIP + 8 : numbers + 6;
  return { ...said, width, height, chips };
}

/** "layers.0.weight" is shown as "weight": where it belongs is said by what it stands on. */
export function shortName(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

/** The text of a row of numbers: the number itself for a scalar, else mean ± std, or the gradient's norm. */
export function rowText(statistics: Statistics | null, what: What, scalar: boolean): string {
  if (!statistics) return "–";
  if (statistics.nan > 0) return scalar ? "NaN" : `${statistics.nan} NaN`;
  if (statistics.inf > 0) return scalar ? "∞" : `${statistics.inf} ∞`;
  if (scalar) return exact(statistics.mean);
  if (what === "grad") return `‖∇‖ ${figure(statistics.norm)}`;
  return `${figure(statistics.mean)} ± ${figure(statistics.std)}`;
}

/** What a node says to those who hear the page: op, name, shape, mean, gradient norm, line. */
export function spoken(item: Item, numbers: Numbers): string {
  const node = item.kind === "node" ? item.node : item.result?.node;
  const parts =
    item.kind === "node"
      ? [item.node.op ?? item.node.kind, item.node.name, item.caption]
      : [`module ${item.label}`, item.type, `${item.size} ops`];
  if (item.kind === "node" && item.problem) {
    const shapes = item.problem.shapes.map((shape) => shape.join(" by ")).join(" and ");
    parts.push(shapes === "" ? "failed" : `failed: shapes ${shapes} do not fit`, `line ${item.node.line}`);
  } else if (node) {
    const scalar = node.shape.length === 0;
    const value = numbers(node.id, "value");
    const grad = numbers(node.id, "grad");
    parts.push(spokenShape(node.shape));
    if (value)
      parts.push(trouble(value) ?? `${scalar ? "value" : "mean"} ${scalar ? exact(value.mean) : figure(value.mean)}`);
    if (grad) parts.push(scalar ? `gradient ${exact(grad.mean)}` : `gradient norm ${figure(grad.norm)}`);
    if (node.line !== null) parts.push(`line ${node.line}`);
  }
  return parts.filter((part) => part !== "").join(", ");
}

/** NaN and infinite counts in words; null where there are none. */
export function trouble(statistics: Statistics): string | null {
  const said = [
    statistics.nan > 0 ? `${statistics.nan} NaN (not a number)` : "",
    statistics.inf > 0 ? `${statistics.inf} infinite` : "",
  ].filter((part) => part !== "");
  return said.length > 0 ? said.join(", ") : null;
}
