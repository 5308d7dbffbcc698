/** What of a hierarchy is to be seen: nested levels of visible items, with every edge lifted to them. */

import type { Group, Hierarchy, Item } from "./hierarchy";

/** The two ends of a level where edges from outside come in and go out. */
export const IN = "<in";
export const OUT = ">out";

export interface Size {
  width: number;
  height: number;
}

/** A visible item: closed, with its size, or open, with the level inside it. */
export interface Slot extends Size {
  id: string;
  level: Level | null;
}

/** A lifted edge: it stands for `edges`, positions in the graph's edge list. */
export interface Link {
  from: string;
  to: string;
  edges: number[];
}

/** The direct contents of one open group. Plain data: it is posted to the layout's worker. */
export interface Level {
  id: string;
  slots: Slot[];
  links: Link[];
}

/** A graph of at most so many values is shown whole at first. */
export const SHOWN_WHOLE = 40;

/** The groups open at first: all of a small graph, else the outermost level and the one module that holds it all. */
export function firstOpen(hierarchy: Hierarchy): Set<string> {
  if (hierarchy.root.size <= SHOWN_WHOLE) return new Set(hierarchy.groups.keys());
  const open = new Set<string>([hierarchy.root.id]);
  const groups = hierarchy.root.children.filter((item) => item.kind !== "node");
  if (groups.length === 1 && groups[0].kind === "module") open.add(groups[0].id);
  return open;
}

/** The visible levels when the groups in `open` are open; `measure` gives the size of a closed item. */
export function buildView(hierarchy: Hierarchy, open: ReadonlySet<string>, measure: (item: Item) => Size): Level {
  const links = new Map<string, Map<string, Link>>();
  const add = (level: string, from: string, to: string, edge: number): void => {
    let known = links.get(level);
    if (!known) links.set(level, (known = new Map<string, Link>()));
    const key = `${from}\n${to}`;
    const link = known.get(key);
    if (link) link.edges.push(edge);
    else known.set(key, { from, to, edges: [edge] });
  };
  const paths = new Map<string, string[]>();
  const pathOf = (id: string): string[] | null => {
    const known = paths.get(id);
    if (known) return known;
    const leaf = hierarchy.leaves.get(id);
    if (!leaf) return null;
    const path = visiblePath(leaf, open);
    paths.set(id, path);
    return path;
  };
  hierarchy.graph.edges.forEach((edge, index) => {
    const source = pathOf(edge.source);
    const target = pathOf(edge.target);
    if (!source || !target) return;
    let depth = 0;
    while (depth < source.length && depth < target.length && source[depth] === target[depth]) depth += 1;
    const from = source[depth];
    const to = target[depth];
    if (from === undefined || to === undefined) return;
    add(depth === 0 ? hierarchy.root.id : (source[depth - 1] ?? ""), from, to, index);
    for (let at = depth; at + 1 < source.length; at += 1) add(source[at] ?? "", source[at + 1] ?? "", OUT, index);
    for (let at = depth; at + 1 < target.length; at += 1) add(target[at] ?? "", IN, target[at + 1] ?? "", index);
  });
  const levelOf = (group: Group): Level => ({
    id: group.id,
    slots: group.children.map((item) => {
      const level = item.kind !== "node" && open.has(item.id) ? levelOf(item) : null;
      return { id: item.id, level, ...(level ? { width: 0, height: 0 } : measure(item)) };
    }),
    links: [...(links.get(group.id)?.values() ?? [])],
  });
  return levelOf(hierarchy.root);
}

/** The visible items from the outermost down to the one that stands for `item`. */
export function visiblePath(item: Item, open: ReadonlySet<string>): string[] {
  const chain: string[] = [];
  for (let at: Item | null = item; at?.parent; at = at.parent) chain.push(at.id);
  chain.reverse();
  const closed = chain.findIndex((id, depth) => depth < chain.length - 1 && !open.has(id));
  return closed === -1 ? chain : chain.slice(0, closed + 1);
}

/** How many items a view shows. */
export function countShown(level: Level): number {
  return level.slots.reduce((sum, slot) => sum + 1 + (slot.level ? countShown(slot.level) : 0), 0);
}
