/** The curves between cards. */

import type { Point } from "../layout/place";

/** An SVG path through `points`, rounded at the bends; `shift` moves it sideways, to leave room for its twin. */
export function wirePath(points: readonly Point[], shift = 0): string {
  if (points.length < 2) return "";
  const moved = points.map((point) => ({ x: round(point.x + shift), y: round(point.y) }));
  const first = moved[0];
  const last = moved[moved.length - 1];
  if (moved.length === 2) {
    const middle = round((first.y + last.y) / 2);
    return `M${first.x} ${first.y}C${first.x} ${middle} ${last.x} ${middle} ${last.x} ${last.y}`;
  }
  let path = `M${first.x} ${first.y}`;
  for (let at = 1; at + 1 < moved.length; at += 1) {
    const bend = moved[at];
    const next = moved[at + 1];
    const end = at + 2 === moved.length ? next : { x: round((bend.x + next.x) / 2), y: round((bend.y + next.y) / 2) };
    path += `Q${bend.x} ${bend.y} ${end.x} ${end.y}`;
  }
  return path;
}

/** The middle of a wire, where its count is written. */
export function wireMiddle(points: readonly Point[]): Point {
  if (points.length === 0) return { x: 0, y: 0 };
  if (points.length % 2 === 1) return points[(points.length - 1) / 2];
  const a = points[points.length / 2 - 1];
  const b = points[points.length / 2];
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
