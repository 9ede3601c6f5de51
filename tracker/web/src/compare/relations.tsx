import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { keyText } from "../api/runs";
import { isDark } from "../app/theme";
import { address } from "../app/router";
import { Empty, Failed, Waiting } from "../app/states";
import { Icon } from "../design/icons";
import { colourAt } from "../design/palette";
import { exactCount } from "../design/numbers";
import { Popover } from "../design/popover";
import { candidates, fieldOf } from "../runs/fields";
import { fields, useFields } from "../runs/known";
import { Choices } from "../runs/picker";
import type { Row } from "../api/schema";
import { axisOf, type Axis } from "../plots/axis";
import { brushed, brushText, readBrush } from "../plots/brush";
import { useBrushes } from "../plots/brushes";
import { Parallel } from "../plots/parallel";
import type { Plotted } from "../plots/plotted";
import { AxisHead } from "./axishead";
import { Brushes, ColourLegend } from "./brushes";
import { Found } from "./found";
import { MOST_RUNS, useMatched } from "./matched";
import { changePlace, elsewhere, place } from "./place";
import { ChosenScatter } from "./scatter";
import { coloursOf } from "./shade";
import type { Compared } from "./told";
import "./relations.css";

const MOST_PARAMETERS = 5;
const MOST_SERIES = 2;
/** The colours of the runs that are compared, instead of those of a field. */
export const BY_RUN = "run";

/** What a page of relations draws. */
export interface Related extends Plotted {
  axes: ReadonlyMap<string, Axis>;
  /** The fields of the parallel axes, in order. */
  order: readonly string[];
  colour: string;
  x: string | null;
  y: string | null;
}

/** How fields of the compared runs, or of all that match, hang together. */
export function Relations({ runs }: { runs: readonly Compared[] }) {
  const { query } = address.value;
  const { project, runs: keys } = place.value;
  const own = project ?? runs[0]?.told.project ?? null;
  useFields(own);
  const chosen = query.getAll("axis");
  const given = [...chosen, ...["across", "up", "colour"].flatMap((name) => query.get(name) ?? [])];
  const offered = fields.value && candidates(fields.value).filter(isOffered);
  const columns = offered && [...new Set([...offered, ...given])].filter((one) => fieldOf(one).kind !== "run");
  const { matched, problem, again } = useMatched(
    columns && (keys.length > 0 || own !== null)
      ? { project: own, where: query.get("where"), keys: runs.map((one) => one.key), columns }
      : null,
  );
  if (problem) return <Failed problem={problem} again={again} />;
  if (keys.length === 0 && own === null) return <NoRuns />;
  if (matched === null || offered === null) return <Waiting what="the runs" />;
  if (matched.rows.length === 0) return <NoRuns />;
  return <Shown rows={matched.rows} total={matched.total} offered={offered} chosen={chosen} />;
}

function isOffered(text: string): boolean {
  const { kind } = fieldOf(text);
  return kind === "parameters" || kind === "series";
}

function NoRuns() {
  return (
    <Empty title="There are no runs to relate">
      <p>
        {address.value.query.get("where") ? "No run matches the filter." : "Choose a project, or runs in the table."}
      </p>
      <a class="button" href={elsewhere("/runs")}>
        <Icon name="table" /> Show the table
      </a>
    </Empty>
  );
}

interface ShownProps {
  rows: readonly Row[];
  total: number;
  offered: readonly string[];
  chosen: readonly string[];
}

