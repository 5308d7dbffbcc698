/** Numbers as the page writes them: few digits, a true minus sign, an exponent only where it is needed. */

const MINUS = "−";

function tidy(text: string): string {
  return text.replace("e+", "e").replaceAll("-", MINUS);
}

/** Three significant digits: for statistics. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return tidy(value.toExponential(1));
  if (size >= 100) return tidy(value.toFixed(size >= 1000 ? 0 : 1));
  return tidy(value.toPrecision(3));
}

/** Four decimals, as printed tensors have them: for single numbers. */
export function exact(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return figure(value);
  const size = Math.abs(value);
  if (value !== 0 && (size >= 1e6 || size < 1e-4)) return tidy(value.toExponential(3));
  return tidy(value.toFixed(4));
}

/** A shape in the field's short form; a scalar has none. */
export function shapeText(shape: readonly number[]): string {
  return shape.join("×");
}

/** A shape in words, for those who hear the page. */
export function spokenShape(shape: readonly number[]): string {
  return shape.length === 0 ? "a single number" : `shape ${shape.join(" by ")}`;
}
