import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FORMULAS } from "../src/generated/formulas.generated";
import { generate, mathml } from "./formulas.mjs";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

describe("the formulas of the page", () => {
  it("are current", () => {
    const fresh = generate(read("../src/generated/formulas.json"));
    expect(read("../src/generated/formulas.generated.ts") === fresh).toBe(true);
  });

  it("are MathML that a strict content policy takes", () => {
    expect(mathml(String.raw`\bar y\,b`)).toContain("<mi>b</mi>");
    expect(JSON.stringify(FORMULAS)).not.toMatch(/ style=|<script|merror/);
  });

  it("name each operand's letter", () => {
    expect(FORMULAS.mul.letters).toEqual({ input: "a", other: "b" });
    expect(FORMULAS.mul.slopes.input.tex).toContain("b");
  });
});
