import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useId, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { isDark } from "../app/theme";
import { brief } from "../design/numbers";
import type { Range } from "./curve";
import type { Frame } from "./draw";
import { chartKeys } from "./keys";
import type { Line } from "./lines";
import { Plot } from "./plot";
import { usePointer, type Box } from "./pointer";
import { sightOf, type Sight } from "./range";
import { Crosshair, Readout } from "./readout";
import type { Shared } from "./shared";
import { placeText, type Along } from "./ticks";
import { valuesAt } from "./values";

export interface ChartProps {
  /** What tells it apart from the others beside it. */
  id: string;
  /** What it shows, for those who can not see it. */
  title: string;
  lines: readonly Line[];
  /** What stands below, as `xText` names it. */
  on: string;
  along: Along;
  xLabel: string;
  isLogX: boolean;
  isLogY: boolean;
  ignoresOutliers: boolean;
  zoom: Range | null;
  /** The part of y that is looked at. */
  sight: Range | null;
  height: number;
  shared: Shared;
  /** Somebody looks at a part, or with null at all of it. `isStep` says whether to come back to what was before. */
  onZoom: (x: Range | null, y: Range | null, isStep: boolean) => void;
  /** What is drawn, for those who save it. */
  plotRef?: { current: Plot | null };
  /** What of it is not shown. */
  onSight?: (sight: Sight) => void;
  /** Whether values stand beside it all the time: where somebody points, or else the last ones. */
  isRead?: boolean;
}

/** One chart: lines over an x that they share. */
export function Chart(props: ChartProps) {
  const { id, on, lines, along, xLabel, isLogX, isLogY, height, shared } = props;
  const root = useRef<HTMLDivElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const hint = useId();
  const width = useSignal(0);
  const frame = useSignal<Frame | null>(null);
  const said = useSignal("");
  const box = useSignal<Box | null>(null);
  // While a hand moves it the chart is ahead of the address.
  const moved = useSignal<{ x: Range; y: Range | null } | null>(null);
  const { ignoresOutliers } = props;
  const zoom = moved.value?.x ?? props.zoom;
  const low = moved.value ? moved.value.y : props.sight;
  const sight = useMemo(
    () => sightOf(lines, { zoom, height: low, isLogX, isLogY, ignoresOutliers }),
    [lines, zoom?.[0], zoom?.[1], low?.[0], low?.[1], isLogX, isLogY, ignoresOutliers],
  );
  const highlight = shared.highlight.value;
  const words = useMemo(() => summary(props), [props.title, lines, xLabel, along]);
  useEffect(() => {
    moved.value = null;
  }, [props.zoom?.[0], props.zoom?.[1], props.sight?.[0], props.sight?.[1]]);
  useEffect(() => props.onSight?.(sight), [sight]);
  useLayoutEffect(() => {
    if (!root.current) return undefined;
    const watch = new ResizeObserver(([entry]) => (width.value = Math.floor(entry?.contentRect.width ?? 0)));
    watch.observe(root.current);
    return () => watch.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (!host.current || width.value === 0) return;
    const look = { isDark: isDark.value, highlight };
    const content = { lines, sight, along, isLogX, isLogY, look };
    if (plot.current === null) {
      const drawn = (): void => {
        const now = plot.current?.frame ?? null;
        if (JSON.stringify(now) !== JSON.stringify(frame.peek())) frame.value = now;
      };
      plot.current = new Plot(host.current, width.value, height, content, drawn);
      if (props.plotRef) props.plotRef.current = plot.current;
      return;
    }
    plot.current.resize(width.value, height);
    plot.current.show(content);
  }, [lines, sight, along, isLogX, isLogY, height, width.value, highlight, isDark.value]);
  useLayoutEffect(
    () => () => {
      plot.current?.destroy();
      plot.current = null;
      if (shared.cursor.peek()?.chart === id) shared.cursor.value = null;
    },
    [],
  );

  const pointer = usePointer({ id, on, shared, frame, lines, box, sight: props.sight, moved, onZoom: props.onZoom });
  const keys = chartKeys({ id, on, shared, frame, lines, said, along, xLabel, onZoom: props.onZoom });
  return (
    <div
      ref={root}
      class="chart"
      style={{ height: `${height}px` }}
      role="application"
      aria-roledescription="chart"
      aria-label={words}
      aria-describedby={hint}
      tabIndex={0}
      {...pointer}
      onKeyDown={keys}
      onBlur={() => {
        if (shared.cursor.value?.chart === id) shared.cursor.value = null;
      }}
    >
      <div ref={host} class="chart-canvas" aria-hidden="true" />
      <Over {...{ id, on, lines, along, xLabel, frame, box, shared }} isRead={props.isRead} />
      <span id={hint} class="unseen">
        Left and right read values, plus and minus zoom, up and down zoom the y axis, Shift moves, 0 shows all.
      </span>
      <span class="unseen" role="status">
        {said.value}
      </span>
    </div>
  );
}

