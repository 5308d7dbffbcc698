import { describe, expect, it } from "vitest";
import { buildHierarchy } from "../layout/hierarchy";
import { place } from "../layout/place";
import { neuronGraph, transformerGraph } from "../layout/synthetic";
import { buildView, firstOpen } from "../layout/view";
import { measure } from "./card";
import { neighbour } from "./walk";
import { wireMiddle, wirePath } from "./wire";

describe("neighbour", () => {
  const hierarchy = buildHierarchy(neuronGraph());
  const neuron = place(buildView(hierarchy, firstOpen(hierarchy), measure));

  it("follows edges down and up", () => {
    expect(neighbour(neuron, "n0", "down")).toBe("n5");
    expect(neighbour(neuron, "n9", "up")).toBe("n8");
    expect(neighbour(neuron, "n9", "down")).toBeNull();
  });

  it("goes along the row left and right", () => {
    expect(neighbour(neuron, "n0", "right")).toBe("n2");
    expect(neighbour(neuron, "n0", "left")).toBeNull();
  });

  it("leads into an open module, and out of it along its last edge", () => {
    const model = buildHierarchy(transformerGraph(3));
    const placed = place(buildView(model, new Set(["", "module:model"]), measure));
    expect(neighbour(placed, "module:model", "down")).toBe("n1");
    const last = model.graph.nodes[model.graph.nodes.length - 1].id;
    const head = model.graph.nodes[model.graph.nodes.length - 2].id;
    expect(neighbour(placed, head, "down")).toBe(last);
  });
});

describe("wirePath", () => {
  const points = [
    { x: 0, y: 0 },
    { x: 10, y: 20 },
    { x: 10, y: 60 },
  ];

  it("starts and ends where the wire does, whatever the shift", () => {
    expect(wirePath(points)).toBe("M0 0Q10 20 10 60");
    expect(wirePath(points.slice(0, 2), 3)).toBe("M3 0C3 10 13 10 13 20");
    expect(wirePath([])).toBe("");
  });

  it("has its middle on the wire", () => {
    expect(wireMiddle(points)).toEqual({ x: 10, y: 20 });
    expect(wireMiddle(points.slice(0, 2))).toEqual({ x: 5, y: 10 });
  });
});
