/** A layered layout in linear time, for levels of many hundred items: rows by longest path, order by neighbours. */

import type { LevelPlaces, Point } from "./place";
import { IN, OUT, type Level, type Size } from "./view";

const ROW_GAP = 40;
const GAP = 24;
/** A row is broken when it is longer than this many items, so that one wide layer does not become a ribbon. */
const WIDEST = 40;

interface Neighbours {
  ids: string[];
  sources: number[][];
  targets: number[][];
}

function neighboursIn(level: Level): Neighbours {
  const ids = level.slots.map((slot) => slot.id);
  const index = new Map(ids.map((id, position) => [id, position]));
  const sources: number[][] = ids.map(() => []);
  const targets: number[][] = ids.map(() => []);
  for (const link of level.links) {
    const from = index.get(link.from);
    const to = index.get(link.to);
    if (from === undefined || to === undefined) continue;
    sources[to].push(from);
    targets[from].push(to);
  }
  return { ids, sources, targets };
}

/** How many rows the level's edges pass through in all: what a layout that bends every edge at every row has to bear. */
export function totalSpan(level: Level): number {
  const { sources, targets } = neighboursIn(level);
  const rank = ranks(sources, targets);
  return targets.reduce(
    (sum, users, at) => sum + users.reduce((own, user) => own + Math.abs(rank[user] - rank[at]), 0),
    0,
  );
}

/** Places the level's slots in rows; an edge always goes down. */
export function placeInRows(level: Level, sizes: Map<string, Size>): LevelPlaces {
  const { ids, sources, targets } = neighboursIn(level);
  const rows = breakRows(orderRows(rowsByLongestPath(sources, targets), sources));
  const centres = new Map<string, Point>();
  const rowWidths = rows.map((row) => row.reduce((sum, at) => sum + sizeOf(at).width + GAP, -GAP));
  const width = Math.max(0, ...rowWidths);
  function sizeOf(at: number): Size {
    return sizes.get(ids[at] ?? "") ?? { width: 0, height: 0 };
  }
  let y = ROW_GAP / 2;
  rows.forEach((row, number) => {
    const tallest = row.reduce((most, at) => Math.max(most, sizeOf(at).height), 0);
    let x = (width - (rowWidths[number] ?? 0)) / 2;
    for (const at of row) {
      const size = sizeOf(at);
      centres.set(ids[at] ?? "", { x: x + size.width / 2, y: y + tallest / 2 });
      x += size.width + GAP;
    }
    y += tallest + ROW_GAP;
  });
  const height = y - ROW_GAP / 2;
  centres.set(IN, { x: width / 2, y: 0 });
  centres.set(OUT, { x: width / 2, y: height });
  const bends = level.links.map((link) => [
    edgePoint(link.from, 1, centres, sizes),
    edgePoint(link.to, -1, centres, sizes),
  ]);
  return { width, height, centres, bends };
}

function edgePoint(id: string, side: 1 | -1, centres: Map<string, Point>, sizes: Map<string, Size>): Point {
  const centre = centres.get(id) ?? { x: 0, y: 0 };
  return { x: centre.x, y: centre.y + (side * (sizes.get(id)?.height ?? 0)) / 2 };
}

/** Each item's row: one below the lowest of what it is made from. Cycles are cut. */
function ranks(sources: number[][], targets: number[][]): number[] {
  const rank = sources.map(() => 0);
  const open = sources.map((from) => from.length);
  const ready = open.flatMap((count, at) => (count === 0 ? [at] : []));
  const done = sources.map(() => false);
  let unseen = 0;
  for (let head = 0; ; head += 1) {
    if (head === ready.length) {
      while (unseen < done.length && (done[unseen] || open[unseen] <= 0)) unseen += 1;
      if (unseen === done.length) break;
      open[unseen] = 0;
      ready.push(unseen);
    }
    const at = ready[head];
    if (done[at]) continue;
    done[at] = true;
    for (const target of targets[at]) {
      if (done[target]) continue;
      rank[target] = Math.max(rank[target], rank[at] + 1);
      open[target] -= 1;
      if (open[target] === 0) ready.push(target);
    }
  }
  pullDown(rank, sources, targets);
  return rank;
}

function rowsByLongestPath(sources: number[][], targets: number[][]): number[][] {
  const rows: number[][] = [];
  ranks(sources, targets).forEach((row, at) => (rows[row] ??= []).push(at));
  return Array.from(rows, (row) => row ?? []);
}

/** Moves leaves (inputs, constants) next to the first thing that uses them, so that their edges are short. */
function pullDown(rank: number[], sources: number[][], targets: number[][]): void {
  targets.forEach((users, at) => {
    if ((sources[at] ?? []).length > 0 || users.length === 0) return;
    const first = users.reduce((least, user) => Math.min(least, rank[user] ?? 0), Infinity);
    rank[at] = Math.max(0, first - 1);
  });
}

/** One sweep from the top: each row ordered by the mean place of what its items are made from. */
function orderRows(rows: number[][], sources: number[][]): number[][] {
  const slot = new Map<number, number>();
  return rows.map((row) => {
    const wish = new Map<number, number>();
    row.forEach((at, position) => {
      const known = (sources[at] ?? []).flatMap((source) => slot.get(source) ?? []);
      wish.set(at, known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : position / row.length);
    });
    const sorted = [...row].sort((a, b) => (wish.get(a) ?? 0) - (wish.get(b) ?? 0) || a - b);
    sorted.forEach((at, position) => slot.set(at, (position + 0.5) / sorted.length));
    return sorted;
  });
}

function breakRows(rows: number[][]): number[][] {
  return rows.flatMap((row) => {
    const pieces: number[][] = [];
    for (let start = 0; start < row.length; start += WIDEST) pieces.push(row.slice(start, start + WIDEST));
    return pieces;
  });
}
