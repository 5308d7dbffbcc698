/** Which node of a graph says most to somebody who has not chosen one yet. */

import type { GraphEvent, Node } from "../protocol/types.generated";

/** The largest weight: its numbers and its gradient make pictures. Without matrices the result; null in no graph. */
export function tellingNode(graph: GraphEvent | null): string | null {
  if (!graph) return null;
  const matrices = graph.nodes.filter(({ kind, shape }) => kind === "parameter" && shape.length > 1);
  const largest = matrices.reduce<Node | null>((best, node) => (sizeOf(node) > sizeOf(best) ? node : best), null);
  return (largest ?? graph.nodes.at(-1))?.id ?? null;
}

function sizeOf(node: Node | null): number {
  return node === null ? -1 : node.shape.reduce((product, size) => product * size, 1);
}
