import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { isAborted } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import { Icon } from "../design/icons";
import { exactCount } from "../design/numbers";
import { carries } from "../design/ordering";
import { COLOURS } from "../design/palette";
import { Popover } from "../design/popover";
import { curveField, fieldOf } from "../runs/fields";
import { Choices } from "../runs/picker";
import { Chart } from "./chart";
import type { Curve, Range, X } from "./curve";
import { linesOf, type Line, type Shown } from "./lines";
import { PanelMenu } from "./menu";
import type { Plot } from "./plot";
import type { Sight } from "./range";
import { Swatch } from "./readout";
import { Resizer } from "./resizer";
import { xText, type ChangeSettings, type Settings, type Size } from "./settings";
import type { Shared } from "./shared";
import type { SeriesName, SeriesSource } from "./source";
import type { Along } from "./ticks";

export interface PanelProps {
  source: SeriesSource;
  series: SeriesName;
  /** All series of the runs. */
  all: readonly SeriesName[];
  shown: readonly Shown[];
  settings: Settings;
  change: ChangeSettings;
  shared: Shared;
  size: Size;
  /** How many columns there are, and how wide one is, in pixels. */
  columns: number;
  width: number;
  /** Grows when runs got more points. */
  version: number;
  isFull?: boolean;
  /** Put it one place earlier or later; null where there is none. */
  move: { earlier: (() => void) | null; later: (() => void) | null };
}

// Of many runs together a plot shows no more than this: what lies in the same pixels.
const MOST_TOGETHER = 60_000;
const MOST_POINTS = 2000;
const LEAST_POINTS = 200;
// Beside what is in sight so much is fetched, so that it can be moved.
const BESIDE = 0.5;

/** A chart of a series with its heading and what can be done with it. */
export function Panel(props: PanelProps) {
  const { series, shown, settings, change, shared, size, isFull = false } = props;
  const plot = useRef<Plot | null>(null);
  const sight = useSignal<Sight | null>(null);
  const x = settings.x ?? (series.x === null ? { kind: "step" as const } : { kind: "series" as const, name: series.x });
  const drawn = drawnIn(props);
  const names = drawn.map((one) => one.name);
  const title = names.join(", ");
  const { curves, problem, again, isWaiting } = useCurves(props, drawn, x);
  const hidden = settings.hidden.join("\n");
  const lines = useMemo(
    () =>
      linesOf(
        shown.filter((one) => !settings.hidden.includes(one.id)),
        curves ?? [],
        settings.band,
        names,
        shown.length === 1,
      ),
    [curves, shown, hidden, settings.band, title],
  );
  const xLabel = labelOfX(x);
  const on = xText(x);
  const zoomed = (range: Range | null, y: Range | null, isStep: boolean): void => {
    const heights = { ...settings.heights };
    if (y) heights[series.name] = y;
    else if (range === null) delete heights[series.name];
    const isReset = range === null && y === null;
    change({ zoom: range ? { on, range } : isReset ? null : settings.zoom, heights }, { replace: !isStep });
  };
  return (
    <section class={isFull ? "panel is-full" : "panel"} aria-label={series.name} data-series={series.name}>
      <PanelHead {...props} drawn={drawn} lines={lines} plot={plot} x={x} xLabel={xLabel} />
      <div class="panel-body" style={{ minHeight: `${size.height}px` }} aria-busy={isWaiting}>
        {problem && <Broken problem={problem} again={again} />}
        {!problem && curves !== null && (
          <Chart
            id={isFull ? `${series.name} full` : series.name}
            title={title}
            lines={lines}
            along={alongOf(x)}
            xLabel={xLabel}
            isLogX={settings.isLogX}
            isLogY={settings.isLogY}
            ignoresOutliers={settings.ignoresOutliers}
            on={on}
            zoom={zoomOf(settings, x)}
            sight={settings.heights[series.name] ?? null}
            height={size.height}
            shared={shared}
            onZoom={zoomed}
            plotRef={plot}
            isRead={isFull}
            onSight={(now) => (sight.value = now)}
          />
        )}
        {!problem && curves !== null && lines.every((one) => one.xs.length + one.odd.length === 0) && (
          <p class="panel-none">{emptiness(props, x, lines)}</p>
        )}
      </div>
      <Notes sight={sight.value} lines={lines} x={x} />
      {!isFull && <Resizer {...props} />}
    </section>
  );
}

