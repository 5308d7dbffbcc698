/** Walking over the graph by keys: along edges up and down, along a row left and right. */

import type { Box, Placed, Wire } from "../layout/place";
import { IN, OUT } from "../layout/view";

export type Direction = "up" | "down" | "left" | "right";

/** The item that an arrow key leads to from `id`; null where there is none. Edges first, then what is nearest. */
export function neighbour(placed: Placed, id: string, direction: Direction): string | null {
  const boxes = new Map(placed.boxes.map((box) => [box.id, box]));
  const here = boxes.get(id);
  if (!here) return null;
  if (direction === "up" || direction === "down") {
    if (direction === "down" && here.open) {
      return nearest(
        here,
        placed.boxes.filter((box) => box.depth === here.depth + 1 && contains(here, box)),
      );
    }
    const linked = follow(placed.wires, id, direction).flatMap((end) => boxes.get(end) ?? []);
    return (
      nearest(here, linked) ??
      nearest(
        here,
        placed.boxes.filter((box) => beyond(here, box, direction)),
      )
    );
  }
  const row = placed.boxes.filter((box) => box.depth === here.depth && overlaps(here, box));
  return nearest(
    here,
    row.filter((box) => beyond(here, box, direction)),
  );
}

/** The items at the other end of an item's edges; an edge that leaves its module is followed outside. */
function follow(wires: Wire[], id: string, direction: "up" | "down"): string[] {
  const port = direction === "down" ? OUT : IN;
  return wires.flatMap((wire) => {
    const [near, away] = direction === "down" ? [wire.from, wire.to] : [wire.to, wire.from];
    if (near !== id) return [];
    return away === port ? follow(wires, wire.level, direction) : [away];
  });
}

function contains(outer: Box, inner: Box): boolean {
  return (
    inner.x >= outer.x && inner.y >= outer.y && inner.x < outer.x + outer.width && inner.y < outer.y + outer.height
  );
}

function beyond(here: Box, box: Box, direction: Direction): boolean {
  if (box.id === here.id) return false;
  if (direction === "left") return middle(box).x < middle(here).x;
  if (direction === "right") return middle(box).x > middle(here).x;
  return direction === "up" ? box.y < here.y : box.y > here.y;
}

function overlaps(a: Box, b: Box): boolean {
  return a.y < b.y + b.height && b.y < a.y + a.height;
}

function nearest(here: Box, boxes: Box[]): string | null {
  const from = middle(here);
  let best: string | null = null;
  let least = Infinity;
  for (const box of boxes) {
    const to = middle(box);
    const distance = Math.hypot(to.x - from.x, to.y - from.y);
    if (distance < least) [best, least] = [box.id, distance];
  }
  return best;
}

function middle(box: Box): { x: number; y: number } {
  return { x: box.x + box.width / 2, y: box.y + Math.min(box.height, 60) / 2 };
}
