/** The nested form of a recorded graph: values inside module calls, runs of equal calls folded into one. */

import type { GraphEvent, Module, Node, Problem } from "../../protocol/types.generated";

/** One value of the graph; the parameters that only feed it ride on it as chips. */
export interface Leaf {
  kind: "node";
  id: string;
  node: Node;
  chips: Node[];
  /** The module that this value stands for, where the module holds nothing else ("fc1 · Linear"). */
  caption: string;
  /** Why the op failed, on the last op of a graph that ends there. */
  problem: Problem | null;
  parent: Group;
  order: number;
}

/** One call of a module, or a run of equal calls (`fold`), or the whole graph (`root`). */
export interface Group {
  kind: "root" | "module" | "fold";
  id: string;
  path: string;
  label: string;
  type: string;
  children: Item[];
  parent: Group | null;
  order: number;
  /** Values inside, at any depth. */
  size: number;
  /** The last value inside: what the module hands on. */
  result: Leaf | null;
}

export type Item = Leaf | Group;

export interface Hierarchy {
  /** Differs where structure, names or shapes do: programs of one structure may still look different. */
  hash: string;
  root: Group;
  leaves: Map<string, Leaf>;
  groups: Map<string, Group>;
  /** Where a parameter is drawn as a chip: the ops that carry it. */
  carriers: Map<string, Leaf[]>;
  /** The op that failed, if the graph ends at one. */
  failed: Leaf | null;
  graph: GraphEvent;
}

const FOLD_FROM = 3;

/** Whether a parameter is small enough in meaning to ride on its op: not a scalar that the program names itself. */
function ridesOnItsOp(node: Node, consumers: Node[]): boolean {
  if (node.kind !== "parameter" || consumers.length === 0) return false;
  const numbers = node.shape.reduce((product, size) => product * size, 1);
  return numbers > 1 || node.module !== "" || node.name.includes(".");
}

/** The op at which a graph ends because it failed with `problem`; null for a graph that is whole. */
export function failedNode(graph: GraphEvent, problem: Problem | null): Node | null {
  const last = graph.nodes.at(-1);
  return problem && last?.kind === "op" && last.line !== null && last.line === problem.line ? last : null;
}

/** The nested form of `graph`. `problem` is how its program ended, where it did not end well. Linear in nodes and edges; the same graph always gives the same ids and order. */
export function buildHierarchy(graph: GraphEvent, problem: Problem | null = null): Hierarchy {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const consumers = new Map<string, Node[]>();
  for (const edge of graph.edges) {
    const target = nodes.get(edge.target);
    if (!target || !nodes.has(edge.source)) continue;
    const known = consumers.get(edge.source);
    if (!known) consumers.set(edge.source, [target]);
    else if (!known.includes(target)) known.push(target);
  }
  const types = moduleTypes(graph.modules);
  const root = newGroup("root", "", "", types.get("") ?? "", null, 0);
  const hierarchy: Hierarchy = {
    hash: `${graph.graph}-${lookOf(graph)}`,
    root,
    leaves: new Map(),
    groups: new Map(),
    carriers: new Map(),
    failed: null,
    graph,
  };
  const calls = new Map<string, number>();
  let open = root;
  const waiting: { node: Node; order: number }[] = [];
  graph.nodes.forEach((node, order) => {
    const users = consumers.get(node.id) ?? [];
    if (ridesOnItsOp(node, users)) {
      hierarchy.carriers.set(node.id, []);
      return;
    }
    if (node.kind === "input" || node.kind === "parameter") {
      waiting.push({ node, order });
      return;
    }
    open = enter(open, node.module, types, calls, order);
    addLeaf(hierarchy, open, node, order);
  });
  for (const { node, order } of waiting) {
    let home = root;
    for (const user of consumers.get(node.id) ?? []) {
      const carrier = hierarchy.leaves.get(user.id);
      if (carrier && node.module !== "") home = carrier.parent;
      break;
    }
    while (home.parent && !holds(home.path, node.module)) home = home.parent;
    addLeaf(hierarchy, home, node, order);
  }
  for (const [id, leaves] of hierarchy.carriers) {
    for (const user of consumers.get(id) ?? []) {
      const leaf = hierarchy.leaves.get(user.id);
      const node = nodes.get(id);
      if (!leaf || !node) continue;
      leaf.chips.push(node);
      leaves.push(leaf);
    }
  }
  const failed = hierarchy.leaves.get(failedNode(graph, problem)?.id ?? "");
  if (failed) {
    failed.problem = problem;
    hierarchy.failed = failed;
  }
  tidy(root);
  fold(root);
  finish(root, hierarchy);
  return hierarchy;
}

/** A short digest (FNV-1a) of what cards say of nodes. */
function lookOf(graph: GraphEvent): string {
  let digest = 0x811c9dc5;
  for (const { name, op, shape, module } of graph.nodes) {
    const said = `${name} ${op} ${shape.join()} ${module};`;
    for (let at = 0; at < said.length; at += 1) digest = Math.imul(digest ^ said.charCodeAt(at), 0x01000193);
  }
  return (digest >>> 0).toString(36);
}