interface HeadProps extends PanelProps {
  /** The series whose curves it shows, its own first. */
  drawn: readonly SeriesName[];
  lines: readonly Line[];
  plot: { current: Plot | null };
  x: X;
  xLabel: string;
}

/** The series whose curves a panel shows, its own first. */
function drawnIn({ series, all, settings }: Pick<PanelProps, "series" | "all" | "settings">): readonly SeriesName[] {
  const others = settings.together[series.name] ?? [];
  return [series, ...all.filter((one) => one !== series && others.includes(one.name))];
}

function PanelHead(props: HeadProps) {
  const { series, settings, change, shown, isFull = false } = props;
  const [, ...others] = props.drawn;
  // Of one run each series has a colour of its own, of several runs dashes of its own, until colours come again.
  const [alone] = shown.length === 1 ? shown : [];
  const isMarked = others.length > 0 && (alone !== undefined || shown.every(({ place }) => place < COLOURS));
  const mark = (nth: number) =>
    isMarked && <Swatch place={alone ? alone.place + nth : nth * COLOURS} isOfDashes={alone === undefined} />;
  const at = series.name.lastIndexOf("/");
  const unit = series.unit ? ` in ${series.unit}` : "";
  const goal = series.goal === "minimize" ? "Less is better" : series.goal === "maximize" ? "More is better" : "";
  const about = [series.name + unit, series.description ?? "", goal].filter(Boolean).join("\n");
  return (
    <header class="panel-head" title={about} draggable={!isFull} {...carries("series", series.name)}>
      {mark(0)}
      <h3>
        <bdi>{isFull ? series.name : series.name.slice(at + 1) || series.name}</bdi>
      </h3>
      {others.map(({ name }, nth) => (
        <span key={name} class="unit" title={name}>
          and {mark(nth + 1)} <bdi>{name}</bdi>
        </span>
      ))}
      {series.unit && others.every(({ unit }) => unit === series.unit) && (
        <span class="unit">
          <bdi>{series.unit}</bdi>
        </span>
      )}
      {series.goal && (
        <span class="goal" title={goal}>
          <Icon name={series.goal === "minimize" ? "down" : "up"} size={12} />
          <span class="unseen">{goal}</span>
        </span>
      )}
      {props.x.kind === "series" && (
        <span class="unit">
          over <bdi>{props.x.name}</bdi>
        </span>
      )}
      <span class="spring" />
      {(zoomOf(settings, props.x) || settings.heights[series.name]) && (
        <button
          class="icon-button"
          title="Show all of it (0, or a double click)"
          aria-label="Show all of it"
          onClick={() => {
            const { [series.name]: _, ...heights } = settings.heights;
            change({ zoom: null, heights });
          }}
        >
          <Icon name="back" />
        </button>
      )}
      <Beside {...props} />
      <PanelMenu {...props} />
      <button
        class="icon-button"
        title={isFull ? "Close" : "Fill the window"}
        aria-label={isFull ? "Close" : "Fill the window"}
        onClick={() => change({ full: isFull ? null : series.name }, { replace: isFull })}
      >
        <Icon name={isFull ? "close" : "expand"} />
      </button>
    </header>
  );
}

/** The choice of other series that are drawn in this chart, too. */
function Beside({ series, all, drawn, settings, change }: HeadProps) {
  const chosen = drawn.slice(1).map((one) => curveField(one.name));
  if (all.length < 2) return null;
  const put = (fields: readonly string[]): void => {
    const names = fields.map((field) => fieldOf(field).path[0] ?? "");
    change({ together: { ...settings.together, [series.name]: names } });
  };
  return (
    <Popover
      label={<Icon name="plus" />}
      name={`Draw other series in the chart of ${series.name}`}
      buttonClass={chosen.length > 0 ? "icon-button is-on" : "icon-button"}
    >
      {() => (
        <Choices
          all={all.filter((one) => one !== series).map((one) => curveField(one.name))}
          chosen={chosen}
          none="No series is called so."
          onChange={put}
        />
      )}
    </Popover>
  );
}

function Broken({ problem, again }: { problem: Problem; again: () => void }) {
  return (
    <div class="panel-none" role="alert">
      <p>{problem.message}</p>
      <button class="button" onClick={again}>
        Try again
      </button>
    </div>
  );
}

