/** The numbers of one training step, unpacked only when somebody asks. */

import type { FrameEvent, GraphEvent, Statistics, What } from "../protocol/types.generated";
import { STATISTICS } from "../protocol/types.generated";

const ROW = STATISTICS.length;
const positions = new WeakMap<GraphEvent, Map<string, number>>();

/** Where each node id stands in a graph's list of nodes. */
function positionsOf(graph: GraphEvent): Map<string, number> {
  let known = positions.get(graph);
  if (!known) positions.set(graph, (known = new Map(graph.nodes.map((node, place) => [node.id, place]))));
  return known;
}

/** The nodes' places in the graph, unpacked to place -> row at the first question. */
class RowIndex {
  private unpacked: Map<number, number> | null = null;

  constructor(readonly packed: Uint8Array) {}

  get rows(): Map<number, number> {
    if (this.unpacked) return this.unpacked;
    const view = new DataView(this.packed.buffer, this.packed.byteOffset, this.packed.byteLength);
    const rows = new Map<number, number>();
    for (let row = 0; row * 4 + 4 <= view.byteLength; row++) rows.set(view.getUint32(row * 4, true), row);
    return (this.unpacked = rows);
  }
}

export class FrameView {
  readonly step: number;
  readonly loss: number | null;
  readonly metrics: Record<string, number | null>;
  /** Which node has which row; shared with the frame before when it is the same. */
  private readonly index: RowIndex;
  private readonly packed: Uint8Array;

  constructor(
    event: FrameEvent,
    /** The structure that the numbers belong to. */
    readonly graph: GraphEvent | null,
    before?: FrameView,
  ) {
    this.step = event.step;
    this.loss = event.loss;
    this.metrics = event.metrics;
    this.packed = event.stats;
    this.index = before && equal(before.index.packed, event.index) ? before.index : new RowIndex(event.index);
  }

  /** How many bytes of packed numbers it holds. */
  get bytes(): number {
    return this.packed.length;
  }

  /** The ids of the nodes that it has numbers of. */
  *nodes(): Iterable<string> {
    if (!this.graph) return;
    for (const position of this.index.rows.keys()) {
      const node = this.graph.nodes[position];
      if (node) yield node.id;
    }
  }

  /** The statistics of a node's value or gradient; null where there were none. */
  stats(node: string, what: What): Statistics | null {
    const position = this.graph && positionsOf(this.graph).get(node);
    const row = position === null || position === undefined ? undefined : this.index.rows.get(position);
    if (row === undefined) return null;
    const start = (row * 2 + (what === "grad" ? 1 : 0)) * ROW * 4;
    if (start + ROW * 4 > this.packed.length) return null;
    const view = new DataView(this.packed.buffer, this.packed.byteOffset + start, ROW * 4);
    const inf = view.getFloat32(24, true);
    if (Number.isNaN(inf)) return null; // only a row without a tensor has no count of infinities
    return {
      mean: finite(view.getFloat32(0, true)),
      std: finite(view.getFloat32(4, true)),
      min: finite(view.getFloat32(8, true)),
      max: finite(view.getFloat32(12, true)),
      norm: finite(view.getFloat32(16, true)),
      nan: view.getFloat32(20, true),
      inf,
    };
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, place) => byte === b[place]);
}
