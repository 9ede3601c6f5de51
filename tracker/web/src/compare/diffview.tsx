import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { useKeys } from "../app/keys";
import { address } from "../app/router";
import { exactCount } from "../design/numbers";
import { useVirtual } from "../design/virtual";
import { diffRows, innerChange, type DiffRow } from "./difflines";
import type { LineDiff } from "./myers";

const ROW = 20;
const BEYOND = 20;
// A line that is longer is shown to here.
const MOST_CHARACTERS = 2000;

interface Props {
  diff: LineDiff;
  one: readonly string[];
  other: readonly string[];
}

/** The lines of two texts, with what was removed and added; only those in sight are drawn. */
export function DiffView({ diff, one, other }: Props) {
  const isSplit = address.value.query.get("view") === "split";
  const scroller = useRef<HTMLDivElement>(null);
  const open = useSignal<ReadonlySet<number>>(new Set());
  useEffect(() => void (open.value = new Set()), [diff]);
  const rows = useMemo(() => diffRows(diff, open.value, isSplit), [diff, open.value, isSplit]);
  const longest = useMemo(() => {
    const length = (lines: readonly string[]): number =>
      lines.reduce((most, line) => Math.max(most, Math.min(line.length, MOST_CHARACTERS)), 0);
    return Math.max(length(one), length(other));
  }, [one, other]);
  const virtual = useVirtual({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: BEYOND,
  });
  const changes = rows.flatMap((row, at) => (row.kind === "changed" && row.isFirst ? [at] : []));
  const jump = (by: number): void => {
    const top = Math.round((virtual.scrollOffset ?? 0) / ROW);
    const to = by > 0 ? changes.find((at) => at - CONTEXT > top) : changes.findLast((at) => at - CONTEXT < top);
    if (to !== undefined) virtual.scrollToOffset(Math.max(0, to - CONTEXT) * ROW);
  };
  useKeys("Compare", [
    { keys: "n", says: "The next change", does: () => jump(1) },
    { keys: "p", says: "The change before", does: () => jump(-1) },
  ]);
  const width = isSplit ? `max(100%, ${2 * (longest + 9)}ch)` : `max(100%, ${longest + 17}ch)`;
  return (
    <div ref={scroller} class="diff" role="table" aria-label="Differences" aria-rowcount={rows.length} tabIndex={0}>
      <div role="rowgroup" class="diff-body" style={{ height: `${virtual.getTotalSize()}px`, width }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          const props = { row, one, other, at: item.index, top: item.start };
          if (row.kind === "fold") {
            return (
              <div
                key={`fold ${row.id}`}
                role="row"
                aria-rowindex={item.index + 1}
                class="diff-row"
                style={at(item.start)}
              >
                <span role="cell" class="diff-fold">
                  <button onClick={() => (open.value = new Set([...open.value, row.id]))}>
                    {exactCount(row.count)} lines are the same
                  </button>
                </span>
              </div>
            );
          }
          return isSplit ? (
            <SplitRow key={`${row.left} ${row.right}`} {...props} row={row} />
          ) : (
            <UnifiedRow key={`${row.left} ${row.right}`} {...props} row={row} />
          );
        })}
      </div>
    </div>
  );
}

const CONTEXT = 3;

interface RowProps {
  row: Exclude<DiffRow, { kind: "fold" }>;
  one: readonly string[];
  other: readonly string[];
  at: number;
  top: number;
}

function UnifiedRow({ row, one, other, at: index, top }: RowProps) {
  const side = row.kind === "same" ? "same" : row.left !== null ? "removed" : "added";
  const text = (row.left !== null ? one[row.left] : row.right !== null ? other[row.right] : "") ?? "";
  return (
    <div role="row" aria-rowindex={index + 1} class={`diff-row is-${side}`} style={at(top)}>
      <span role="cell" class="diff-number">
        {row.left !== null && row.left + 1}
      </span>
      <span role="cell" class="diff-number">
        {row.right !== null && row.right + 1}
      </span>
      <span role="cell" class="diff-line">
        <Sign side={side} />
        <bdi>{cut(text)}</bdi>
      </span>
    </div>
  );
}

function SplitRow({ row, one, other, at: index, top }: RowProps) {
  const left = row.left === null ? null : (one[row.left] ?? "");
  const right = row.right === null ? null : (other[row.right] ?? "");
  const inner = row.kind === "changed" && left !== null && right !== null ? innerChange(left, right) : null;
  return (
    <div role="row" aria-rowindex={index + 1} class="diff-row is-split" style={at(top)}>
      <Half
        number={row.left}
        text={left}
        side={row.kind === "same" ? "same" : "removed"}
        from={inner?.from}
        to={inner?.one}
      />
      <Half
        number={row.right}
        text={right}
        side={row.kind === "same" ? "same" : "added"}
        from={inner?.from}
        to={inner?.other}
      />
    </div>
  );
}

interface HalfProps {
  number: number | null;
  text: string | null;
  side: "same" | "removed" | "added";
  from: number | undefined;
  to: number | undefined;
}

function Half({ number, text, side, from, to }: HalfProps) {
  return (
    <>
      <span role="cell" class={`diff-number is-${text === null ? "none" : side}`}>
        {number !== null && number + 1}
      </span>
      <span role="cell" class={`diff-line is-${text === null ? "none" : side}`}>
        {text !== null && (
          <>
            <Sign side={side} />
            <bdi>
              {from === undefined || to === undefined ? (
                cut(text)
              ) : (
                <>
                  {cut(text).slice(0, from)}
                  <mark>{cut(text).slice(from, to)}</mark>
                  {cut(text).slice(to)}
                </>
              )}
            </bdi>
          </>
        )}
      </span>
    </>
  );
}

const SIGNS = { same: " ", removed: "−", added: "+" } as const;

function Sign({ side }: { side: keyof typeof SIGNS }) {
  return (
    <span class="diff-sign">
      <span aria-hidden="true">{SIGNS[side]}</span>
      {side !== "same" && <span class="unseen">{side}: </span>}
    </span>
  );
}

function cut(line: string): string {
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}…` : line;
}

function at(top: number): Record<string, string> {
  return { transform: `translateY(${top}px)` };
}