interface OverProps extends Pick<ChartProps, "id" | "on" | "lines" | "along" | "xLabel" | "shared" | "isRead"> {
  frame: Signal<Frame | null>;
  box: Signal<Box | null>;
}

/** What stands over the lines, and moves with the pointer while they stay as they are. */
function Over({ id, on, lines, along, xLabel, frame, box, shared, isRead = false }: OverProps) {
  const place = frame.value;
  const cursor = shared.cursor.value?.on === on ? shared.cursor.value : null;
  const self = useRef<HTMLDivElement>(null);
  if (!place) return null;
  const isOwn = cursor?.chart === id;
  const values = cursor ? valuesAt(lines, cursor.x, isOwn ? cursor.y : null, place) : [];
  const bounds = isOwn ? self.current?.getBoundingClientRect() : undefined;
  const chosen = box.value;
  const end =
    isRead && !isOwn ? lines.reduce((most, one) => Math.max(most, one.xs.at(-1) ?? most), -Infinity) : -Infinity;
  const last = end > -Infinity ? valuesAt(lines, Math.min(end, place.x[1]), null, place) : [];
  return (
    <div ref={self} class="chart-over" aria-hidden="true">
      {cursor && <Crosshair values={values} x={cursor.x} frame={place} isOwn={isOwn} shared={shared} />}
      {chosen && (
        <i
          class="chosen"
          style={{
            left: `${chosen.left}px`,
            top: `${chosen.top}px`,
            width: `${chosen.width}px`,
            height: `${chosen.height}px`,
          }}
        />
      )}
      {last[0] && <Readout values={last} x={last[0].x} {...{ xLabel, along }} frame={place} bounds={null} />}
      {cursor && isOwn && !chosen && (
        <Readout
          values={values}
          x={values[0]?.x ?? cursor.x}
          xLabel={xLabel}
          along={along}
          frame={place}
          bounds={isRead ? null : (bounds ?? null)}
        />
      )}
    </div>
  );
}

// So many names are read out before it is said how many more there are.
const NAMED = 5;

/** What the chart shows, in words. */
function summary({ title, lines, xLabel, along }: ChartProps): string {
  let least = Infinity;
  let greatest = -Infinity;
  for (const { ys } of lines) {
    for (const y of ys) {
      if (y < least) least = y;
      if (y > greatest) greatest = y;
    }
  }
  const names = lines.slice(0, NAMED).map((line) => line.label);
  const more = lines.length > NAMED ? ` and ${lines.length - NAMED} more` : "";
  const count = `${lines.length} ${lines.length === 1 ? "curve" : "curves"}`;
  const from = lines.map((line) => line.xs[0]).find((one) => one !== undefined);
  const values = least > greatest ? "no finite values" : `values from ${brief(least)} to ${brief(greatest)}`;
  const begins = from === undefined ? "" : ` from ${placeText(from, along)}`;
  return `${title} over ${xLabel}${begins}: ${count}, ${names.join(", ")}${more}; ${values}`;
}
