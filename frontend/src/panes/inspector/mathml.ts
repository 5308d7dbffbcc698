/** Formulas with numbers in place of letters. */

const NUMBER = "<mn>";

/**
 * `mathml` with each letter in `numbers` replaced by its number ("\\bar y" names the gradient that comes in).
 * Negative numbers stand in parentheses, and numbers side by side get a dot between them.
 */
export function withNumbers(mathml: string, numbers: Record<string, string>): string {
  // The space between factors gives way to a dot; the one after a function's name stays.
  let text = mathml.replace(/(?<!<mo>\u2061<\/mo>)<mspace[^>]*><\/mspace>/g, "");
  text = text.replace(/<mover><mi>(\w)<\/mi><mo[^>]*>‾<\/mo><\/mover>/g, (whole, letter: string) =>
    written(numbers[`\\bar ${letter}`], whole),
  );
  text = text.replace(/<mi>([^<]+)<\/mi>/g, (whole, letter: string) => {
    const name = GREEK[letter] ?? letter;
    return written(numbers[name], whole);
  });
  text = text.replaceAll(`</mn>${NUMBER}`, `</mn><mo>·</mo>${NUMBER}`);
  return text.replace(/^(<math><mrow><mn>)\((−[^)]*)\)/, "$1$2");
}

const GREEK: Record<string, string> = { α: "\\alpha", β: "\\beta", γ: "\\gamma", λ: "\\lambda", ε: "\\epsilon" };

/** The number as one MathML element, so that a power or a fraction around the letter stays whole. */
function written(number: string | undefined, otherwise: string): string {
  if (number === undefined) return otherwise;
  return `<mn>${number.startsWith("−") ? `(${number})` : number}</mn>`;
}
