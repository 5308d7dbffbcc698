/** Edges on the page: values forward, gradients backward beside them. */

import type { Hierarchy } from "../layout/hierarchy";
import type { Wire } from "../layout/place";
import { element, label } from "./svg";
import { wireMiddle, wirePath } from "./wire";

/** Which way edges are drawn: values forward, gradients backward. */
export type Flow = "forward" | "backward" | "both";

/** How far the two curves of an edge stand from its middle. */
const APART = 3;

/**
 * Draws an edge into `parent`. A gradient's curve runs against the values', where there is a gradient: none comes back
 * from an op that failed.
 */
export function drawWire(wire: Wire, hierarchy: Hierarchy | null, flow: Flow, parent: Element): SVGGElement {
  const group = element("g", { class: "wire" }, parent);
  const edges = hierarchy?.graph.edges ?? [];
  const whole = hierarchy?.failed === null;
  const carries =
    whole && wire.edges.some((at) => hierarchy?.leaves.get(edges[at].source)?.node.requires_grad === true);
  const apart = flow === "both" && carries ? APART : 0;
  if (flow !== "backward" || !carries) {
    const path = element("path", { d: wirePath(wire.points, -apart), class: "forward" }, group);
    if (flow === "backward") path.classList.add("faint");
    else path.setAttribute("marker-end", "url(#arrow-value)");
  }
  if (flow !== "forward" && carries) {
    const path = wirePath([...wire.points].reverse(), apart);
    element("path", { d: path, class: "backward", "marker-end": "url(#arrow-gradient)" }, group);
  }
  if (wire.edges.length > 1) {
    const middle = wireMiddle(wire.points);
    label(`×${wire.edges.length}`, middle.x + 8, middle.y + 3, "count", group);
  }
  return group;
}
