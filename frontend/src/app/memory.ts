/** What the browser remembers between visits: theme, sizes, the last program. A full or forbidden store is no error. */

const PREFIX = "playground.";

/** The value kept under `key`; null where there is none. */
export function recall(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key) ?? "null");
  } catch {
    return null;
  }
}

/** Keeps `value` under `key`. */
export function remember(key: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // Private windows and full disks forbid it; the page works without.
  }
}
