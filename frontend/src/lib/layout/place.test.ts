import { describe, expect, it } from "vitest";
import { measure } from "../draw/card";
import type { GraphEvent } from "../../protocol/types.generated";
import { buildHierarchy } from "./hierarchy";
import { MANY, place, type Box, type Placed } from "./place";
import { chainGraph, mlpGraph, neuronGraph, transformerGraph } from "./synthetic";
import { buildView, firstOpen, type Level } from "./view";

function layOut(graph: GraphEvent, all = false): { placed: Placed; level: Level } {
  const hierarchy = buildHierarchy(graph);
  const level = buildView(hierarchy, all ? new Set(hierarchy.groups.keys()) : firstOpen(hierarchy), measure);
  return { placed: place(level), level };
}

function overlapping(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function inside(inner: Box, outer: Box): boolean {
  const right = inner.x + inner.width <= outer.x + outer.width;
  return inner.x >= outer.x && inner.y >= outer.y && right && inner.y + inner.height <= outer.y + outer.height;
}

function eachLevel(level: Level, visit: (level: Level) => void): void {
  visit(level);
  for (const slot of level.slots) if (slot.level) eachLevel(slot.level, visit);
}

const samples: [string, GraphEvent, boolean][] = [
  ["a neuron", neuronGraph(), false],
  ["a small classifier", mlpGraph([2, 16, 16, 2]), false],
  ["an open transformer", transformerGraph(4), true],
  ["many items", chainGraph(MANY + 100), false],
  ["edges across many rows", chainGraph(MANY - 20), false],
];

describe.each(samples)("the layout of %s", (_, graph, all) => {
  const { placed, level } = layOut(graph, all);
  const boxes = new Map(placed.boxes.map((box) => [box.id, box]));

  it("lets no two items of a level overlap and keeps them in their module", () => {
    eachLevel(level, ({ id, slots }) => {
      const own = slots.map((slot) => boxes.get(slot.id) as Box);
      own.forEach((a, at) =>
        own.slice(at + 1).forEach((b) => expect(overlapping(a, b), `${a.id} ${b.id}`).toBe(false)),
      );
      const around = boxes.get(id);
      if (around) for (const box of own) expect(inside(box, around)).toBe(true);
    });
  });

  it("draws every edge downwards from item to item", () => {
    for (const wire of placed.wires) {
      expect(wire.points.length).toBeGreaterThan(1);
      expect(wire.points[0].y).toBeLessThan(wire.points[wire.points.length - 1].y + 0.5);
    }
  });

  it("is the same each time", () => {
    expect(layOut(graph, all).placed).toEqual(placed);
  });
});

describe("place", () => {
  it("puts an op's operands in the program's order", () => {
    const { placed } = layOut(neuronGraph());
    const x = (id: string): number => placed.boxes.find((box) => box.id === id)?.x ?? NaN;
    const [x1, x2, w1, w2] = ["n0", "n1", "n2", "n3"].map(x);
    expect([x1, w1, x2, w2]).toEqual([x1, w1, x2, w2].sort((a, b) => a - b));
  });

  it("is quick on a model of 5,000 nodes", () => {
    const graph = transformerGraph(227);
    const time = (work: () => void): number => {
      const start = performance.now();
      work();
      return Math.round(performance.now() - start);
    };
    const hierarchy = buildHierarchy(graph);
    const open = firstOpen(hierarchy);
    const steps = {
      hierarchy: time(() => buildHierarchy(graph)),
      collapsed: time(() => place(buildView(hierarchy, open, measure))),
      expanded: time(() => place(buildView(hierarchy, open.add("fold:module:model.blocks.0"), measure))),
    };
    console.info(`${graph.nodes.length} nodes, in ms:`, steps);
    expect(graph.nodes.length).toBeGreaterThan(5000);
  });
});
