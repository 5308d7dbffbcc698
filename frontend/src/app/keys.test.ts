import { expect, it } from "vitest";
import { actionOf, KEYS, spell } from "./keys";

const press = (key: string, rest = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, ...rest });

it("runs by Ctrl+Enter, on a Mac by Cmd+Enter, also while somebody types", () => {
  expect(actionOf(press("Enter", { ctrlKey: true }), false, true)).toBe("run");
  expect(actionOf(press("Enter", { metaKey: true }), true, true)).toBe("run");
  expect(actionOf(press("Enter", { ctrlKey: true }), true, true)).toBeNull();
  expect(actionOf(press("Enter"), false, false)).toBeNull();
});

it("leaves plain letters to whoever types", () => {
  expect(actionOf(press("]"), false, false)).toBe("step-on");
  expect(actionOf(press("]"), false, true)).toBeNull();
  expect(actionOf(press("?", { altKey: true }), false, false)).toBeNull();
  expect(actionOf(press("F6"), false, true)).toBe("next-pane");
});

it("gives every action one key, spelled for the system", () => {
  expect(new Set(KEYS.map(({ action }) => action)).size).toBe(KEYS.length);
  expect(spell({ key: "s", mod: true }, false)).toBe("Ctrl+S");
  expect(spell({ key: "s", mod: true }, true)).toBe("⌘S");
});
