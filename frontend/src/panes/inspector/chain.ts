/** The chain rule at one node: what it was made from, and each part of its gradient. Plain data for the tab. */

import { exact } from "../../lib/draw/numbers";
import type { Numbers } from "../../lib/draw/card";
import type { Formula } from "../../generated/formulas.generated";
import type { Edge, GraphEvent, Node } from "../../protocol/types.generated";
import { withNumbers } from "./mathml";
import { evaluate, type Bindings } from "./tex";

/** An operand of an op: its letter in the formula, the node, its number if it is a single one. */
export interface Operand {
  letter: string;
  node: Node;
  value: number | null;
}

/** One part of a node's gradient: what comes back through one use of it. */
export interface Part {
  user: Node;
  argument: string;
  /** The slope's formula as MathML, with letters and with numbers. */
  formula: string | null;
  numbers: string | null;
  /** For single numbers: the gradient of the user, the slope here, and their product. */
  upstream: number | null;
  local: number | null;
  product: number | null;
  /** Otherwise the norm of the user's gradient. */
  norm: number | null;
}

export interface ChainRule {
  node: Node;
  scalar: boolean;
  root: boolean;
  formula: string | null;
  numbers: string | null;
  operands: Operand[];
  parts: Part[];
  /** The recorded gradient: its number, or its norm. */
  grad: number | null;
  /** The sum of the parts; null where a part is not known. */
  sum: number | null;
  /** Whether the sum is the recorded gradient; null where it cannot be said. */
  agrees: boolean | null;
}

const TOLERANCE = 1e-3;

/** The chain rule at `id`; null where the graph has no such node. */
export function chainRule(
  graph: GraphEvent,
  id: string,
  numbers: Numbers,
  formulas: Record<string, Formula>,
): ChainRule | null {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const node = nodes.get(id);
  if (!node) return null;
  const scalar = node.shape.length === 0;
  const uses = graph.edges.filter((edge) => edge.source === id && nodes.has(edge.target));
  const parts = uses
    .filter((edge) => nodes.get(edge.target)?.requires_grad)
    .map((edge) => partOf(graph, nodes, edge, numbers, formulas));
  const statistics = numbers(id, "grad");
  const grad = scalar ? (statistics?.mean ?? null) : (statistics?.norm ?? null);
  const [only] = parts;
  if (scalar && parts.length === 1 && only.product === null && grad !== null && only.upstream) {
    only.product = grad;
    only.local = grad / only.upstream;
  }
  const known = scalar && parts.length > 0 && parts.every((part) => part.product !== null);
  const sum = known ? parts.reduce((total, part) => total + (part.product ?? 0), 0) : null;
  const agrees = sum === null || grad === null ? null : Math.abs(sum - grad) <= TOLERANCE * Math.max(1, Math.abs(grad));
  const made = declared(node, formulas);
  const operands = operandsOf(graph, nodes, node, numbers, made);
  const letters = lettersOf(node, operands, numbers, made);
  return {
    node,
    scalar,
    root: uses.length === 0,
    formula: made?.formula ?? null,
    numbers: made && letters ? withNumbers(made.formula, written(letters)) : null,
    operands,
    parts,
    grad,
    sum,
    agrees,
  };
}

/** What is known of a node's op, which may go by another name in the program than in the engine. */
function declared(node: Node, formulas: Record<string, Formula>): Formula | undefined {
  const named = formulas[node.op ?? ""];
  if (!node.formula || named?.tex === node.formula) return named;
  return Object.values(formulas).find((each) => each.tex === node.formula);
}

function partOf(
  graph: GraphEvent,
  nodes: Map<string, Node>,
  edge: Edge,
  numbers: Numbers,
  formulas: Record<string, Formula>,
): Part {
  const user = nodes.get(edge.target) as Node;
  const known = declared(user, formulas);
  const slope = known?.slopes[edge.argument];
  const grad = numbers(user.id, "grad");
  const letters = lettersOf(user, operandsOf(graph, nodes, user, numbers, known), numbers, known);
  const upstream = user.shape.length === 0 ? (grad?.mean ?? null) : null;
  const local = slope && letters ? evaluate(slope.tex, { ...letters, "\\bar y": 1 }) : null;
  const shown = slope && letters && upstream !== null ? { ...letters, "\\bar y": upstream } : null;
  return {
    user,
    argument: edge.argument,
    formula: slope?.mathml ?? null,
    numbers: slope && shown ? withNumbers(slope.mathml, written(shown)) : null,
    upstream,
    local,
    product: local !== null && upstream !== null ? local * upstream : null,
    norm: grad?.norm ?? null,
  };
}

function operandsOf(
  graph: GraphEvent,
  nodes: Map<string, Node>,
  node: Node,
  numbers: Numbers,
  formula: Formula | undefined,
): Operand[] {
  return graph.edges.flatMap((edge) => {
    const source = edge.target === node.id ? nodes.get(edge.source) : undefined;
    if (!source) return [];
    const value = source.shape.length === 0 ? (numbers(source.id, "value")?.mean ?? null) : null;
    return [{ letter: formula?.letters[edge.argument] ?? edge.argument, node: source, value }];
  });
}

/** The numbers of an op's letters; null where the op or an operand is not a single number. */
function lettersOf(node: Node, operands: Operand[], numbers: Numbers, formula: Formula | undefined): Bindings | null {
  const value = numbers(node.id, "value")?.mean ?? null;
  if (node.shape.length > 0 || value === null || operands.length === 0 || !formula) return null;
  const letters: Bindings = { ...formula.defaults, y: value };
  for (const operand of operands) {
    if (operand.value === null) return null;
    letters[operand.letter] = operand.value;
  }
  return letters;
}

function written(letters: Bindings): Record<string, string> {
  return Object.fromEntries(Object.entries(letters).map(([letter, value]) => [letter, exact(value)]));
}
