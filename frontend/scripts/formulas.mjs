/** Sets the engine's formulas as MathML, once, so that no formula is set in the page: prints `formulas.generated.ts`. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import temml from "temml";

const SOURCE = new URL("../src/generated/formulas.json", import.meta.url);

/** A formula as MathML, without what a strict content policy would refuse. */
export function mathml(tex) {
  const set = temml.renderToString(tex, { throwOnError: true });
  return set.replace(/ (style|class)="[^"]*"/g, "");
}

/** The text of `formulas.generated.ts` for the formulas in `formulas.json`. */
export function generate(json) {
  const formulas = Object.entries(JSON.parse(json)).map(([op, { formula, slopes, letters, defaults }]) => [
    op,
    {
      tex: formula,
      formula: mathml(formula),
      slopes: Object.fromEntries(
        Object.entries(slopes).map(([operand, tex]) => [operand, { tex, mathml: mathml(tex) }]),
      ),
      letters,
      defaults,
    },
  ]);
  const lines = formulas.map(([op, formula]) => `  ${JSON.stringify(op)}: ${JSON.stringify(formula)},`);
  return `// Generated from the engine's declarations by \`make gen\`. Do not edit: change the op and generate again.
/* eslint-disable */

/** An op's formula and its slopes: MathML to show, LaTeX to compute with, the letter of each operand. */
export interface Formula {
  tex: string;
  formula: string;
  slopes: Record<string, { tex: string; mathml: string }>;
  letters: Record<string, string>;
  defaults: Record<string, number>;
}

export const FORMULAS: Record<string, Formula> = {
${lines.join("\n")}
};
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(generate(readFileSync(SOURCE, "utf8")));
}
