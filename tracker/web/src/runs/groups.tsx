import { signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { isAborted, Latest, post } from "../api/client";
import { asProblem, faultOf, type Problem } from "../api/problem";
import type { GroupTold, StatisticsTold } from "../api/schema";
import { Failed, Waiting } from "../app/states";
import { brief, exactCount, withSpread } from "../design/numbers";
import { useVirtual } from "../design/virtual";
import { literalOf, numericOf, valueCell } from "./cells";
import { asideOf, fieldOf, isSummable, labelOf } from "./fields";
import type { Rows } from "./rows";
import { change, view } from "./view";

const ROW = 32;
const KEY_WIDTH = 160;
const WIDTH = 136;
// The server sums up so many columns at most.
const MOST = 100;

/** Runs with equal values taken together: how many they are, and the mean of each column with its spread. */
export function Groups({ rows, texts }: { rows: Rows; texts: readonly string[] }) {
  const { by } = view.value;
  const numeric = numericOf(rows.known(), texts);
  const summed = texts
    .filter((text) => !by.includes(text) && isSummable(fieldOf(text)) && numeric.has(text))
    .slice(0, MOST);
  const state = useMemo(
    () => ({
      groups: signal<readonly GroupTold[] | null>(null),
      problem: signal<Problem | null>(null),
      latest: new Latest(),
    }),
    [],
  );
  const { project, where, trash } = rows.question;
  useEffect(() => {
    void load();
    return () => state.latest.stop();
  }, [JSON.stringify([project, where, trash, by, summed]), rows.turn.value]);

  async function load(): Promise<void> {
    try {
      const asked = { project, where, trash, by: [...by] };
      state.groups.value = await numbersOf(asked, summed, state.latest.next());
      state.problem.value = null;
    } catch (error) {
      if (!isAborted(error)) state.problem.value = asProblem(error);
    }
  }

  if (state.problem.value) return <Failed problem={state.problem.value} again={() => void load()} />;
  if (state.groups.value === null) return <Waiting what="the groups" />;
  return <GroupsGrid groups={state.groups.value} by={by} summed={summed} />;
}

type Asked = Pick<Rows["question"], "project" | "where" | "trash"> & { by: string[] };

/** The groups; a column that holds no numbers at all is asked for no more, since its field may hold texts alone. */
async function numbersOf(asked: Asked, summed: readonly string[], signal: AbortSignal): Promise<readonly GroupTold[]> {
  let columns = [...summed];
  for (;;) {
    try {
      return (await post("/api/v1/groups/search", { ...asked, columns }, signal)).groups;
    } catch (error) {
      const fault = isAborted(error) ? null : faultOf(asProblem(error));
      if (fault === null || !columns.includes(fault.query)) throw error;
      columns = columns.filter((one) => one !== fault.query);
    }
  }
}

function GroupsGrid({
  groups,
  by,
  summed,
}: {
  groups: readonly GroupTold[];
  by: readonly string[];
  summed: readonly string[];
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtual({
    count: groups.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 8,
  });
  const told = summed.filter((text) => groups.some((one) => (one.statistics[text]?.count ?? 0) > 0));
  const width = by.length * KEY_WIDTH + (told.length + 1) * WIDTH;
  const cell = (size: number) => ({ width: `${size}px` });
  return (
    <div
      ref={scroller}
      class="grid"
      role="table"
      tabIndex={0}
      aria-label="Groups of runs"
      aria-rowcount={groups.length + 1}
    >
      <div role="rowgroup" class="grid-head" style={cell(width)}>
        <div class="grid-row is-head" role="row" aria-rowindex={1}>
          {by.map((text) => (
            <div key={text} class="head is-plain" role="columnheader" style={cell(KEY_WIDTH)}>
              <bdi>{labelOf(fieldOf(text))}</bdi>
            </div>
          ))}
          <div class="head is-plain is-number" role="columnheader" style={cell(WIDTH)}>
            Runs
          </div>
          {told.map((text) => (
            <div
              key={text}
              class="head is-plain is-number"
              role="columnheader"
              style={cell(WIDTH)}
              title={`${text}: mean ± standard deviation`}
            >
              <span class="head-label">
                <bdi>{labelOf(fieldOf(text))}</bdi>
              </span>{" "}
              <span class="head-aside">{asideOf(fieldOf(text))}</span>
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" class="grid-body" style={{ height: `${virtual.getTotalSize()}px`, width: `${width}px` }}>
        {virtual.getVirtualItems().map((item) => {
          const group = groups[item.index];
          if (!group) return null;
          return (
            <div
              key={item.index}
              class="grid-row"
              role="row"
              aria-rowindex={item.index + 2}
              style={{ transform: `translateY(${item.start}px)`, width: `${width}px` }}
            >
              {group.key.map((value: unknown, at) => {
                const shown = valueCell(value);
                return (
                  <div key={by[at]} class="cell" role="cell" style={cell(KEY_WIDTH)} title={shown.title}>
                    <span class="cell-text">
                      {value === null ? <em class="hint">none</em> : <bdi>{shown.text}</bdi>}
                    </span>
                  </div>
                );
              })}
              <div class="cell is-number" role="cell" style={cell(WIDTH)}>
                <button class="link" title="Show these runs" onClick={() => open(by, group)}>
                  {exactCount(group.runs)}
                </button>
              </div>
              {told.map((text) => (
                <StatisticsCell key={text} one={group.statistics[text]} />
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function StatisticsCell({ one }: { one: StatisticsTold | undefined }) {
  const style = { width: `${WIDTH}px` };
  if (!one || typeof one.mean !== "number") {
    return (
      <div class="cell is-number" role="cell" style={style}>
        {one && one.nonfinite > 0 ? <span title={`${one.nonfinite} runs have no finite number`}>NaN</span> : null}
      </div>
    );
  }
  const spread = typeof one.std === "number" ? one.std : null;
  const range = `of ${one.count} runs, from ${brief(Number(one.min))} to ${brief(Number(one.max))}${one.nonfinite ? `; ${one.nonfinite} more have no finite number` : ""}`;
  return (
    <div
      class="cell is-number"
      role="cell"
      style={style}
      title={`${one.mean}${spread === null ? "" : ` ± ${spread}`}\n${range}`}
    >
      {withSpread(one.mean, spread)}
    </div>
  );
}

/** Show the runs of a group: its values become part of the filter. */
function open(by: readonly string[], group: GroupTold): void {
  const conditions = by.map((text, at) => {
    const literal = literalOf(group.key[at]);
    return literal === null ? `${text} missing` : `${text} == ${literal}`;
  });
  const { where } = view.value;
  change({ by: [], where: [...(where ? [`(${where})`] : []), ...conditions].join(" and ") });
}
