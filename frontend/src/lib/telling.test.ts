import { expect, it } from "vitest";
import { graph, node } from "../testing/events";
import { tellingNode } from "./telling";

it("points to the largest weight", () => {
  const small = node("small", { kind: "parameter", shape: [2, 16] });
  const bias = node("bias", { kind: "parameter", shape: [1000] });
  const large = node("large", { kind: "parameter", shape: [16, 16] });
  const data = node("data", { kind: "input", shape: [500, 500] });
  expect(tellingNode({ ...graph("g", []), nodes: [data, small, bias, large, node("loss")] })).toBe("large");
});

it("points to the result where there is no matrix, and to nothing in an empty graph", () => {
  expect(tellingNode(graph("g", ["a", "b", "loss"]))).toBe("loss");
  expect(tellingNode(graph("g", []))).toBeNull();
  expect(tellingNode(null)).toBeNull();
});
