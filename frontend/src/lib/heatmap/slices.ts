/** Tensors given as nested lists, and the planes to be shown of them. */

export type Nested = number | null | Nested[];

/** A plane of numbers, row by row. */
export interface Plane {
  rows: number;
  columns: number;
  values: (number | null)[];
}

/** Which axes run down and across, and where the others are held. A missing axis (of a vector, a scalar) is null. */
export interface Cut {
  row: number | null;
  column: number | null;
  at: number[];
}

/** The last two axes of a tensor, the others held at their first place. */
export function firstCut(shape: readonly number[]): Cut {
  const axes = shape.length;
  return { row: axes > 1 ? axes - 2 : null, column: axes > 0 ? axes - 1 : null, at: shape.map(() => 0) };
}

/** The cut with another axis running down or across; an axis that was in the other role changes places with it. */
export function turn(cut: Cut, role: "row" | "column", axis: number): Cut {
  const other = role === "row" ? "column" : "row";
  const swapped = cut[other] === axis ? cut[role] : cut[other];
  return { ...cut, [role]: axis, [other]: swapped };
}

/** The plane that a cut shows. */
export function plane(values: Nested, shape: readonly number[], cut: Cut): Plane {
  const rows = cut.row === null ? 1 : shape[cut.row];
  const columns = cut.column === null ? 1 : shape[cut.column];
  const found: (number | null)[] = [];
  const at = [...cut.at];
  for (let row = 0; row < rows; row += 1) {
    if (cut.row !== null) at[cut.row] = row;
    for (let column = 0; column < columns; column += 1) {
      if (cut.column !== null) at[cut.column] = column;
      found.push(pick(values, at));
    }
  }
  return { rows, columns, values: found };
}

function pick(values: Nested, at: readonly number[]): number | null {
  let here: Nested | undefined = values;
  for (const place of at) here = Array.isArray(here) ? here[place] : undefined;
  return typeof here === "number" ? here : null;
}

/** The place of a plane's cell in its tensor, as Python writes it: "[3, 0, 7]". */
export function placeName(cut: Cut, row: number, column: number): string {
  const at = cut.at.map((held, axis) => (axis === cut.row ? row : axis === cut.column ? column : held));
  return `[${at.join(", ")}]`;
}