/** What of the curves a chart does not show, so that nobody misses it unknowingly. */
function Notes({ sight, lines, x }: { sight: Sight | null; lines: readonly Line[]; x: X }) {
  const unplaced = lines.reduce((sum, one) => sum + one.unplaced, 0);
  const notes: string[] = [];
  if (sight?.without) notes.push(`${points(sight.without)} ≤ 0 ${are(sight.without)} not shown on a log axis.`);
  if (sight?.outside) notes.push(`${points(sight.outside)} ${lie(sight.outside)} outside.`);
  if (unplaced > 0 && lines.some((one) => one.xs.length > 0))
    notes.push(`${points(unplaced)} ${unplaced === 1 ? "has" : "have"} ${withoutPlace(x)}.`);
  if (notes.length === 0) return null;
  return <p class="panel-notes">{notes.join(" ")}</p>;
}

function points(count: number): string {
  return count === 1 ? "1 point" : `${exactCount(count)} points`;
}

function are(count: number): string {
  return count === 1 ? "is" : "are";
}

function lie(count: number): string {
  return count === 1 ? "lies" : "lie";
}

function withoutPlace(x: X): string {
  return x.kind === "series" ? `no value of ${x.name} at their step` : "no time";
}

function emptiness({ series, shown, settings }: PanelProps, x: X, lines: readonly Line[]): string {
  if (shown.length > 0 && shown.every((one) => settings.hidden.includes(one.id)))
    return "All runs are hidden. Show some of them in the list of runs.";
  const isTimeless = (x.kind === "time" || x.kind === "relative") && !series.isTimed;
  if (isTimeless || lines.some((one) => one.unplaced > 0))
    return `No point has ${x.kind === "series" ? `a value of ${x.name}` : "a time"}. Choose steps for the x axis.`;
  return zoomOf(settings, x) ? "No point lies in this part. Show all of it, above." : "No point of these runs is here.";
}

export function labelOfX(x: X): string {
  if (x.kind === "series") return x.name;
  return { step: "Step", relative: "Time since the start", time: "Time" }[x.kind];
}

export function alongOf(x: X): Along {
  return x.kind === "time" || x.kind === "relative" ? x.kind : "number";
}

/** The curves of a panel. Those from before stay until new ones are there. */
function useCurves(
  { source, shown, settings, size, columns, width, version, isFull }: PanelProps,
  drawn: readonly SeriesName[],
  x: X,
) {
  const curves = useSignal<readonly Curve[] | null>(null);
  const problem = useSignal<Problem | null>(null);
  const isWaiting = useSignal(true);
  const turn = useSignal(0);
  const own = new Set(drawn.flatMap((one) => one.runs));
  const names = drawn.map((one) => one.name);
  const runs = [...new Set(shown.flatMap((one) => one.runs))].filter((run) => own.has(run));
  const pixels = isFull ? innerWidth : width * Math.min(size.span, columns);
  const wanted = Math.min(
    Math.ceil((pixels * 2) / 200) * 200,
    MOST_POINTS,
    Math.ceil(MOST_TOGETHER / (runs.length * names.length)),
  );
  const points = Math.max(LEAST_POINTS, wanted);
  const zoom = zoomOf(settings, x);
  const range = zoom && widened(zoom);
  const { smoothing } = settings;
  useEffect(() => {
    const controller = new AbortController();
    isWaiting.value = true;
    source
      .read({ runs, names, x, points, range, smoothing }, controller.signal)
      .then((found) => {
        curves.value = found;
        problem.value = null;
        isWaiting.value = false;
      })
      .catch((error: unknown) => {
        if (isAborted(error)) return;
        isWaiting.value = false;
        problem.value = asProblem(error);
      });
    return () => controller.abort();
  }, [
    source,
    runs.join("\n"),
    names.join("\n"),
    JSON.stringify(x),
    points,
    range?.[0],
    range?.[1],
    smoothing,
    version,
    turn.value,
  ]);
  return {
    curves: curves.value,
    problem: problem.value,
    isWaiting: isWaiting.value,
    again: () => (turn.value += 1),
  };
}

/** The part of its x that a chart shows; null for all. Steps say nothing of charts over something else. */
function zoomOf({ zoom }: Settings, x: X): Range | null {
  return zoom?.on === xText(x) ? zoom.range : null;
}

function widened([from, to]: Range): Range {
  const more = (to - from) * BESIDE;
  return [from - more, to + more];
}
