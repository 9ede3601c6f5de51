import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { isDark } from "../app/theme";
import { NOWHERE, type Axis } from "./axis";
import { brushOf, spanOf, type Span } from "./brush";
import { byColour, useCanvas } from "./canvas";
import { drawnOf, nearestOf, type Handled, type Plotted } from "./plotted";
import { nameOf, RunSaid } from "./names";
import { useSize } from "./size";
import { Thumbs } from "./thumbs";
import "./scatter.css";

const LEFT = 76;
const RIGHT = 18;
const TOP = 14;
const BOTTOM = 48;
const GAP = 26;
const RADIUS = 3.5;
const NEAR = 14;
const STILL = 4;
// Left of the labels; where the axes are named, the name has room there.
const EDGE = 4;
const NAMED_EDGE = 20;

interface Props extends Handled {
  runs: Plotted;
  across: Axis;
  up: Axis;
  /** Whether the names of the axes stand at them. */
  isNamed?: boolean;
}

/** A dot for each run, at its place on two axes. */
export function Scatter({ runs, across, up, isNamed = false, pointed, keep, open }: Props) {
  const { ref: room, width, height } = useSize();
  const drag = useSignal<readonly [number, number, number, number] | null>(null);
  const wasDrawn = useRef(false);
  const left = LEFT + (across.hasNowhere ? GAP : 0);
  const bottom = height - BOTTOM - (up.hasNowhere ? GAP : 0);
  const right = Math.max(width - RIGHT, left + 10);
  const x = (place: number): number => (place < 0 ? left - GAP : left + place * (right - left));
  const y = (place: number): number => (place < 0 ? bottom + GAP : bottom - place * (bottom - TOP));
  const at = (run: number): readonly [number, number] => [
    x(across.places[run] ?? NOWHERE),
    y(up.places[run] ?? NOWHERE),
  ];
  const { brushes, rows } = runs;
  const isDrawn = drawnOf(runs);
  const dot = (context: CanvasRenderingContext2D, run: number, radius: number): void => {
    const [cx, cy] = at(run);
    context.moveTo(cx + radius, cy);
    context.arc(cx, cy, radius, 0, 2 * Math.PI);
  };
  const canvas = useCanvas(
    width,
    height,
    [rows, runs.isIn, runs.isLit, runs.colours, across, up, isDark.value],
    (context) => {
      context.strokeStyle = isDark.value ? "#272c3a" : "#e2e4ea";
      for (const tick of across.ticks) stroke(context, x(tick.at), TOP, x(tick.at), bottom);
      for (const tick of up.ticks) stroke(context, left, y(tick.at), right, y(tick.at));
      context.fillStyle = isDark.value ? "rgb(140 150 175 / 22%)" : "rgb(90 98 120 / 18%)";
      context.beginPath();
      rows.forEach((_, run) => {
        if (!isDrawn[run]) dot(context, run, RADIUS - 0.5);
      });
      context.fill();
      context.globalAlpha = rows.length > 500 ? 0.75 : 0.9;
      for (const alike of byColour(isDrawn, runs)) {
        context.fillStyle = alike.colour;
        context.beginPath();
        for (const run of alike.runs) dot(context, run, rows.length > 50 ? RADIUS : RADIUS + 2);
        context.fill();
      }
    },
  );
  const here = pointed.value;
  const over = useCanvas(width, height, [here, runs.colours, across, up, isDark.value], (context) => {
    if (here === null) return;
    for (const [radius, colour] of [
      [RADIUS + 4, isDark.value ? "#ffffff" : "#191c26"],
      [RADIUS + 2, runs.colours[here] ?? ""],
    ] as const) {
      context.fillStyle = colour;
      context.beginPath();
      dot(context, here, radius);
      context.fill();
    }
  });
  const own = (axis: Axis): Span => {
    const brush = brushes.find((one) => one.field === axis.field);
    return brush ? spanOf(axis, brush) : [axis.hasNowhere ? NOWHERE : 0, 1];
  };
  const isBrushed = (axis: Axis): boolean => brushes.some((one) => one.field === axis.field);
  const placeIn = (event: PointerEvent): readonly [number, number] => {
    const box = room.current?.getBoundingClientRect();
    return [event.clientX - (box?.left ?? 0), event.clientY - (box?.top ?? 0)];
  };
  const spans = ([x0, y0, x1, y1]: readonly [number, number, number, number]): [Span, Span] => {
    const alongX = (px: number): number =>
      px < left - GAP / 2 && across.hasNowhere ? NOWHERE : Math.max(0, Math.min(1, (px - left) / (right - left)));
    const alongY = (py: number): number =>
      py > bottom + GAP / 2 && up.hasNowhere ? NOWHERE : Math.max(0, Math.min(1, (bottom - py) / (bottom - TOP)));
    return [
      [alongX(Math.min(x0, x1)), alongX(Math.max(x0, x1))],
      [alongY(Math.max(y0, y1)), alongY(Math.min(y0, y1))],
    ];
  };
  function hover(event: PointerEvent): void {
    const [px, py] = placeIn(event);
    pointed.value = nearestOf(runs, NEAR, (run) => Math.hypot(at(run)[0] - px, at(run)[1] - py));
  }
  const [alongX, alongY] = [own(across), own(up)];
  const any = isBrushed(across) || isBrushed(up);
  const box = drag.value ?? (any ? ([x(alongX[0]), y(alongY[1]), x(alongX[1]), y(alongY[0])] as const) : null);
  const row = pointed.value === null ? null : rows[pointed.value];
  const edge = isNamed ? NAMED_EDGE : EDGE;
  const besides = { left: `${edge}px`, width: `${LEFT - 12 - edge}px` };
  const size = { width: `${width}px`, height: `${height}px` };
  const clear = (): void => {
    if (any) keep([across.field, up.field]);
  };
  const pace = Math.ceil((across.ticks.length * 56) / Math.max(right - left, 1));
  return (
    <div ref={room} class="scatter-plot">
      <canvas
        ref={canvas}
        style={size}
        role="img"
        aria-label={`${up.label} over ${across.label} of ${rows.length} runs`}
      />
      <canvas ref={over} style={size} aria-hidden="true" />
      {across.ticks.map(
        (tick, one) =>
          one % Math.max(pace, 1) === 0 && (
            <span
              key={tick.at}
              class="scatter-tick is-x"
              style={{ left: `${x(tick.at)}px`, top: `${height - BOTTOM + 10}px` }}
            >
              <bdi>{tick.label}</bdi>
            </span>
          ),
      )}
      {across.hasNowhere && (
        <span class="scatter-tick is-x" style={{ left: `${x(NOWHERE)}px`, top: `${height - BOTTOM + 10}px` }}>
          none
        </span>
      )}
      {up.ticks.map(
        (tick, one) =>
          one % Math.ceil(up.ticks.length / 12) === 0 && (
            <span key={tick.at} class="scatter-tick is-y" style={{ ...besides, top: `${y(tick.at)}px` }}>
              <bdi>{tick.label}</bdi>
            </span>
          ),
      )}
      {up.hasNowhere && (
        <span class="scatter-tick is-y" style={{ ...besides, top: `${y(NOWHERE)}px` }}>
          none
        </span>
      )}
      {box && (
        <i
          class="scatter-brush"
          style={{
            left: `${Math.min(box[0], box[2]) - 4}px`,
            top: `${Math.min(box[1], box[3]) - 4}px`,
            width: `${Math.abs(box[2] - box[0]) + 8}px`,
            height: `${Math.abs(box[3] - box[1]) + 8}px`,
          }}
        />
      )}
      <div
        class="scatter-area"
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          const [px, py] = placeIn(event);
          drag.value = [px, py, px, py];
        }}
        onPointerMove={(event) => {
          if (!drag.value) return hover(event);
          const [px, py] = placeIn(event);
          drag.value = [drag.value[0], drag.value[1], px, py];
          return undefined;
        }}
        onPointerUp={() => {
          const drawn = drag.value;
          drag.value = null;
          if (!drawn) return;
          wasDrawn.current = Math.hypot(drawn[2] - drawn[0], drawn[3] - drawn[1]) >= STILL;
          if (!wasDrawn.current) {
            if (!open || pointed.value === null) clear();
            return;
          }
          // Beside a run that is pointed at the others are faint, and what was brushed should be seen.
          pointed.value = null;
          const [alongX, alongY] = spans(drawn);
          keep([brushOf(across, alongX) ?? across.field, ...(up === across ? [] : [brushOf(up, alongY) ?? up.field])]);
        }}
        onPointerCancel={() => (drag.value = null)}
        onPointerLeave={() => (pointed.value = null)}
        onClick={() => {
          if (!wasDrawn.current && pointed.value !== null) open?.(pointed.value);
        }}
        onDblClick={clear}
      />
      <div class="scatter-thumbs is-x" style={{ top: `${height - BOTTOM + 2}px` }}>
        <Thumbs axis={across} span={alongX} isBrushed={isBrushed(across)} isAcross at={x} keep={keep} />
      </div>
      <div class="scatter-thumbs is-y" style={{ left: `${LEFT - 8}px` }}>
        <Thumbs axis={up} span={alongY} isBrushed={isBrushed(up)} at={y} keep={keep} />
      </div>
      {isNamed && (
        <span class="scatter-up" style={{ height: `${Math.max(bottom - TOP, 0)}px`, top: `${TOP}px` }}>
          <bdi>{nameOf(up)}</bdi>
        </span>
      )}
      <p class="scatter-said" aria-live="off">
        {isNamed ? (
          <bdi>{nameOf(across)}</bdi>
        ) : (
          row && pointed.value !== null && <RunSaid row={row} run={pointed.value} axes={[across, up]} />
        )}
      </p>
    </div>
  );
}

function stroke(context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  context.beginPath();
  context.moveTo(Math.round(x0) + 0.5, Math.round(y0) + 0.5);
  context.lineTo(Math.round(x1) + 0.5, Math.round(y1) + 0.5);
  context.stroke();
}
