/** The whole graph as an SVG file that stands on its own: colours and type of the present theme written into it. */

import type { Hierarchy, Item } from "../layout/hierarchy";
import type { Placed } from "../layout/place";
import type { Numbers } from "./card";
import { Card, Frame } from "./cardview";
import { element } from "./svg";
import type { Colouring } from "./tone";
import { drawWire, type Flow } from "./wireview";

const MARGIN = 16;
/** What of the page's style sheet a picture needs, as SVG attributes. */
const STYLES = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "font-family",
  "font-size",
  "font-weight",
];
const PLAIN = new Set(["role", "tabindex", "class"]);

export interface PictureOf {
  hierarchy: Hierarchy;
  placed: Placed;
  numbers: Numbers;
  colouring: Colouring;
  flow: Flow;
}

/** The text of an SVG file. `stage` is the element under which the graph's style sheet applies; it has the arrows. */
export function pictureOf({ hierarchy, placed, numbers, colouring, flow }: PictureOf, stage: SVGSVGElement): string {
  const [width, height] = [placed.width + 2 * MARGIN, placed.height + 2 * MARGIN];
  const svg = element("svg", { width, height, viewBox: `${-MARGIN} ${-MARGIN} ${width} ${height}` });
  const ground = element("rect", { x: -MARGIN, y: -MARGIN, width, height }, svg);
  const items = new Map<string, Item>([...hierarchy.leaves, ...hierarchy.groups]);
  stage.parentElement?.append(svg);
  for (const arrows of stage.querySelectorAll("defs")) svg.append(arrows.cloneNode(true));
  const layers = ["frames", "wires", "cards"].map((name) => element("g", { class: name }, svg));
  for (const wire of placed.wires) drawWire(wire, hierarchy, flow, layers[1]);
  for (const box of placed.boxes) {
    const item = items.get(box.id);
    if (!item) continue;
    if (box.open) new Frame(item, box, layers[0]);
    else new Card(item, box, layers[2]).update(numbers, colouring);
  }
  for (const each of svg.querySelectorAll<SVGElement>("*")) writeStyle(each);
  ground.setAttribute("fill", getComputedStyle(stage.parentElement ?? stage).backgroundColor);
  svg.remove();
  for (const each of svg.querySelectorAll<SVGElement>("*")) {
    for (const { name } of [...each.attributes]) {
      if (PLAIN.has(name) || name.startsWith("aria-") || name.startsWith("data-")) each.removeAttribute(name);
    }
  }
  return new XMLSerializer().serializeToString(svg);
}

function writeStyle(each: SVGElement): void {
  const style = getComputedStyle(each);
  for (const name of STYLES) each.setAttribute(name, style.getPropertyValue(name));
}