function Shown({ rows, total, offered, chosen }: ShownProps) {
  const { query } = address.value;
  const pointed = useSignal<number | null>(null);
  const begun = useMemo(() => beginning(offered, rows), [offered.join("\n"), rows.length]);
  const order = chosen.length > 0 ? chosen.filter(Boolean) : begun;
  const numeric = order.filter((one) => one.startsWith("series."));
  const y = query.get("up") ?? numeric[0] ?? order.at(-1) ?? null;
  const varied = useMemo(() => mostVaried(order, rows, y), [order.join("\n"), rows, y]);
  const x = query.get("across") ?? varied ?? y;
  const keys = place.value.runs;
  const isCompared = keys.length > 0;
  const colour = query.get("colour") ?? (isCompared ? BY_RUN : (y ?? BY_RUN));
  const scales = query.getAll("scale");
  const { brushes, hold, keep } = useBrushes(query.getAll("brush").flatMap(readBrush), (now) =>
    changePlace({ brush: now.map(brushText) }),
  );
  const wanted = [...new Set([...order, x, y, colour, ...brushes.map((one) => one.field)])].filter(
    (one): one is string => one !== null && one !== BY_RUN,
  );
  const axes = useMemo(
    () => new Map(wanted.map((field) => [field, axisOf(field, rows, scaleOf(scales, field))])),
    [rows, wanted.join("\n"), scales.join("\n")],
  );
  const isIn = useMemo(() => brushed(axes, brushes, rows.length), [axes, rows, brushes.map(brushText).join("\n")]);
  const by = axes.get(colour);
  const colours = useMemo(
    () =>
      by
        ? coloursOf(by, isDark.value)
        : rows.map((row, at) => colourAt(isCompared ? keys.indexOf(keyText(row)) : at, isDark.value)),
    [by, rows, keys.join("\n"), isDark.value],
  );
  const related: Related = { rows, axes, order, brushes, isIn, colours, colour, x, y };
  const handled = { pointed, hold, keep };
  return (
    <>
      <div class="compare-controls">
        <ChooseAxes order={order} offered={offered} />
        <ColourBy related={related} isCompared={isCompared} />
        <ColourLegend related={related} />
        <span class="spring" />
        {total > rows.length && (
          <span class="hint">
            The newest {exactCount(MOST_RUNS)} of {exactCount(total)} runs
          </span>
        )}
      </div>
      <div class="relations">
        <Brushes related={related} keep={keep} />
        {order.length === 0 ? (
          <p class="hint relations-none">Choose fields to draw an axis for each.</p>
        ) : (
          <section class="parallel" aria-label="Parallel coordinates">
            <Parallel
              runs={related}
              axes={order.flatMap((field) => axes.get(field) ?? [])}
              {...handled}
              head={(axis, at, left, wide) => (
                <AxisHead key={axis.field} axis={axis} at={at} left={left} wide={wide} related={related} keep={keep} />
              )}
            />
          </section>
        )}
        <div class="relations-below">
          <ChosenScatter related={related} {...handled} offered={[...new Set([...order, ...offered])]} />
          <Found related={related} pointed={pointed} />
        </div>
      </div>
    </>
  );
}

export function scaleOf(scales: readonly string[], field: string): "log" | "linear" | null {
  if (scales.includes(`log ${field}`)) return "log";
  return scales.includes(`linear ${field}`) ? "linear" : null;
}

export function changeScale(field: string, isLog: boolean): void {
  const rest = address.value.query.getAll("scale").filter((one) => !one.endsWith(` ${field}`));
  changePlace({ scale: [...rest, `${isLog ? "log" : "linear"} ${field}`] }, { replace: true });
}

/** The parameter with the most values: over it the dots lie furthest apart. */
function mostVaried(order: readonly string[], rows: readonly Row[], y: string | null): string | null {
  let best: string | null = null;
  let most = 0;
  for (const field of order.filter((one) => one !== y && !one.startsWith("series."))) {
    const count = new Set(rows.map((row) => row.values[field]).filter((one) => typeof one === "number")).size;
    if (count > most) [best, most] = [field, count];
  }
  return best ?? order.find((one) => one !== y) ?? null;
}

/** Parameters that tell the runs apart, and behind them what came out. */
function beginning(offered: readonly string[], rows: readonly Row[]): readonly string[] {
  const differing = offered.filter((text) => new Set(rows.map((row) => JSON.stringify(row.values[text]))).size > 1);
  const parameters = differing.filter((one) => one.startsWith("parameters.")).slice(0, MOST_PARAMETERS);
  return [...parameters, ...differing.filter((one) => one.startsWith("series.")).slice(0, MOST_SERIES)];
}

function ChooseAxes({ order, offered }: { order: readonly string[]; offered: readonly string[] }) {
  const all = (fields.value ?? offered).filter((one) => !["id", "name", "tags", "project"].includes(one));
  return (
    <Popover
      name="Choose axes"
      label={
        <>
          <Icon name="columns" /> Axes
        </>
      }
    >
      {() => (
        <Choices
          all={all}
          chosen={order}
          none="No field is called so."
          onChange={(now) => changePlace({ axis: now.length > 0 ? now : [""] }, { replace: true })}
        />
      )}
    </Popover>
  );
}

function ColourBy({ related, isCompared }: { related: Related; isCompared: boolean }) {
  const { axes, colour } = related;
  return (
    <label class="choice">
      <span>Colour</span>
      <select
        value={colour}
        onChange={(event) => changePlace({ colour: event.currentTarget.value }, { replace: true })}
      >
        {(isCompared || colour === BY_RUN) && <option value={BY_RUN}>By run</option>}
        {[...axes.values()].map((one) => (
          <option key={one.field} value={one.field}>
            {one.aside ? `${one.label} (${one.aside})` : one.label}
          </option>
        ))}
      </select>
    </label>
  );
}