/** The groups around an item, outermost first, the root left out. */
export function ancestors(item: Item): Group[] {
  const chain: Group[] = [];
  for (let group = item.parent; group?.parent; group = group.parent) chain.push(group);
  return chain.reverse();
}

function moduleTypes(modules: Module[]): Map<string, string> {
  const types = new Map<string, string>();
  const stack = [...modules];
  for (let module = stack.pop(); module; module = stack.pop()) {
    types.set(module.path, module.kind);
    stack.push(...module.children);
  }
  return types;
}

function newGroup(
  kind: Group["kind"],
  id: string,
  path: string,
  type: string,
  parent: Group | null,
  order: number,
): Group {
  return {
    kind,
    id,
    path,
    label: path.slice(path.lastIndexOf(".") + 1),
    type,
    children: [],
    parent,
    order,
    size: 0,
    result: null,
  };
}

/** Whether the module at `inner` is the one at `outer` or inside it. */
function holds(outer: string, inner: string): boolean {
  return outer === "" || inner === outer || inner.startsWith(`${outer}.`);
}

/** The group of the running call of the module at `path`: calls that have ended are left, new ones are opened. */
function enter(
  from: Group,
  path: string,
  types: Map<string, string>,
  calls: Map<string, number>,
  order: number,
): Group {
  let group = from;
  while (group.parent && !holds(group.path, path)) group = group.parent;
  const rest = group.path === "" ? path : path.slice(group.path.length + 1);
  if (rest === "" || group.path === path) return group;
  for (const part of rest.split(".")) {
    const inner = group.path === "" ? part : `${group.path}.${part}`;
    const call = (calls.get(inner) ?? 0) + 1;
    calls.set(inner, call);
    const id = call === 1 ? `module:${inner}` : `module:${inner}#${call}`;
    const opened = newGroup("module", id, inner, types.get(inner) ?? "", group, order);
    group.children.push(opened);
    group = opened;
  }
  return group;
}

function addLeaf(hierarchy: Hierarchy, parent: Group, node: Node, order: number): void {
  const leaf: Leaf = { kind: "node", id: node.id, node, chips: [], caption: "", problem: null, parent, order };
  parent.children.push(leaf);
  hierarchy.leaves.set(node.id, leaf);
}

/** Replaces each module that holds one thing by that thing, which then bears the module's name. */
function tidy(group: Group): void {
  group.children = group.children.map((child) => {
    if (child.kind === "node") return child;
    tidy(child);
    const only = child.children.length === 1 ? child.children[0] : undefined;
    if (!only) return child;
    only.parent = group;
    if (only.kind === "node" && only.caption === "") {
      const path = child.path.slice(group.path === "" ? 0 : group.path.length + 1);
      only.caption = child.type === "" ? path : `${path} · ${child.type}`;
    }
    return only;
  });
  group.children.sort((a, b) => a.order - b.order);
}

/** Puts runs of equal neighbouring modules into one item each. */
function fold(group: Group): void {
  const folded: Item[] = [];
  const signatures = group.children.map(signature);
  for (let start = 0; start < group.children.length;) {
    let end = start + 1;
    while (end < group.children.length && signatures[end] === signatures[start]) end += 1;
    const first = group.children[start];
    const run = group.children.slice(start, end);
    if (first && first.kind === "module" && run.length >= FOLD_FROM) folded.push(foldRun(group, first, run as Group[]));
    else folded.push(...run);
    start = end;
  }
  group.children = folded.map((child) => {
    if (child.kind === "node") return child;
    for (const member of child.kind === "fold" ? child.children : [child]) if (member.kind !== "node") fold(member);
    const only = child.children[0];
    if (child.kind !== "module" || child.children.length !== 1 || only.kind !== "fold") return child;
    only.label = `${child.label} × ${only.children.length}`;
    only.parent = group;
    return only;
  });
}

function foldRun(parent: Group, first: Group, run: Group[]): Group {
  const last = run[run.length - 1] ?? first;
  const whole = newGroup("fold", `fold:${first.id}`, first.path, first.type, parent, first.order);
  whole.label =
    last.path === first.path ? `${first.label} × ${run.length}` : `${first.path} … ${last.label} × ${run.length}`;
  whole.children = run;
  for (const member of run) member.parent = whole;
  return whole;
}

/** What makes two items equal to the eye: the ops, shapes and kinds inside, not the names. */
function signature(item: Item): string {
  if (item.kind === "node") {
    const chips = item.chips.map((chip) => chip.shape.join("×")).join();
    return `${item.node.op ?? item.node.kind}[${item.node.shape.join("×")}|${chips}]`;
  }
  return `${item.type}(${item.children.map(signature).join(" ")})`;
}

function finish(group: Group, hierarchy: Hierarchy): void {
  hierarchy.groups.set(group.id, group);
  for (const child of group.children) {
    if (child.kind === "node") {
      group.size += 1;
      if (child.node.kind !== "input" && child.node.kind !== "parameter") group.result = child;
    } else {
      finish(child, hierarchy);
      group.size += child.size;
      group.result = child.result ?? group.result;
    }
  }
}
