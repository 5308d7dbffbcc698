/** Completion of the engine's names: after a dot, by what the program imported; after anything else a tensor's. */

import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";

/** Module -> name -> its signature and the first line of its description. */
export type Names = Record<string, Record<string, readonly string[]>>;

let loaded: Promise<Names> | undefined;

/** The generated table; it is fetched when the first dot asks for it. */
function load(): Promise<Names> {
  return (loaded ??= import("../../generated/names.json").then((module) => module.default as Names));
}

/** Which module each imported name of a program stands for: {"torch": "torch", "F": "torch.nn.functional"}. */
export function imports(code: string): Map<string, string> {
  const found = new Map<string, string>();
  const add = (module: string, alias: string | undefined, name: string) =>
    found.set(alias ?? name, module.replace(/^engine\b/, "torch"));
  for (const [, list] of code.matchAll(/^[ \t]*import[ \t]+(.+)$/gm)) {
    for (const [, module, alias] of list.matchAll(/([\w.]+)(?:[ \t]+as[ \t]+(\w+))?/g)) {
      if (alias) add(module, alias, alias);
      else add(module.split(".")[0], undefined, module.split(".")[0]);
    }
  }
  for (const [, home, list] of code.matchAll(/^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+\(?([^)\n]+)/gm)) {
    for (const [, name, alias] of list.matchAll(/(\w+)(?:[ \t]+as[ \t]+(\w+))?/g)) add(`${home}.${name}`, alias, name);
  }
  return found;
}

/** The table's module that a dotted path such as "nn.functional" means; "Tensor" for what no import explains. */
export function moduleOf(path: string, imported: ReadonlyMap<string, string>, names: Names): string | null {
  const [first, ...rest] = path.split(".");
  const home = imported.get(first);
  if (home === undefined) return "Tensor";
  const module = [home, ...rest].join(".");
  if (module in names) return module;
  // Another library's module, or a class or a function: nothing of the table stands behind its dot.
  return null;
}

/** Completes after a dot. */
export async function completeNames(context: CompletionContext): Promise<CompletionResult | null> {
  const before = context.matchBefore(/(?:[A-Za-z_][\w.]*|[)\]])\.\w*$/);
  if (!before) return null;
  const dot = before.text.lastIndexOf(".");
  const path = before.text.slice(0, dot);
  const names = await load();
  const isValue = /[)\]]$/.test(path);
  const module = isValue ? "Tensor" : moduleOf(path, imports(context.state.doc.toString()), names);
  if (module === null) return null;
  const options = Object.entries(names[module]).map(([name, [signature, info]]) => option(name, signature, info));
  return { from: before.from + dot + 1, options, validFor: /^\w*$/ };
}

function option(name: string, signature: string, info: string): Completion {
  const type = signature === "" ? "property" : /^[A-Z]/.test(name) ? "class" : "function";
  return { label: name, detail: signature, info: info === "" ? undefined : info, type };
}
