import { describe, expect, it } from "vitest";
import type { Statistics } from "../../protocol/types.generated";
import { buildHierarchy, type Leaf } from "../layout/hierarchy";
import { mlpGraph, neuronGraph, transformerGraph } from "../layout/synthetic";
import { faceOf, measure, rowText, spoken } from "./card";
import { exact, figure } from "./numbers";
import { gradientTone, valueTone } from "./tone";

const numbers = (mean: number, more: Partial<Statistics> = {}): Statistics => ({
  mean,
  std: 0.5,
  min: -1,
  max: 1,
  norm: Math.abs(mean),
  nan: 0,
  inf: 0,
  ...more,
});

describe("a card's face", () => {
  const mlp = buildHierarchy(mlpGraph([2, 16, 2]));
  const linear = mlp.root.children[1] as Leaf;

  it("says op, module, shape and parameters", () => {
    const face = faceOf(linear);
    expect([face.title, face.tag, face.shape]).toEqual(["linear", "0 · Linear", "200×16"]);
    expect(face.chips.map((chip) => chip.text)).toEqual(["weight 16×2", "bias 16"]);
  });

  it("keeps its chips inside", () => {
    for (const chip of faceOf(linear).chips) {
      expect(chip.x + chip.width).toBeLessThanOrEqual(faceOf(linear).width);
      expect(chip.y + chip.height).toBeLessThanOrEqual(faceOf(linear).height);
    }
  });

  it("leads with the variable's name where there is one, and shows the sign of arithmetic", () => {
    const neuron = buildHierarchy(neuronGraph());
    const faces = neuron.root.children.map(faceOf);
    expect(faces.map((face) => face.title)).toEqual([
      "x1",
      "x2",
      "w1",
      "w2",
      "b",
      "× mul",
      "× mul",
      "weighted",
      "total",
      "out",
    ]);
    expect(faces[7].tag).toBe("+ add");
  });

  it("shows for a closed module what it hands on", () => {
    const { root } = buildHierarchy(transformerGraph(3));
    const model = root.children.find((item) => item.kind === "module");
    expect(model && faceOf(model).shape).toBe("256×100");
    expect(model && measure(model).width).toBeGreaterThan(0);
  });
});

describe("a card's numbers", () => {
  it("are the number itself for a scalar, else mean and spread, or the gradient's norm", () => {
    expect(rowText(numbers(-6), "value", true)).toBe("−6.0000");
    expect(rowText(numbers(0.25), "value", false)).toBe("0.250 ± 0.500");
    expect(rowText(numbers(0.000031), "grad", false)).toBe("‖∇‖ 3.1e−5");
    expect(rowText(null, "value", true)).toBe("–");
  });

  it("name what is no number", () => {
    expect(rowText(numbers(1, { nan: 3 }), "value", false)).toBe("3 NaN");
    expect(rowText(numbers(1, { mean: null, inf: 1 }), "value", true)).toBe("∞");
  });

  it("are written with few digits", () => {
    expect([0, 1234.5, 0.5, 1e-7, -2e9].map(figure)).toEqual(["0", "1235", "0.500", "1.0e−7", "−2.0e9"]);
    expect([0, 2, -0.63471, 1e-9].map(exact)).toEqual(["0.0000", "2.0000", "−0.6347", "1.000e−9"]);
  });
});

describe("a card's tone", () => {
  it("has zero in the middle and the signs apart", () => {
    expect([numbers(-50), numbers(0), numbers(1), numbers(50)].map(valueTone)).toEqual(["v0", "v4", "v6", "v8"]);
  });

  it("runs over powers of ten for gradients", () => {
    expect([numbers(0), numbers(1e-6), numbers(1e-2), numbers(100)].map(gradientTone)).toEqual([
      "g0",
      "g0",
      "g4",
      "g8",
    ]);
  });

  it("marks what is not finite, and what is not known", () => {
    expect(valueTone(numbers(1, { nan: 1 }))).toBe("bad");
    expect(gradientTone(null)).toBe("none");
  });
});

describe("spoken", () => {
  it("says op, name, shape, mean, gradient norm and line", () => {
    const { root } = buildHierarchy(mlpGraph([2, 16, 2]));
    const said = spoken(root.children[1], (_, what) => numbers(what === "grad" ? 0.0031 : 0.25));
    expect(said).toBe("linear, 0 · Linear, shape 200 by 16, mean 0.250, gradient norm 0.00310, line 17");
  });
});
