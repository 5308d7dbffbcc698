/** Made-up graphs for tests and measurements, as the recorder would send them. */

import type { Edge, GraphEvent, Module, Node } from "../../protocol/types.generated";

/** A graph under construction: nodes in forward order, with edges from what they are made from. */
export class GraphMaker {
  readonly nodes: Node[] = [];
  readonly edges: Edge[] = [];
  modules: Module[] = [];

  /** Adds a node fed by `from` (ids, by operand name) and gives its id. */
  add(node: Partial<Node>, from: Record<string, string> = {}): string {
    const id = `n${this.nodes.length}`;
    this.nodes.push({
      id,
      kind: "op",
      op: null,
      name: "",
      shape: [],
      dtype: "float32",
      device: "cpu",
      requires_grad: true,
      module: "",
      line: null,
      column: null,
      end_line: null,
      end_column: null,
      formula: null,
      ...node,
    });
    for (const [argument, source] of Object.entries(from)) this.edges.push({ source, target: id, argument });
    return id;
  }

  /** A Linear layer at `module`. */
  linear(module: string, x: string, rows: number, inputs: number, outputs: number, line = 1): string {
    const weight = this.add({ kind: "parameter", name: `${module}.weight`, module, shape: [outputs, inputs] });
    const bias = this.add({ kind: "parameter", name: `${module}.bias`, module, shape: [outputs] });
    return this.add({ op: "linear", module, shape: [rows, outputs], line }, { input: x, weight, bias });
  }

  event(hash: string): GraphEvent {
    const { nodes, edges, modules } = this;
    return { type: "graph", v: 1, seq: 0, t: 0, graph: hash, step: 0, nodes, edges, modules, truncated: false };
  }
}

function module(path: string, kind: string, children: Module[] = []): Module {
  return { path, kind, children };
}

/** A classifier of linear and tanh layers, as `nn.Sequential` records it. */
export function mlpGraph(widths: number[], rows = 200): GraphEvent {
  const maker = new GraphMaker();
  const children: Module[] = [];
  let x = maker.add({ kind: "input", name: "X", shape: [rows, widths[0]], requires_grad: false, line: 4 });
  widths.slice(1).forEach((width, layer) => {
    const path = String(2 * layer);
    children.push(module(path, "Linear"));
    x = maker.linear(path, x, rows, widths[layer], width, 17);
    if (layer === widths.length - 2) return;
    const activation = String(2 * layer + 1);
    children.push(module(activation, "Tanh"));
    x = maker.add({ op: "tanh", module: activation, shape: [rows, width], line: 17 }, { input: x });
  });
  const y = maker.add({ kind: "input", name: "y", shape: [rows], dtype: "int64", requires_grad: false, line: 4 });
  maker.add({ kind: "output", op: "cross_entropy", name: "loss", line: 18 }, { input: x, target: y });
  maker.modules = [module("", "Sequential", children)];
  return maker.event(`mlp-${widths.join("-")}`);
}

/** The neuron of the chain-rule lesson: tanh(x1·w1 + x2·w2 + b). */
export function neuronGraph(): GraphEvent {
  const maker = new GraphMaker();
  const leaf = (name: string, line: number): string => maker.add({ kind: "parameter", name, line });
  const [x1, x2, w1, w2, b] = ["x1", "x2", "w1", "w2", "b"].map((name, at) => leaf(name, 4 + at));
  const first = maker.add({ op: "mul", line: 10, column: 11, end_column: 18 }, { input: x1, other: w1 });
  const second = maker.add({ op: "mul", line: 10, column: 21, end_column: 28 }, { input: x2, other: w2 });
  const weighted = maker.add({ op: "add", name: "weighted", line: 10 }, { input: first, other: second });
  const total = maker.add({ op: "add", name: "total", line: 11 }, { input: weighted, other: b });
  maker.add({ kind: "output", op: "tanh", name: "out", line: 12 }, { input: total });
  return maker.event("neuron");
}

/** A transformer of `blocks` equal blocks: about 22 nodes a block, nested three modules deep. */
export function transformerGraph(blocks: number, width = 64): GraphEvent {
  const maker = new GraphMaker();
  const shape = [8, 32, width];
  const op = (name: string, path: string, from: Record<string, string>): string =>
    maker.add({ op: name, module: path, shape, line: 30 }, from);
  const norm = (path: string, x: string): string => {
    const weight = maker.add({ kind: "parameter", name: `${path}.weight`, module: path, shape: [width] });
    const bias = maker.add({ kind: "parameter", name: `${path}.bias`, module: path, shape: [width] });
    return op("layer_norm", path, { input: x, weight, bias });
  };
  const tokens = maker.add({ kind: "input", name: "tokens", shape: [8, 32], requires_grad: false });
  let x = op("embedding", "model.embed", { input: tokens });
  const children: Module[] = [module("model.embed", "Embedding")];
  const layers: Module[] = [];
  for (let block = 0; block < blocks; block += 1) {
    const path = `model.blocks.${block}`;
    const attention = `${path}.attention`;
    const normed = norm(`${path}.norm1`, x);
    const [q, k, v] = ["q", "k", "v"].map((name) => maker.linear(`${attention}.${name}`, normed, 256, width, width));
    const scores = op("matmul", attention, { input: q, other: op("transpose", attention, { input: k }) });
    const weights = op("softmax", attention, { input: op("mul", attention, { input: scores }) });
    const mixed = maker.linear(
      `${attention}.out`,
      op("matmul", attention, { input: weights, other: v }),
      256,
      width,
      width,
    );
    const first = op("add", path, { input: x, other: mixed });
    const wide = maker.linear(`${path}.mlp.0`, norm(`${path}.norm2`, first), 256, width, 4 * width);
    const narrow = maker.linear(`${path}.mlp.2`, op("gelu", `${path}.mlp.1`, { input: wide }), 256, 4 * width, width);
    x = op("add", path, { input: first, other: narrow });
    layers.push(module(path, "Block", [module(attention, "Attention"), module(`${path}.mlp`, "Sequential")]));
  }
  children.push(module("model.blocks", "ModuleList", layers), module("model.head", "Linear"));
  const logits = maker.linear("model.head", norm("model.norm", x), 256, width, 100);
  maker.add({ kind: "output", op: "cross_entropy", name: "loss" }, { input: logits });
  maker.modules = [module("model", "Transformer", children)];
  return maker.event(`transformer-${blocks}`);
}

/** A chain of `count` scalar sums over two leaves, without modules. */
export function chainGraph(count: number): GraphEvent {
  const maker = new GraphMaker();
  let x = maker.add({ kind: "parameter", name: "x" });
  const y = maker.add({ kind: "parameter", name: "y" });
  for (let at = 0; at < count; at += 1) x = maker.add({ op: "add" }, { input: x, other: y });
  return maker.event(`chain-${count}`);
}
