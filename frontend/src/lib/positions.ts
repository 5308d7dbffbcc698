/** Python's columns count characters (code points); the editor counts UTF-16 units. */

/** The place in `line` at which its `column`-th character begins, or its end where it is shorter. */
export function unitsAt(line: string, column: number): number {
  let units = 0;
  let characters = 0;
  for (const character of line) {
    if (characters++ >= column) break;
    units += character.length;
  }
  return units;
}

interface Place {
  line: number | null;
  column: number | null;
  end_line: number | null;
  end_column: number | null;
}

/** A place in a program as offsets into its text; a place without columns is its line's text. Null: not in there. */
export function offsets(code: string, place: Place): { from: number; to: number } | null {
  const lines = code.split("\n");
  const { line, column, end_line: endLine, end_column: endColumn } = place;
  if (line === null || line < 1 || line > lines.length) return null;
  const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  const text = lines[line - 1];
  const indent = text.length - text.trimStart().length;
  const from = start + (column === null ? indent : unitsAt(text, column));
  const last = endLine !== null && endLine > line && endLine <= lines.length ? endLine : line;
  const lastStart = lines.slice(0, last - 1).reduce((sum, each) => sum + each.length + 1, 0);
  const to = lastStart + (endColumn === null ? lines[last - 1].length : unitsAt(lines[last - 1], endColumn));
  return { from, to: Math.max(from, to) };
}
