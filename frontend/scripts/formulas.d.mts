/** A formula as MathML, without what a strict content policy would refuse. */
export function mathml(tex: string): string;

/** The text of `formulas.generated.ts` for the formulas in `formulas.json`. */
export function generate(json: string): string;
