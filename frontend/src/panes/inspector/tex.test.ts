import { describe, expect, it } from "vitest";
import { FORMULAS } from "../../generated/formulas.generated";
import { withNumbers } from "./mathml";
import { evaluate } from "./tex";

describe("evaluate", () => {
  const given = { a: 2, b: 3, x: 0.5, y: 4, "\\bar y": 10, "\\alpha": 1 };
  const cases: [string, number][] = [
    [String.raw`\bar y\,b`, 30],
    [String.raw`-\bar y\,a / b^2`, -20 / 9],
    [String.raw`\bar y\,b\,a^{b-1}`, 120],
    [String.raw`\bar y\,y \ln a`, 40 * Math.log(2)],
    [String.raw`\bar y / (2 y)`, 1.25],
    [String.raw`-\tfrac12 \bar y\,y^3`, -320],
    [String.raw`\bar y\,[a > b] + \tfrac12 \bar y\,[a = b]`, 0],
    [String.raw`\bar y \cos x`, 10 * Math.cos(0.5)],
    [String.raw`\tfrac{2}{\sqrt\pi} \bar y\,e^{-x^2}`, (20 / Math.sqrt(Math.PI)) * Math.exp(-0.25)],
    [String.raw`\bar y\,\mathrm{sgn}\,x`, 10],
    [String.raw`\bar y / (x \ln 10)`, 20 / Math.log(10)],
    [String.raw`-\bar y \lfloor a / b \rfloor`, 0],
    [String.raw`\alpha \bar y`, 10],
    [String.raw`\max(0, x) \cdot |a - b|`, 0.5],
  ];

  it.each(cases)("computes %s", (tex, value) => {
    expect(evaluate(tex, given)).toBeCloseTo(value, 12);
  });

  it.each([String.raw`\sum_n \bar y_n`, String.raw`\bar y\,W^\top`, "q", "(a", "a b)"])("leaves %s alone", (tex) => {
    expect(evaluate(tex, given)).toBeNull();
  });

  it("computes the slopes of the ops that the chain-rule lesson uses", () => {
    expect(evaluate(FORMULAS.mul.slopes.input.tex, { a: 2, b: -1.5, y: -3, "\\bar y": 1 })).toBe(-1.5);
    expect(evaluate(FORMULAS.add.slopes.other.tex, { ...FORMULAS.add.defaults, a: 1, b: 2, y: 3, "\\bar y": 1 })).toBe(
      1,
    );
    expect(evaluate(FORMULAS.tanh.slopes.input.tex, { x: 0.7, y: 0.6, "\\bar y": 1 })).toBeCloseTo(0.64, 12);
  });
});

describe("withNumbers", () => {
  it("keeps the space after a function's name", () => {
    const math = withNumbers(FORMULAS.tanh.formula, { x: "0.7" });
    expect(math).toMatch(/tanh<\/mi><mo>\u2061<\/mo><mspace[^>]*><\/mspace><\/mrow><mn>0\.7/);
  });

  it("puts numbers for letters, negative ones in parentheses, with a dot between neighbours", () => {
    const math = withNumbers(FORMULAS.mul.formula, { y: "−3.0000", a: "2.0000", b: "−1.5000" });
    expect(math).toBe(
      "<math><mrow><mn>−3.0000</mn><mo>=</mo><mn>2.0000</mn><mo>·</mo><mn>(−1.5000)</mn></mrow></math>",
    );
  });

  it("tells the gradient that comes in from the result", () => {
    const math = withNumbers(FORMULAS.mul.slopes.input.mathml, { y: "7", "\\bar y": "2", b: "5" });
    expect(math).toBe("<math><mrow><mn>2</mn><mo>·</mo><mn>5</mn></mrow></math>");
  });

  it("leaves other letters", () => {
    expect(withNumbers("<math><mi>q</mi></math>", { a: "1" })).toBe("<math><mi>q</mi></math>");
  });
});
