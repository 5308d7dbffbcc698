/** The curves, drawn by uPlot: losses on the left axis, metrics on the right, a mark at the step that is shown. */

import uPlot from "uplot";
import { color } from "../../lib/colors";
import { aboveZero, align, type Curve } from "./data";

export interface Drawn {
  curves: readonly Curve[];
  /** Whether the losses' axis is logarithmic. */
  log: boolean;
  /** The step that is shown; null for the newest. */
  step: number | null;
}

const SERIES = ["--series-1", "--series-2", "--series-3", "--series-4", "--series-5", "--series-6"];

/** The token of the colour of the `place`-th curve. */
export function tokenOf(place: number, curve: Curve): string {
  return curve.past ? "--line-strong" : SERIES[place % SERIES.length];
}

/** A chart inside `parent`; `scrub` is called with the step under the pointer while it is pressed. */
export class Chart {
  private plot: uPlot | null = null;
  private shape = "";
  private step: number | null = null;

  constructor(
    private readonly parent: HTMLElement,
    private readonly scrub: (step: number) => void,
  ) {}

  /** Draws curves; what did not change is not built again. */
  draw({ curves, log, step }: Drawn): void {
    this.step = step;
    const shape = JSON.stringify([log, curves.map(({ name, scale, past }) => [name, scale, past])]);
    const [steps, ...columns] = align(curves.map(({ series }) => series));
    const scaled = columns.map((column, place) => (log && curves[place].scale === "loss" ? aboveZero(column) : column));
    const data: uPlot.AlignedData = [steps, ...scaled];
    if (this.plot && shape === this.shape) {
      this.plot.setData(data);
      return;
    }
    this.destroy();
    this.shape = shape;
    this.plot = new uPlot(this.options(curves, log), data, this.parent);
    this.listen(this.plot);
  }

  /** Moves the mark alone. */
  mark(step: number | null): void {
    if (step === this.step) return;
    this.step = step;
    this.plot?.redraw(false);
  }

  /** Fits the chart into its parent again. */
  resize(): void {
    this.plot?.setSize(this.size());
  }

  destroy(): void {
    this.plot?.destroy();
    this.plot = null;
    this.shape = "";
  }

  private size(): { width: number; height: number } {
    return { width: Math.max(80, this.parent.clientWidth), height: Math.max(60, this.parent.clientHeight) };
  }

  private options(curves: readonly Curve[], log: boolean): uPlot.Options {
    const muted = color("--muted");
    const line = { stroke: color("--line"), width: 1 };
    const font = `11px ${getComputedStyle(document.body).fontFamily}`;
    const axis = { stroke: muted, font, grid: line, ticks: { ...line, size: 4 }, gap: 4 };
    const upright = { ...axis, values: (_: uPlot, ticks: number[]) => ticks.map(tick) };
    const axes: uPlot.Axis[] = [
      { ...axis, size: 26, space: 60 },
      { ...upright, scale: "loss", size: 52 },
    ];
    if (curves.some(({ scale }) => scale === "metric")) {
      axes.push({ ...upright, scale: "metric", side: 1, size: 46, grid: { show: false } });
    }
    return {
      ...this.size(),
      axes,
      scales: { x: { time: false }, loss: { distr: log ? 3 : 1 }, metric: {} },
      series: [{}, ...curves.map((curve, place) => series(curve, color(tokenOf(place, curve))))],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 5 } },
      padding: [10, 12, 0, 0],
      hooks: { draw: [(plot) => this.drawMark(plot)] },
    };
  }

  /** A line at the shown step; what comes after it is faded. */
  private drawMark(plot: uPlot): void {
    if (this.step === null) return;
    const { ctx, bbox } = plot;
    const x = plot.valToPos(this.step, "x", true);
    if (!(x >= bbox.left - 1) || x > bbox.left + bbox.width + 1) return;
    ctx.save();
    ctx.globalAlpha = 0.78;
    ctx.fillStyle = color("--surface");
    ctx.fillRect(x, bbox.top, bbox.left + bbox.width - x, bbox.height);
    ctx.globalAlpha = 1;
    ctx.fillStyle = color("--ink");
    ctx.fillRect(x - 0.5, bbox.top, Math.max(1, devicePixelRatio), bbox.height);
    ctx.restore();
  }

  private listen(plot: uPlot): void {
    const to = (event: PointerEvent) => {
      const step = plot.posToVal(event.clientX - plot.over.getBoundingClientRect().left, "x");
      if (Number.isFinite(step)) this.scrub(Math.max(0, Math.round(step)));
    };
    plot.over.addEventListener("pointerdown", (event) => {
      plot.over.setPointerCapture(event.pointerId);
      to(event);
    });
    plot.over.addEventListener("pointermove", (event) => {
      if (event.buttons === 1) to(event);
    });
  }
}

function series(curve: Curve, stroke: string): uPlot.Series {
  const line = curve.past ? { width: 1, dash: [4, 4] } : { width: 1.75 };
  // A single step has no line; only there a point stands for it.
  const points = { show: (plot: uPlot) => plot.data[0].length === 1, size: 7 };
  return { label: curve.name, scale: curve.scale, stroke, spanGaps: true, points, ...line };
}

/** A number beside an axis, short. */
function tick(value: number | null): string {
  if (value === null) return "";
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 100_000)) return value.toExponential(0).replace("e+", "e");
  return String(Number(value.toPrecision(4)));
}
