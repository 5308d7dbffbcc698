/** Marks on the browser's time line, from Run to the first picture: `performance.getEntriesByName` reads them. */

type Mark = "run-created" | "first-event" | "first-graph" | "graph-drawn";

/** Begins anew: what was marked of the run before is forgotten. */
export function markRun(): void {
  performance.clearMarks();
  performance.mark("run");
}

/** Marks the first time that something happens after Run. */
export function markFirst(name: Mark): void {
  if (performance.getEntriesByName("run").length === 0 || performance.getEntriesByName(name).length > 0) return;
  performance.mark(name);
}
