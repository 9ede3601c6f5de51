import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { isDark } from "../app/theme";
import { NOWHERE, type Axis } from "./axis";
import { byColour, useCanvas } from "./canvas";
import { drawnOf, nearestOf, type Handled, type Plotted } from "./plotted";
import { useSize } from "./size";
import { Strip } from "./strip";
import "./parallel.css";

const TOP = 14;
const BELOW = 44;
const SIDE = 72;
// Axes that stand closer than this are hard to tell apart: the picture becomes wider than its room.
const LEAST_APART = 108;
// So many faint lines are one path: fewer would be slow, more would lose where lines are dense.
const TOGETHER = 16;
const NEAR = 18;

interface Props extends Handled {
  runs: Plotted;
  /** From left to right. */
  axes: readonly Axis[];
  /** What stands over an axis: at the place from the left, within so many pixels. */
  head: (axis: Axis, at: number, left: number, wide: number) => ComponentChildren;
}

/** A line for each run, through its place on each axis. */
export function Parallel({ runs, axes: shown, head, pointed, hold, keep, open }: Props) {
  const { ref: room, width: given } = useSize();
  const { ref: plot, height } = useSize();
  const width = Math.max(given, 2 * SIDE + (shown.length - 1) * LEAST_APART);
  const apart = shown.length > 1 ? (width - 2 * SIDE) / (shown.length - 1) : 0;
  const x = (at: number): number => (shown.length > 1 ? SIDE + at * apart : width / 2);
  // The names at both ends stay within the picture.
  const wideOf = (at: number): number =>
    shown.length === 1 ? width : at === 0 || at === shown.length - 1 ? Math.min(apart, 2 * SIDE) : apart;
  const bottom = height - BELOW;
  const y = (place: number): number => (place < 0 ? bottom + 26 : bottom - place * (bottom - TOP));
  const { rows } = runs;
  const isDrawn = drawnOf(runs);
  const places = (run: number) => shown.map((axis, at) => [x(at), y(axis.places[run] ?? NOWHERE)] as const);
  const trace = (context: CanvasRenderingContext2D, run: number): void => {
    places(run).forEach(([left, top], at) => {
      if (at === 0) context.moveTo(left, top);
      else context.lineTo(left, top);
      if (shown.length === 1) context.lineTo(left + 8, top);
    });
  };
  // One thing that changes when any of the axes does.
  const drawn = useMemo(() => ({}), shown);
  const all = useCanvas(width, height, [drawn, isDark.value], (context) => {
    context.lineWidth = 1;
    context.strokeStyle = isDark.value ? "rgb(140 150 175 / 14%)" : "rgb(90 98 120 / 12%)";
    for (let first = 0; first < rows.length; first += TOGETHER) {
      context.beginPath();
      for (let run = first; run < Math.min(first + TOGETHER, rows.length); run++) trace(context, run);
      context.stroke();
    }
  });
  const chosen = useCanvas(width, height, [runs.isIn, runs.isLit, runs.colours, drawn], (context) => {
    const count = isDrawn.filter(Boolean).length;
    context.lineJoin = "round";
    context.globalAlpha = count > 800 ? 0.5 : count > 200 ? 0.6 : 0.85;
    context.lineWidth = count > 30 ? 1.2 : 2;
    for (const alike of byColour(isDrawn, runs)) {
      context.strokeStyle = alike.colour;
      context.setLineDash([...alike.dashes]);
      context.beginPath();
      for (const run of alike.runs) trace(context, run);
      context.stroke();
    }
    context.setLineDash([]);
  });
  const run = pointed.value;
  const over = useCanvas(width, height, [run, runs.colours, drawn], (context) => {
    if (run === null) return;
    for (const [wide, colour] of [
      [6, isDark.value ? "#151821" : "#ffffff"],
      [3, runs.colours[run] ?? ""],
    ] as const) {
      context.lineWidth = wide;
      context.strokeStyle = colour;
      context.beginPath();
      trace(context, run);
      context.stroke();
    }
  });
  /** How far a run's line is from a place, up or down. */
  const far = (run: number, left: number, top: number): number => {
    const all = places(run);
    const at = all.findLastIndex(([from], one) => one === 0 || from <= left);
    const [from, to] = [all[at], all[at + 1] ?? all[at]];
    if (!from || !to) return Infinity;
    const part = to[0] > from[0] ? Math.max(0, Math.min(1, (left - from[0]) / (to[0] - from[0]))) : 0;
    return Math.abs(from[1] + (to[1] - from[1]) * part - top);
  };
  function hover(event: PointerEvent): void {
    const box = plot.current?.getBoundingClientRect();
    if (!box || !open) return;
    const [left, top] = [event.clientX - box.left, event.clientY - box.top];
    // A hand that brushes points at nothing.
    pointed.value = event.buttons > 0 ? null : nearestOf(runs, NEAR, (one) => far(one, left, top));
  }
  const size = { width: `${width}px`, height: `${height}px` };
  return (
    <div ref={room} class="parallel-room">
      <div class="parallel-sheet" style={{ width: `${width}px` }}>
        <div class="parallel-heads">{shown.map((axis, at) => head(axis, at, x(at), wideOf(at)))}</div>
        <div
          ref={plot}
          class={open && run !== null ? "parallel-plot is-pointed" : "parallel-plot"}
          onPointerMove={hover}
          onPointerLeave={() => open && (pointed.value = null)}
          onClick={() => {
            if (pointed.value !== null) open?.(pointed.value);
          }}
          onDblClick={() => {
            const own = runs.brushes.filter((one) => shown.some(({ field }) => field === one.field));
            if (own.length > 0) keep(own.map((one) => one.field));
          }}
        >
          <canvas ref={all} style={size} role="img" aria-label={`${rows.length} runs over ${shown.length} axes`} />
          <canvas ref={chosen} style={size} aria-hidden="true" />
          <canvas ref={over} style={size} aria-hidden="true" />
          {shown.map((axis, at) => (
            <Strip
              key={axis.field}
              axis={axis}
              left={x(at)}
              y={y}
              isLast={at === shown.length - 1 && at > 0}
              brush={runs.brushes.find((one) => one.field === axis.field) ?? null}
              hold={hold}
              keep={keep}
            />
          ))}
        </div>
      </div>
    </div>
  );
}
