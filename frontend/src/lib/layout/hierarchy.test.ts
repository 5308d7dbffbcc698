import { describe, expect, it } from "vitest";
import type { Problem } from "../../protocol/types.generated";
import { faceOf, spoken } from "../draw/card";
import { ancestors, buildHierarchy, type Group, type Item } from "./hierarchy";
import { GraphMaker, mlpGraph, neuronGraph, transformerGraph } from "./synthetic";

const names = (items: Item[]): string[] =>
  items.map((item) => (item.kind === "node" ? item.node.name || (item.node.op ?? "") : item.label));

function group(items: Item[], label: string): Group {
  const found = items.find((item) => item.kind !== "node" && item.label === label);
  if (!found || found.kind === "node") throw new Error(`no group ${label} in ${names(items).join(", ")}`);
  return found;
}

describe("buildHierarchy", () => {
  it("puts a layer's parameters on its op and its name on what stands for it", () => {
    const { root, carriers } = buildHierarchy(mlpGraph([2, 16, 16, 2]));
    expect(names(root.children)).toEqual(["X", "linear", "tanh", "linear", "tanh", "linear", "y", "loss"]);
    const [, linear] = root.children;
    expect(linear.kind === "node" && linear.caption).toBe("0 · Linear");
    expect(linear.kind === "node" && linear.chips.map((chip) => chip.name)).toEqual(["0.weight", "0.bias"]);
    expect(carriers.size).toBe(6);
  });

  it("shows every number of a scalar program as a node of its own", () => {
    const { root, carriers } = buildHierarchy(neuronGraph());
    expect(root.children).toHaveLength(10);
    expect(carriers.size).toBe(0);
  });

  it("folds equal blocks into one item, which takes the place of the list that holds them", () => {
    const { root } = buildHierarchy(transformerGraph(12));
    const model = group(root.children, "model");
    const blocks = group(model.children, "blocks × 12");
    expect(blocks.kind).toBe("fold");
    expect(blocks.children).toHaveLength(12);
    expect(blocks.type).toBe("Block");
    expect(ancestors(blocks.children[3]).map((each) => each.label)).toEqual(["model", "blocks × 12"]);
  });

  it("does not fold blocks that differ", () => {
    const maker = new GraphMaker();
    let x = maker.add({ kind: "input", name: "x", shape: [4] });
    [4, 5, 6].forEach((size, at) => {
      const path = `blocks.${at}`;
      x = maker.add({ op: "relu", module: path, shape: [size] }, { input: x });
      x = maker.add({ op: "exp", module: path, shape: [size] }, { input: x });
    });
    const { root } = buildHierarchy(maker.event("different"));
    expect(group(root.children, "blocks").children.map((item) => item.kind)).toEqual(["module", "module", "module"]);
  });

  it("gives a module that is called twice two items", () => {
    const maker = new GraphMaker();
    let x = maker.add({ kind: "input", name: "x", shape: [4] });
    for (let call = 0; call < 2; call += 1) {
      x = maker.add({ op: "mul", module: "cell", shape: [4] }, { input: x });
      x = maker.add({ op: "tanh", module: "cell", shape: [4] }, { input: x });
      x = maker.add({ op: "add", shape: [4] }, { input: x });
    }
    const { groups } = buildHierarchy(maker.event("twice"));
    expect([...groups.keys()]).toEqual(["", "module:cell", "module:cell#2"]);
  });

  it("tells programs of one structure apart by their shapes", () => {
    const [narrow, wide] = [8, 9].map((width) => ({ ...mlpGraph([2, width, 2]), graph: "same" }));
    expect(buildHierarchy(narrow).hash).not.toBe(buildHierarchy(wide).hash);
    expect(buildHierarchy(narrow).hash).toBe(buildHierarchy({ ...narrow, seq: 9 }).hash);
  });

  it("gives the same ids for the same graph", () => {
    const ids = (): string[] => [...buildHierarchy(transformerGraph(3)).groups.keys()];
    expect(ids()).toEqual(ids());
  });
});

describe("a graph that ends at an op that failed", () => {
  const maker = new GraphMaker();
  const [a, b] = [5, 3].map((size) => maker.add({ kind: "input", name: `x${size}`, shape: [4, size] }));
  maker.add({ op: "matmul", line: 5 }, { input: a, other: b });
  const graph = maker.event("failed");
  const problem: Problem = {
    type: "RuntimeError",
    message: "",
    line: 5,
    column: null,
    end_line: null,
    end_column: null,
    traceback: "",
    explanation: null,
    limit: null,
    shapes: [
      [4, 5],
      [4, 3],
    ],
    axes: [[-1], [0]],
  };

  it("knows the op, and its card marks the axes that do not fit", () => {
    const { failed } = buildHierarchy(graph, problem);
    expect(failed?.node.op).toBe("matmul");
    const marked = failed && faceOf(failed).failure?.map((shape) => shape.filter((axis) => axis.clashes));
    expect(marked).toEqual([[{ size: 5, clashes: true }], [{ size: 4, clashes: true }]]);
    expect(failed && spoken(failed, () => null)).toContain("failed: shapes 4 by 5 and 4 by 3 do not fit, line 5");
  });

  it("is told from one that ended elsewhere", () => {
    expect(buildHierarchy(graph, { ...problem, line: 9 }).failed).toBeNull();
    expect(buildHierarchy(graph).failed).toBeNull();
    expect(buildHierarchy(neuronGraph(), { ...problem, line: 12 }).failed).toBeNull();
  });
});
