/** The page's keys: one table, from which follow what they do and what the help lists. */

export type Action = "run" | "stop" | "share" | "next-pane" | "help" | "step-back" | "step-on";

interface Key {
  key: string;
  mod: boolean;
  action: Action;
  says: string;
  /** Whether it also works while somebody types. */
  typing: boolean;
}

export const KEYS: readonly Key[] = [
  { key: "Enter", mod: true, action: "run", says: "Run the program", typing: true },
  { key: ".", mod: true, action: "stop", says: "Stop the program", typing: true },
  { key: "s", mod: true, action: "share", says: "Make a short link and copy it", typing: true },
  { key: "F6", mod: false, action: "next-pane", says: "Go to the next pane", typing: true },
  { key: "[", mod: false, action: "step-back", says: "One training step back", typing: false },
  { key: "]", mod: false, action: "step-on", says: "One training step on", typing: false },
  { key: "?", mod: false, action: "help", says: "List the keys", typing: false },
];

/** Keys that a pane itself answers, for the help's list. */
export const PANE_KEYS: readonly { keys: string; says: string }[] = [
  { keys: "Arrows", says: "In the graph: follow the edges" },
  { keys: "Enter", says: "In the graph: open or close a module" },
  { keys: "Space", says: "In the graph: inspect the node" },
  { keys: "/", says: "In the graph: search" },
  { keys: "Arrows, Home, End", says: "On a border: move it; Enter puts it back" },
  { keys: "Esc, then Tab", says: "In the code: leave it (Tab indents)" },
];

interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** What a key press asks for; null where it asks for nothing of ours. */
export function actionOf(press: Press, mac: boolean, typing: boolean): Action | null {
  if (press.altKey) return null;
  const mod = mac ? press.metaKey : press.ctrlKey;
  const other = mac ? press.ctrlKey : press.metaKey;
  if (other) return null;
  const found = KEYS.find(({ key, mod: wanted }) => wanted === mod && key.toLowerCase() === press.key.toLowerCase());
  return found && (found.typing || !typing) ? found.action : null;
}

/** Whether an element takes text, so that plain letters are its own. */
export function takesText(element: Element | null): boolean {
  if (!(element instanceof HTMLElement)) return false;
  if (element.isContentEditable || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement) {
    return true;
  }
  return element instanceof HTMLInputElement && !["range", "checkbox", "radio", "button"].includes(element.type);
}

/** How a key is written for the reader's system. */
export function spell({ key, mod }: { key: string; mod: boolean }, mac: boolean): string {
  const name = key.length === 1 ? key.toUpperCase() : key;
  return mod ? `${mac ? "⌘" : "Ctrl+"}${name}` : name;
}
