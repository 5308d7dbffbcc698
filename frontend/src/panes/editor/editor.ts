/** The code editor: CodeMirror with what a Python program of one file needs. No Svelte in here. */

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { python, pythonLanguage } from "@codemirror/lang-python";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  placeholder,
} from "@codemirror/view";
import { type Mark, marks, marksField, setMarks, toDiagnostics } from "./marks";
import { completeNames } from "./names";
import { highlighting, theme } from "./style";

export interface EditorEvents {
  /** The text is another one, by typing. */
  changed: (code: string) => void;
  /** The caret went to another line (from 1). */
  caret: (line: number) => void;
}

export interface Editor {
  /** Shows another program; the history of the old one is gone. Does nothing where it is shown already. */
  setCode: (code: string) => void;
  /** Underlines errors and findings, and lights the columns of the selected node. */
  setMarks: (mark: Mark) => void;
  /** Puts the caret at the beginning of a line and shows it. */
  goTo: (line: number) => void;
  destroy: () => void;
}

/** Puts an editor into `parent`. */
export function createEditor(parent: HTMLElement, code: string, events: EditorEvents): Editor {
  let line = 0;
  const listener = EditorView.updateListener.of((update) => {
    if (update.docChanged) events.changed(update.state.doc.toString());
    const now = update.state.doc.lineAt(update.state.selection.main.head).number;
    if ((update.selectionSet || update.docChanged) && now !== line) events.caret((line = now));
  });
  const extensions = [
    lineNumbers(),
    lintGutter(),
    history(),
    drawSelection(),
    indentOnInput(),
    indentUnit.of("    "),
    bracketMatching(),
    closeBrackets(),
    autocompletion(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches(),
    placeholder("Write a program, for example:  import torch"),
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap]),
    keymap.of([indentWithTab]),
    python(),
    pythonLanguage.data.of({ autocomplete: completeNames }),
    syntaxHighlighting(highlighting),
    theme,
    marksField,
    EditorView.contentAttributes.of({
      ...{ "aria-label": "Program", tabindex: "0" },
      ...{ spellcheck: "false", autocorrect: "off", autocapitalize: "off" },
    }),
    listener,
  ];
  const fresh = (doc: string) => EditorState.create({ doc, extensions });
  const view = new EditorView({ state: fresh(code), parent });
  return {
    setCode(next) {
      if (next !== view.state.doc.toString()) view.setState(fresh(next));
    },
    setMarks(mark) {
      const text = view.state.doc.toString();
      view.dispatch(setDiagnostics(view.state, toDiagnostics(mark, text)));
      const found = marks(mark, text);
      const effects = [setMarks.of(found)];
      const selected = found.selected;
      view.dispatch({
        effects: selected && mark.show ? [...effects, EditorView.scrollIntoView(selected.from)] : effects,
      });
    },
    goTo(number) {
      const { from } = view.state.doc.line(Math.min(Math.max(1, number), view.state.doc.lines));
      view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
      view.focus();
    },
    destroy: () => view.destroy(),
  };
}
