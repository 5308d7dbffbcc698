/** Where the items of a view stand: each level laid out on its own, then put into the one around it. */

import { Graph, layout } from "@dagrejs/dagre";

import { readLikeTheProgram } from "./order";
import { placeInRows, totalSpan } from "./rows";
import { IN, OUT, type Level, type Link, type Size } from "./view";

export interface Point {
  x: number;
  y: number;
}

/** A visible item's place, absolute: the top left corner and the size. `open` groups contain others. */
export interface Box extends Size, Point {
  id: string;
  depth: number;
  open: boolean;
}

/** A drawn edge: its bends from source to target, absolute, and the edges that it stands for. */
export interface Wire {
  id: string;
  from: string;
  to: string;
  level: string;
  points: Point[];
  edges: number[];
}

/** A finished layout. Boxes come outer before inner, in the graph's order. */
export interface Placed extends Size {
  boxes: Box[];
  wires: Wire[];
}

/** One level's layout in its own coordinates: centres of the slots, bends of the links. */
export interface LevelPlaces extends Size {
  centres: Map<string, Point>;
  bends: Point[][];
}

export const HEADER = 30;
export const PADDING = 14;
/** From here on a level is laid out in rows, in linear time: dagre takes 0.1 s for so many, 0.25 s for twice as many. */
export const MANY = 150;
/** So too where edges pass through so many rows: dagre bends each edge at each row. */
const FAR = 1200;
const RANK_GAP = 30;
const NODE_GAP = 24;
const PORT = 2;

/** Lays out `level` and all that is open in it. Deterministic. */
export function place(level: Level): Placed {
  const sizes = new Map<string, Size>();
  const inner = new Map<string, LevelPlaces>();
  const whole = placeNested(level, sizes, inner);
  const placed: Placed = { width: whole.width, height: whole.height, boxes: [], wires: [] };
  collect(level, whole, { x: 0, y: 0 }, 0, sizes, inner, placed);
  return placed;
}

function placeNested(level: Level, sizes: Map<string, Size>, inner: Map<string, LevelPlaces>): LevelPlaces {
  for (const slot of level.slots) {
    if (slot.level) {
      const nested = placeNested(slot.level, sizes, inner);
      inner.set(slot.id, nested);
      sizes.set(slot.id, {
        width: Math.max(nested.width + 2 * PADDING, 200),
        height: nested.height + HEADER + 2 * PADDING,
      });
    } else {
      sizes.set(slot.id, { width: slot.width, height: slot.height });
    }
  }
  return level.slots.length > MANY || totalSpan(level) > FAR ? placeInRows(level, sizes) : placeWithDagre(level, sizes);
}

function placeWithDagre(level: Level, sizes: Map<string, Size>): LevelPlaces {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: NODE_GAP, ranksep: RANK_GAP, edgesep: 14, ranker: "network-simplex" });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const slot of level.slots) graph.setNode(slot.id, { ...sizes.get(slot.id) });
  for (const port of [IN, OUT]) {
    if (level.links.some((link) => link.from === port || link.to === port)) {
      graph.setNode(port, { width: PORT, height: PORT });
    }
  }
  level.links.forEach((link, index) => graph.setEdge(link.from, link.to, { weight: 1, minlen: 1 }, String(index)));
  layout(graph);
  const centres = new Map<string, Point>();
  for (const id of graph.nodes()) {
    const { x, y } = graph.node(id);
    centres.set(id, { x: x ?? 0, y: y ?? 0 });
  }
  const bends = level.links.map((link, index) => {
    const label = graph.edge({ v: link.from, w: link.to, name: String(index) });
    return ((label.points ?? []) as Point[]).map(({ x, y }) => ({ x, y }));
  });
  const { width, height } = graph.graph() as Partial<Size>;
  const places = { width: finite(width), height: finite(height), centres, bends };
  readLikeTheProgram(level, places, sizes);
  return places;
}

function finite(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? value : 0;
}

function collect(
  level: Level,
  places: LevelPlaces,
  origin: Point,
  depth: number,
  sizes: Map<string, Size>,
  inner: Map<string, LevelPlaces>,
  out: Placed,
): void {
  const corners = new Map<string, Point>();
  for (const slot of level.slots) {
    const size = sizes.get(slot.id) ?? slot;
    const centre = places.centres.get(slot.id) ?? { x: 0, y: 0 };
    const box: Box = {
      id: slot.id,
      x: Math.round(origin.x + centre.x - size.width / 2),
      y: Math.round(origin.y + centre.y - size.height / 2),
      width: size.width,
      height: size.height,
      depth,
      open: slot.level !== null,
    };
    corners.set(slot.id, box);
    out.boxes.push(box);
  }
  level.links.forEach((link, index) => {
    const bends = (places.bends[index] ?? []).map((point) => ({ x: origin.x + point.x, y: origin.y + point.y }));
    out.wires.push({
      id: `${level.id}\n${link.from}\n${link.to}`,
      from: link.from,
      to: link.to,
      level: level.id,
      points: fitEnds(link, bends, { corners, sizes, inner, origin, places }),
      edges: link.edges,
    });
  });
  for (const slot of level.slots) {
    const nested = inner.get(slot.id);
    const corner = corners.get(slot.id);
    if (!slot.level || !nested || !corner) continue;
    const start = innerOrigin(corner, sizes.get(slot.id), nested);
    collect(slot.level, nested, start, depth + 1, sizes, inner, out);
  }
}

function innerOrigin(corner: Point, size: Size | undefined, nested: LevelPlaces): Point {
  return { x: corner.x + ((size?.width ?? 0) - nested.width) / 2, y: corner.y + HEADER + PADDING };
}

interface Ends {
  corners: Map<string, Point>;
  sizes: Map<string, Size>;
  inner: Map<string, LevelPlaces>;
  origin: Point;
  places: LevelPlaces;
}

/** Leads a wire's ends to where they are seen to start: an open group's port, a card's border, the frame around. */
function fitEnds(link: Link, bends: Point[], ends: Ends): Point[] {
  const fitted = [...bends];
  const last = fitted.length - 1;
  if (last < 1) return fitted;
  const { origin, places } = ends;
  if (link.from === IN) fitted[0] = { x: fitted[0].x, y: origin.y - PADDING };
  else fitted[0] = portOf(link.from, OUT, ends) ?? onBorder(link.from, fitted[0], ends);
  if (link.to === OUT) fitted[last] = { x: fitted[last].x, y: origin.y + places.height + PADDING };
  else fitted[last] = portOf(link.to, IN, ends) ?? onBorder(link.to, fitted[last], ends);
  return fitted;
}

/** The point of a card's border next to `at`, kept away from the corners. */
function onBorder(id: string, at: Point, { corners, sizes }: Ends): Point {
  const corner = corners.get(id);
  const size = sizes.get(id);
  if (!corner || !size) return at;
  const x = Math.min(corner.x + size.width * 0.7, Math.max(corner.x + size.width * 0.3, at.x));
  return { x, y: Math.abs(at.y - corner.y) < size.height / 2 ? corner.y : corner.y + size.height };
}

function portOf(id: string, port: string, { corners, sizes, inner }: Ends): Point | null {
  const nested = inner.get(id);
  const corner = corners.get(id);
  const size = sizes.get(id);
  const at = nested?.centres.get(port);
  if (!nested || !corner || !size || !at) return null;
  const start = innerOrigin(corner, size, nested);
  return { x: start.x + at.x, y: port === IN ? corner.y : corner.y + size.height };
}
