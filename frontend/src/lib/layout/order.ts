/** Turning a finished level so that it reads like the program: what comes first in the code stands to the left. */

import type { LevelPlaces } from "./place";
import { IN, type Level, type Size } from "./view";

/** Mirrors the level, and swaps leaves that feed the same op, where that brings it nearer to the program's order. */
export function readLikeTheProgram(level: Level, places: LevelPlaces, sizes: Map<string, Size>): void {
  if (leaning(level, places) < 0) mirror(places);
  sortLeaves(level, places, sizes);
}

/** Positive where the items of rows stand in the program's order, negative where against it; far apart counts more. */
function leaning(level: Level, places: LevelPlaces): number {
  const lastInRow = new Map<number, number>();
  let sum = 0;
  for (const slot of level.slots) {
    const centre = places.centres.get(slot.id);
    if (!centre) continue;
    const before = lastInRow.get(centre.y);
    if (before !== undefined) sum += centre.x - before;
    lastInRow.set(centre.y, centre.x);
  }
  return sum;
}

function mirror(places: LevelPlaces): void {
  for (const centre of places.centres.values()) centre.x = places.width - centre.x;
  for (const points of places.bends) for (const point of points) point.x = places.width - point.x;
}

/** Puts the leaves of each op (used by nothing else, equal in size and row) in the order of its operands. */
function sortLeaves(level: Level, places: LevelPlaces, sizes: Map<string, Size>): void {
  const uses = new Map<string, number>();
  const made = new Set<string>();
  for (const link of level.links) {
    uses.set(link.from, (uses.get(link.from) ?? 0) + 1);
    made.add(link.to);
  }
  const groups = new Map<string, number[]>();
  level.links.forEach((link, at) => {
    if (link.from === IN || made.has(link.from) || uses.get(link.from) !== 1) return;
    const centre = places.centres.get(link.from);
    const size = sizes.get(link.from);
    const key = `${link.to}\n${centre?.y}\n${size?.width}\n${size?.height}`;
    const group = groups.get(key);
    if (group) group.push(at);
    else groups.set(key, [at]);
  });
  for (const group of groups.values()) {
    const spots = group.map((at) => ({ x: places.centres.get(level.links[at].from)?.x ?? 0, bends: places.bends[at] }));
    spots.sort((a, b) => a.x - b.x);
    group.forEach((at, position) => {
      const centre = places.centres.get(level.links[at].from);
      if (centre) centre.x = spots[position].x;
      places.bends[at] = spots[position].bends;
    });
  }
}
