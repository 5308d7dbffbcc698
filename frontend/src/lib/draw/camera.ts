/** Moving over the graph: wheel, drag, pinch and keys, by d3-zoom. */

import { select, type Selection } from "d3-selection";
import { zoom, zoomIdentity, type ZoomBehavior } from "d3-zoom";
import type { Box } from "../layout/place";
import type { Size } from "../layout/view";
import type { View } from "./scene";

const CLOSEST = 3;
const FARTHEST = 0.02;
const FIT_MARGIN = 16;
/** What the buttons below the graph cover. */
const TOOLS = 36;
const HEAD: Size = { width: 360, height: 120 };
/** A graph that fits is not blown up beyond its natural size. */
const READABLE = 0.66;
const FIT_CLOSEST = 1.1;

export class Camera {
  private readonly target: Selection<SVGSVGElement, unknown, null, undefined>;
  private readonly behaviour: ZoomBehavior<SVGSVGElement, unknown>;
  /** Whether a person has moved the view since it was last fitted. */
  moved = false;
  view: View = { x: 0, y: 0, k: 1 };

  constructor(svg: SVGSVGElement, changed: (view: View) => void) {
    this.target = select(svg);
    this.behaviour = zoom<SVGSVGElement, unknown>()
      .scaleExtent([FARTHEST, CLOSEST])
      .on("zoom", (event: { transform: View; sourceEvent: Event | null }) => {
        const { x, y, k } = event.transform;
        this.view = { x, y, k };
        if (event.sourceEvent) this.moved = true;
        changed(this.view);
      });
    this.target.call(this.behaviour).on("dblclick.zoom", null);
  }

  /** Shows the whole graph in a pane of `extent`; `readable` rather shows less of it than letters too small to read. */
  fit(graph: Size, extent: Size, readable = false): void {
    if (extent.width === 0 || extent.height === 0 || graph.width === 0) return;
    const room = { width: extent.width - 2 * FIT_MARGIN, height: extent.height - 2 * FIT_MARGIN - TOOLS };
    const wide = Math.min(FIT_CLOSEST, room.width / graph.width);
    const whole = Math.min(wide, room.height / graph.height);
    const k = readable ? Math.max(whole, Math.min(wide, READABLE), READABLE / 1.5) : whole;
    const [width, height] = [graph.width * k, graph.height * k];
    this.go({
      k,
      x: (extent.width - width) / 2,
      y: height > room.height ? FIT_MARGIN : Math.min((extent.height - height) / 2, FIT_MARGIN + room.height - height),
    });
    this.moved = false;
  }

  go({ x, y, k }: View): void {
    this.target.call(this.behaviour.transform, zoomIdentity.translate(x, y).scale(k));
  }

  zoomBy(factor: number): void {
    this.moved = true;
    this.target.call(this.behaviour.scaleBy, factor);
  }

  /** Moves so that `after` stands where `before` stood (an opened module stays under the pointer), its name in view. */
  hold(before: Box, after: Box): void {
    const { x, y, k } = this.view;
    const was = before.x * k + x;
    const centred = was + ((before.width - after.width) / 2) * k;
    const left = centred < FIT_MARGIN ? Math.min(was, FIT_MARGIN) : centred;
    this.go({ k, x: left - after.x * k, y: y + (before.y - after.y) * k });
    this.moved = true;
  }

  /** Moves just as far as needed to bring `box` into view, of a large one its head. */
  reveal(box: Box, extent: Size): void {
    const { k } = this.view;
    const shift = (low: number, high: number, room: number): number => {
      if (low < FIT_MARGIN) return FIT_MARGIN - low;
      if (high > room - FIT_MARGIN) return Math.max(room - FIT_MARGIN - high, FIT_MARGIN - low);
      return 0;
    };
    const x = shift(box.x * k + this.view.x, (box.x + Math.min(box.width, HEAD.width)) * k + this.view.x, extent.width);
    const y = shift(
      box.y * k + this.view.y,
      (box.y + Math.min(box.height, HEAD.height)) * k + this.view.y,
      extent.height,
    );
    if (x !== 0 || y !== 0) this.go({ k, x: this.view.x + x, y: this.view.y + y });
  }

  destroy(): void {
    this.target.on(".zoom", null);
  }
}
