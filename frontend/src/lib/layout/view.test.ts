import { describe, expect, it } from "vitest";
import { buildHierarchy } from "./hierarchy";
import { mlpGraph, neuronGraph, transformerGraph } from "./synthetic";
import { buildView, countShown, firstOpen, IN, OUT, visiblePath } from "./view";

const size = (): { width: number; height: number } => ({ width: 100, height: 40 });

describe("firstOpen", () => {
  it("shows a small graph whole", () => {
    for (const graph of [neuronGraph(), mlpGraph([2, 16, 16, 2])]) {
      const hierarchy = buildHierarchy(graph);
      expect(countShown(buildView(hierarchy, firstOpen(hierarchy), size))).toBe(hierarchy.leaves.size);
    }
  });

  it("shows of a large model what stands directly in it", () => {
    const hierarchy = buildHierarchy(transformerGraph(48));
    expect(hierarchy.leaves.size).toBeGreaterThan(600);
    expect([...firstOpen(hierarchy)]).toEqual(["", "module:model"]);
    expect(countShown(buildView(hierarchy, firstOpen(hierarchy), size))).toBeLessThan(10);
  });
});

describe("buildView", () => {
  const hierarchy = buildHierarchy(transformerGraph(12));
  const open = firstOpen(hierarchy);
  const view = buildView(hierarchy, open, size);
  const model = view.slots.find((slot) => slot.id === "module:model");

  it("lifts each edge to the visible items, once a pair", () => {
    const pairs = view.links.map((link) => `${link.from}>${link.to}`);
    expect(new Set(pairs).size).toBe(pairs.length);
    expect(pairs).toContain("n0>module:model");
    expect(model?.level?.links.map((link) => link.from)).toContain(IN);
    expect(model?.level?.links.map((link) => link.to)).toContain(OUT);
  });

  it("counts the edges that a lifted one stands for", () => {
    const intoBlocks = model?.level?.links.find((link) => link.to === "fold:module:model.blocks.0");
    expect(intoBlocks?.edges).toHaveLength(2);
  });

  it("names the visible item that stands for a hidden node", () => {
    const hidden = [...hierarchy.leaves.values()].find((leaf) => leaf.node.module.includes("blocks.7.attention"));
    expect(hidden && visiblePath(hidden, open)).toEqual(["module:model", "fold:module:model.blocks.0"]);
  });
});
