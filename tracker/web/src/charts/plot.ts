import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Frame } from "./draw";
import type { Line } from "./lines";
import type { Sight } from "./range";
import { shapesOf, type Look } from "./scene";
import { LASTING, lastingLabels, logTicks, numberLabels, timeLabels, type Along } from "./ticks";

/** What a plot shows. */
export interface Content {
  lines: readonly Line[];
  sight: Sight;
  along: Along;
  isLogX: boolean;
  isLogY: boolean;
  look: Look;
}

/** The labels of an axis, and where they stand, as values. */
export interface Ticks {
  splits: readonly number[];
  labels: readonly string[];
}

const LINEAR = 1;
const LOGARITHMIC = 3;
const TEXT = 11;
const X_AXIS = 34;
const TIME_AXIS = 46;

/**
 * A picture of lines on a canvas. The axes are uPlot's; the lines are drawn in its hook, each with its own x, since a
 * table in which all lines share one would be large and nearly empty.
 */
export class Plot {
  readonly #host: HTMLElement;
  #plot: uPlot | null = null;
  #kind = "";
  #content: Content;
  #size: readonly [number, number];
  readonly ticks: { x: Ticks; y: Ticks } = { x: { splits: [], labels: [] }, y: { splits: [], labels: [] } };

  /** @param drawn is called after each drawing: where the axes stand may have changed. */
  constructor(
    host: HTMLElement,
    width: number,
    height: number,
    content: Content,
    readonly drawn: () => void,
  ) {
    this.#host = host;
    this.#size = [width, height];
    this.#content = content;
    this.show(content);
  }

  /** Draw something else. */
  show(content: Content): void {
    this.#content = content;
    const { along, isLogX, isLogY, sight } = content;
    const kind = JSON.stringify([along, isLogX, isLogY]);
    if (kind !== this.#kind || this.#plot === null) {
      this.#plot?.destroy();
      this.#kind = kind;
      this.#plot = this.#made();
      return;
    }
    const plot = this.#plot;
    const { x, y } = plot.scales;
    if (x?.min === sight.x[0] && x.max === sight.x[1] && y?.min === sight.y[0] && y.max === sight.y[1]) {
      plot.redraw(false, false);
      return;
    }
    plot.batch(() => {
      plot.setScale("x", { min: sight.x[0], max: sight.x[1] });
      plot.setScale("y", { min: sight.y[0], max: sight.y[1] });
    });
  }

  resize(width: number, height: number): void {
    if (width === this.#size[0] && height === this.#size[1]) return;
    this.#size = [width, height];
    this.#plot?.setSize({ width, height });
  }

  destroy(): void {
    this.#plot?.destroy();
    this.#plot = null;
  }

  /** Where numbers stand, in pixels of the style sheet from the corner of the plot. */
  get frame(): Frame {
    const { left, top, width, height } = this.#plot?.bbox ?? { left: 0, top: 0, width: 1, height: 1 };
    const ratio = uPlot.pxRatio;
    const { sight, isLogX, isLogY } = this.#content;
    const box = { left: left / ratio, top: top / ratio, width: width / ratio, height: height / ratio };
    return { ...box, x: sight.x, y: sight.y, isLogX, isLogY };
  }

  #made(): uPlot {
    const { along, isLogX, isLogY, sight } = this.#content;
    const style = getComputedStyle(this.#host);
    const colour = (name: string) => () => style.getPropertyValue(name).trim();
    const font = `${TEXT}px ${style.getPropertyValue("--font").trim() || "sans-serif"}`;
    const shared = {
      font,
      stroke: colour("--ink-faint"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
    };
    const splitsOf = (splits: (number | null)[]): number[] => splits.map((one) => one ?? NaN);
    const logarithmic: Partial<uPlot.Axis> = {
      splits: (_, __, least, greatest) => logTicks(least, greatest),
      filter: (_, splits) => splits,
    };
    const options: uPlot.Options = {
      width: this.#size[0],
      height: this.#size[1],
      legend: { show: false },
      cursor: { show: false },
      padding: [8, along === "number" ? 12 : 28, 0, 0],
      scales: {
        x: {
          time: along === "time",
          distr: isLogX ? LOGARITHMIC : LINEAR,
          range: () => [...this.#content.sight.x],
        },
        y: { distr: isLogY ? LOGARITHMIC : LINEAR, range: () => [...this.#content.sight.y] },
      },
      axes: [
        {
          ...shared,
          size: along === "time" ? TIME_AXIS : X_AXIS,
          gap: 7,
          space: along === "number" ? 56 : 84,
          ...(along === "relative" && !isLogX ? { incrs: LASTING } : {}),
          ...(isLogX ? logarithmic : {}),
          values: (_, splits, __, ___, apart) => {
            const labels =
              along === "time"
                ? timeLabels(splits, apart)
                : along === "relative"
                  ? lastingLabels(splits)
                  : numberLabels(splits, isLogX ? 0 : apart);
            this.ticks.x = { splits: splitsOf(splits), labels };
            return labels;
          },
        },
        {
          ...shared,
          size: (_, labels) => Math.max(44, 16 + 6.6 * Math.max(0, ...(labels ?? []).map((one) => one.length))),
          gap: 7,
          space: 34,
          ...(isLogY ? logarithmic : {}),
          values: (_, splits, __, ___, apart) => {
            const labels = numberLabels(splits, isLogY ? 0 : apart);
            this.ticks.y = { splits: splitsOf(splits), labels };
            return labels;
          },
        },
      ],
      // The two ends of what is shown: without any series uPlot has no scales.
      series: [{}, { show: true, stroke: "transparent", points: { show: false }, paths: () => null }],
      hooks: { draw: [(plot) => this.#draw(plot)] },
    };
    return new uPlot(options, [[...sight.x], [...sight.y]], this.#host);
  }

  #draw(plot: uPlot): void {
    const ratio = uPlot.pxRatio;
    const { ctx } = plot;
    this.#plot = plot;
    const { frame } = this;
    ctx.save();
    ctx.scale(ratio, ratio);
    ctx.beginPath();
    ctx.rect(frame.left, frame.top, frame.width, frame.height);
    ctx.clip();
    drawShapes(ctx, this.#content, frame);
    ctx.restore();
    this.drawn();
  }
}

function drawShapes(ctx: CanvasRenderingContext2D, { lines, look }: Content, frame: Frame): void {
  // A join that is cut off is drawn in half the time, and at this width nobody sees it.
  ctx.lineJoin = "bevel";
  ctx.lineCap = "round";
  for (const { draw, colour, opacity, width, dashes } of shapesOf(lines, frame, look)) {
    ctx.globalAlpha = opacity;
    ctx.beginPath();
    draw(ctx);
    if (width === 0) {
      ctx.fillStyle = colour;
      ctx.fill();
    } else {
      ctx.setLineDash([...dashes]);
      ctx.lineWidth = width;
      ctx.strokeStyle = colour;
      ctx.stroke();
    }
  }
  ctx.globalAlpha = 1;
}
