import { useSignal } from "@preact/signals";
import { useCallback, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { useKeys } from "../app/keys";
import { tell, tellFault } from "../app/notices";
import { address } from "../app/router";
import { Empty } from "../app/states";
import { Swatch } from "../charts/readout";
import { Icon } from "../design/icons";
import { exactCount } from "../design/numbers";
import { Popover } from "../design/popover";
import { useVirtual } from "../design/virtual";
import { csvText, markdownText } from "./copied";
import { isDiffering } from "./differences";
import { fieldRows, STATISTICS, type FieldRow, type Statistic } from "./fieldrows";
import { outlined } from "./outline";
import { changePlace, place } from "./place";
import type { Compared } from "./told";
import { ValueLine, type Columns } from "./valueline";
import "./values.css";

const ROW = 32;
const BEYOND = 4;
const LABEL = 264;
const NARROW_LABEL = 148;
const LEAST_COLUMN = 176;
const NARROW_COLUMN = 128;
const MOST_COLUMN = 300;

/** What the runs say, a row for each field. */
export function ComparedValues({ runs }: { runs: readonly Compared[] }) {
  const { query } = address.value;
  const isAll = query.get("all") === "1" || runs.length < 2;
  const search = (query.get("find") ?? "").toLowerCase();
  const statistics = statisticsOf(query);
  const shut = query.getAll("shut");
  const all = useMemo(() => fieldRows(runs, statistics), [runs, statistics.join()]);
  const differing = useMemo(
    () => new Set(runs.length > 1 ? all.filter((row) => row.field !== "id" && isDiffering(row)) : []),
    [all],
  );
  const wanted = useMemo(
    () => all.filter((row) => (isAll || differing.has(row)) && row.field.toLowerCase().includes(search)),
    [all, isAll, search],
  );
  const folded = search === "" ? shut : [];
  const lines = useMemo(() => outlined(wanted, new Set(folded)), [wanted, folded.join("\n")]);
  const said = lines.flatMap((line) => (line.kind === "field" ? [line.row] : []));
  return (
    <>
      <Controls
        runs={runs}
        rows={said}
        statistics={statistics}
        isAll={isAll}
        total={all.length}
        shown={wanted.length}
      />
      {wanted.length === 0 ? (
        <NoFields isSearch={search !== ""} isAll={isAll} total={all.length} />
      ) : (
        <Table runs={runs} lines={lines} shut={shut} />
      )}
    </>
  );
}

function statisticsOf(query: URLSearchParams): readonly Statistic[] {
  const chosen = STATISTICS.filter((one) => query.getAll("stat").includes(one));
  return chosen.length > 0 ? chosen : ["last"];
}

interface ControlsProps {
  runs: readonly Compared[];
  rows: readonly FieldRow[];
  statistics: readonly Statistic[];
  isAll: boolean;
  shown: number;
  total: number;
}

function Controls({ runs, rows, statistics, isAll, shown, total }: ControlsProps) {
  const find = useRef<HTMLInputElement>(null);
  useKeys("Compare", [{ keys: "/", says: "Search the fields", does: () => find.current?.focus() }]);
  const copy = (text: string): void =>
    void navigator.clipboard
      .writeText(text)
      .then(() => tell(`${exactCount(rows.length)} fields of ${exactCount(runs.length)} runs are copied.`), tellFault);
  return (
    <div class="compare-controls">
      <label class="field is-search">
        <Icon name="search" />
        <span class="unseen">Search the fields</span>
        <input
          ref={find}
          type="search"
          placeholder="Search fields"
          value={address.value.query.get("find") ?? ""}
          onInput={(event) => changePlace({ find: event.currentTarget.value || null }, { replace: true })}
        />
      </label>
      {runs.length > 1 && (
        <label class="switch">
          <input
            type="checkbox"
            role="switch"
            checked={!isAll}
            onChange={(event) => changePlace({ all: event.currentTarget.checked ? null : "1" })}
          />
          Only what differs
        </label>
      )}
      <div class="toggles" role="group" aria-label="Of each series">
        {STATISTICS.map((one) => {
          const isOn = statistics.includes(one);
          const rest = isOn ? statistics.filter((each) => each !== one) : [...statistics, one];
          return (
            <button
              key={one}
              class={isOn ? "button is-on" : "button"}
              aria-pressed={isOn}
              title={`The ${one} value of each series`}
              onClick={() => changePlace({ stat: rest.length > 0 ? rest : null }, { replace: true })}
            >
              {one}
            </button>
          );
        })}
      </div>
      <span class="spring" />
      <span class="count" role="status">
        {exactCount(shown)} of {exactCount(total)} fields
      </span>
      <Popover
        name="Copy these fields"
        label={
          <>
            <Icon name="copy" /> Copy
          </>
        }
      >
        {(close) => (
          <>
            {(
              [
                ["As CSV", csvText],
                ["As Markdown", markdownText],
              ] as const
            ).map(([says, write]) => (
              <button
                key={says}
                class="row-button"
                onClick={() => {
                  close();
                  copy(write(runs, rows));
                }}
              >
                <span>{says}</span>
              </button>
            ))}
          </>
        )}
      </Popover>
    </div>
  );
}

function NoFields({ isSearch, isAll, total }: { isSearch: boolean; isAll: boolean; total: number }) {
  if (isSearch) {
    return (
      <Empty icon="search" title={isAll ? "No field is called so" : "No field that differs is called so"}>
        <button class="button" onClick={() => changePlace({ find: null })}>
          Show all fields
        </button>
      </Empty>
    );
  }
  if (isAll) return <Empty title="These runs say nothing" />;
  return (
    <Empty icon="check" title="These runs say the same">
      <p>All {exactCount(total)} fields are alike.</p>
      <button class="button" onClick={() => changePlace({ all: "1" })}>
        Show all fields
      </button>
    </Empty>
  );
}

interface TableProps {
  runs: readonly Compared[];
  lines: ReturnType<typeof outlined>;
  shut: readonly string[];
}

function Table({ runs, lines, shut }: TableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const room = useSignal(0);
  useLayoutEffect(() => {
    if (!scroller.current) return undefined;
    const watch = new ResizeObserver(([entry]) => (room.value = entry?.contentRect.width ?? 0));
    watch.observe(scroller.current);
    return () => watch.disconnect();
  }, []);
  const isNarrow = room.value > 0 && room.value < 600;
  const label = isNarrow ? NARROW_LABEL : LABEL;
  const fair = Math.floor((room.value - label) / runs.length);
  const width = Math.max(isNarrow ? NARROW_COLUMN : LEAST_COLUMN, Math.min(MOST_COLUMN, fair));
  const rows = useVirtual({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: BEYOND,
  });
  const across = useVirtual({
    horizontal: true,
    count: runs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => width,
    paddingStart: label,
    overscan: 1,
  });
  useLayoutEffect(() => across.measure(), [width, label]);
  const drawn = rows.getVirtualItems();
  // Elements of rows that went out of sight are those of rows that came: made anew, they take three times as long.
  const places = useRef(0);
  places.current = Math.max(places.current, drawn.length);
  const inSight = across.getVirtualItems().map((item) => item.index);
  const base = Math.max(
    runs.findIndex((one) => one.key === place.value.base),
    0,
  );
  const columns = useMemo(
    (): Columns => ({ label, width, inSight, base, total: label + width * runs.length }),
    [label, width, inSight.join(), base, runs.length],
  );
  const fold = useCallback(
    (id: string): void =>
      changePlace({ shut: shut.includes(id) ? shut.filter((one) => one !== id) : [...shut, id] }, { replace: true }),
    [shut.join("\n")],
  );
  return (
    <div
      ref={scroller}
      class="values"
      role="table"
      aria-label="Values of the runs"
      aria-rowcount={lines.length + 1}
      aria-colcount={runs.length + 1}
      tabIndex={0}
    >
      <div role="rowgroup" class="values-head" style={{ width: `${columns.total}px` }}>
        <div role="row" aria-rowindex={1} class="values-row">
          <span role="columnheader" aria-colindex={1} class="values-label" style={{ width: `${label}px` }}>
            Field
          </span>
          {inSight.map((at) => {
            const run = runs[at];
            if (!run) return null;
            return (
              <span
                key={run.key}
                role="columnheader"
                aria-colindex={at + 2}
                class="values-run"
                style={{ left: `${label + at * width}px`, width: `${width}px` }}
                title={run.name}
              >
                <Swatch place={run.place} />
                <bdi>{run.name}</bdi>
                {at === base && runs.length > 1 && <span class="base-mark">baseline</span>}
              </span>
            );
          })}
        </div>
      </div>
      <div
        role="rowgroup"
        class="values-body"
        style={{ height: `${rows.getTotalSize()}px`, width: `${columns.total}px` }}
      >
        {drawn.map((item) => {
          const line = lines[item.index];
          if (!line) return null;
          return (
            <ValueLine
              // Where the keyboard is, it stays.
              key={line.kind === "field" ? `field ${item.index % places.current}` : `heading ${line.id}`}
              line={line}
              at={item.index}
              top={item.start}
              columns={columns}
              runs={runs}
              onFold={fold}
            />
          );
        })}
      </div>
    </div>
  );
}
