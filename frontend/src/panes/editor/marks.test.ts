import { expect, it } from "vitest";
import type { FindingEvent, Problem } from "../../protocol/types.generated";
import { envelope, node } from "../../testing/events";
import { marks, toDiagnostics } from "./marks";

const CODE = "a = 1\nb = a @ c\n";
const ERROR: Problem = {
  ...{ type: "NameError", message: "name 'c' is not defined", line: 2, column: 8, end_line: 2, end_column: 9 },
  ...{ traceback: "", explanation: null, limit: null, shapes: [], axes: [] },
};
const FINDING: FindingEvent = {
  ...{ ...envelope(), type: "finding", code: "x", severity: "warning", message: "Odd." },
  ...{ node: null, line: 1, fix: null },
};

it("underlines the error's columns and the finding's line", () => {
  const found = toDiagnostics({ error: ERROR, findings: [FINDING], selected: null, show: false }, CODE);
  expect(found.map(({ from, to, severity }) => [CODE.slice(from, to), severity])).toEqual([
    ["c", "error"],
    ["a = 1", "warning"],
  ]);
  expect(found[0].message).toBe("NameError: name 'c' is not defined");
});

it("leaves out what has no line", () => {
  const mark = { error: { ...ERROR, line: null }, findings: [{ ...FINDING, line: null }], selected: null, show: false };
  expect(toDiagnostics(mark, CODE)).toEqual([]);
  expect(marks(mark, CODE)).toEqual({ error: null, selected: null });
});

it("lights the exact columns of the selected node", () => {
  const selected = node("n", { line: 2, column: 4, end_line: 2, end_column: 9 });
  const { selected: lit } = marks({ error: null, findings: [], selected, show: true }, CODE);
  expect(lit && CODE.slice(lit.from, lit.to)).toBe("a @ c");
});
