/** What is marked in the code: the error with its message below its line, findings, the selected node's columns. */

import type { Diagnostic } from "@codemirror/lint";
import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";
import { offsets } from "../../lib/positions";
import type { FindingEvent, Node, Problem } from "../../protocol/types.generated";

export interface Mark {
  error: Problem | null;
  findings: readonly FindingEvent[];
  /** The node that is selected in the graph. */
  selected: Node | null;
  /** Whether to scroll to the selected node's columns. */
  show: boolean;
}

interface Found {
  error: { to: number; message: string } | null;
  selected: { from: number; to: number } | null;
}

/** Marks as places in `code`. */
export function marks({ error, selected }: Mark, code: string): Found {
  const wrong = error && offsets(code, error);
  const lit = selected && offsets(code, selected);
  return {
    error: wrong ? { to: wrong.to, message: headline(error) } : null,
    selected: lit && lit.to > lit.from ? lit : null,
  };
}

/** The error and the findings that have a line, as the lint package wants them. */
export function toDiagnostics({ error, findings }: Mark, code: string): Diagnostic[] {
  const found: Diagnostic[] = [];
  const wrong = error && offsets(code, error);
  if (wrong) found.push({ ...wrong, severity: "error", message: headline(error) });
  for (const { line, severity, message } of findings) {
    const place = offsets(code, { line, column: null, end_line: null, end_column: null });
    if (place) found.push({ ...place, severity, message });
  }
  return found;
}

function headline({ type, message }: Problem): string {
  return message ? `${type}: ${message}` : type;
}

export const setMarks = StateEffect.define<Found>();

const selectedColumns = Decoration.mark({ class: "cm-node" });

class Message extends WidgetType {
  constructor(private readonly text: string) {
    super();
  }

  override eq(other: Message): boolean {
    return other.text === this.text;
  }

  override toDOM(): HTMLElement {
    const element = document.createElement("div");
    element.className = "cm-message";
    element.textContent = this.text;
    return element;
  }
}

/** The marks that are no diagnostics; they move with the text. */
export const marksField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(decorations, transaction) {
    let next = decorations.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(setMarks)) next = decorate(effect.value, (place) => transaction.state.doc.lineAt(place).to);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function decorate({ error, selected }: Found, lineEnd: (place: number) => number): DecorationSet {
  const ranges = [];
  if (selected) ranges.push(selectedColumns.range(selected.from, selected.to));
  if (error) {
    const widget = new Message(error.message);
    ranges.push(Decoration.widget({ widget, block: true, side: 1 }).range(lineEnd(error.to)));
  }
  return Decoration.set(ranges, true);
}
