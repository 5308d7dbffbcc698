import { describe, expect, it } from "vitest";
import { offsets, unitsAt } from "./positions";

const place = (line: number | null, column: number | null = null, end: [number, number] | null = null) => ({
  ...{ line, column, end_line: end?.[0] ?? null, end_column: end?.[1] ?? null },
});

describe("unitsAt", () => {
  it("counts characters, not the editor's units", () => {
    expect(unitsAt("a😀b", 2)).toBe(3);
    expect(unitsAt("ab", 9)).toBe(2);
  });
});

describe("offsets", () => {
  const code = "x = 1\n    y = f(x)\nz";
  const text = (where: ReturnType<typeof offsets>) => where && code.slice(where.from, where.to);

  it("finds the exact columns of one line", () => {
    expect(text(offsets(code, place(2, 8, [2, 12])))).toBe("f(x)");
  });

  it("finds a place that goes over several lines", () => {
    expect(text(offsets(code, place(1, 4, [2, 5])))).toBe("1\n    y");
  });

  it("takes the line's text where there are no columns", () => {
    expect(text(offsets(code, place(2)))).toBe("y = f(x)");
  });

  it("finds nothing outside the program", () => {
    expect(offsets(code, place(null))).toBeNull();
    expect(offsets(code, place(4))).toBeNull();
    expect(offsets(code, place(0))).toBeNull();
  });
});
