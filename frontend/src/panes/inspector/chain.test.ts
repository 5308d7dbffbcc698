import { describe, expect, it } from "vitest";
import { FORMULAS } from "../../generated/formulas.generated";
import type { Numbers } from "../../lib/draw/card";
import { GraphMaker, mlpGraph, neuronGraph } from "../../lib/layout/synthetic";
import { chainRule } from "./chain";

/** The numbers of each node: [value, gradient]. */
function given(values: Record<string, [number, number]>): Numbers {
  return (id, what) => {
    const mean = values[id]?.[what === "value" ? 0 : 1];
    if (mean === undefined) return null;
    return { mean, std: 0, min: mean, max: mean, norm: Math.abs(mean), nan: 0, inf: 0 };
  };
}

describe("chainRule", () => {
  const local = 1 - Math.tanh(0.7) ** 2;
  const neuron = given({
    n0: [2, -1.5 * local],
    n1: [0.5, local],
    n2: [-1.5, 2 * local],
    n3: [1, 0.5 * local],
    n4: [3.2, local],
    n5: [-3, local],
    n6: [0.5, local],
    n7: [-2.5, local],
    n8: [0.7, local],
    n9: [Math.tanh(0.7), 1],
  });

  it("multiplies what comes back with the slope here", () => {
    const rule = chainRule(neuronGraph(), "n2", neuron, FORMULAS);
    const [part] = rule?.parts ?? [];
    expect(part.upstream).toBeCloseTo(local, 12);
    expect(part.local).toBe(2);
    expect(part.product).toBeCloseTo(2 * local, 12);
    expect(rule?.agrees).toBe(true);
  });

  it("knows an op by its formula where the program calls it by another name", () => {
    const graph = neuronGraph();
    const node = graph.nodes.find((each) => each.id === "n9");
    if (!node) throw new Error("there is no n9");
    Object.assign(node, { op: "activation", formula: FORMULAS.tanh.tex });
    expect(chainRule(graph, "n9", neuron, FORMULAS)?.formula).toBe(FORMULAS.tanh.formula);
    Object.assign(node, { op: "activation", formula: "y = nothing" });
    expect(chainRule(graph, "n9", neuron, FORMULAS)?.formula).toBeNull();
  });

  it("shows the op's formula with the numbers of this node", () => {
    const rule = chainRule(neuronGraph(), "n5", neuron, FORMULAS);
    expect(rule?.operands.map((each) => [each.letter, each.node.name, each.value])).toEqual([
      ["a", "x1", 2],
      ["b", "w1", -1.5],
    ]);
    expect(rule?.numbers).toContain("<mn>(−1.5000)</mn>");
  });

  it("knows where the gradient starts", () => {
    expect(chainRule(neuronGraph(), "n9", neuron, FORMULAS)?.root).toBe(true);
  });

  it("adds up what comes back through several uses, and both places of one use", () => {
    const maker = new GraphMaker();
    const x = maker.add({ kind: "parameter", name: "x" });
    const square = maker.add({ op: "mul" }, { input: x, other: x });
    maker.add({ kind: "output", op: "add" }, { input: square, other: x });
    const numbers = given({ n0: [3, 7], n1: [9, 1], n2: [12, 1] });
    const rule = chainRule(maker.event("square"), x, numbers, FORMULAS);
    expect(rule?.parts.map((part) => part.product)).toEqual([3, 3, 1]);
    expect([rule?.sum, rule?.agrees]).toEqual([7, true]);
  });

  it("says when the recorded gradient is another than the sum", () => {
    const numbers = given({ n0: [2, 99], n2: [-1.5, 0], n5: [-3, local] });
    expect(chainRule(neuronGraph(), "n0", numbers, FORMULAS)?.agrees).toBe(false);
  });

  it("takes the slope from the numbers where an operand is not in the graph", () => {
    const maker = new GraphMaker();
    const x = maker.add({ kind: "parameter", name: "x" });
    maker.add({ kind: "output", op: "mul" }, { input: x });
    const rule = chainRule(maker.event("twice"), x, given({ n0: [3, 4], n1: [6, 2] }), FORMULAS);
    expect(rule?.parts[0]).toMatchObject({ upstream: 2, local: 2, product: 4 });
  });

  it("keeps to norms for tensors", () => {
    const graph = mlpGraph([2, 4, 2]);
    const weight = graph.nodes.find((node) => node.name === "0.weight");
    const rule = chainRule(graph, weight?.id ?? "", given({ n1: [0, 0.5], n3: [0, 0.25] }), FORMULAS);
    expect(rule?.parts[0]).toMatchObject({ argument: "weight", norm: 0.25, product: null });
    expect([rule?.grad, rule?.sum]).toEqual([0.5, null]);
  });
});
