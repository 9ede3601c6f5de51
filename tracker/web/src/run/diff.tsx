import { useMemo, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { exactCount } from "../design/numbers";
import { useVirtual } from "../design/virtual";
import { changedOf, type Changed, type DiffLine } from "./patch";

const ROW = 19;
// A longer line is cut: a browser draws none of a million letters.
const LONGEST = 2000;

type Row = { file: Changed; place: number; line: DiffLine | null };

/** A difference between files: what came, what went, file by file. */
export function Diff({ text }: { text: string }) {
  const files = useMemo(() => changedOf(text), [text]);
  const closed = useSignal<ReadonlySet<number>>(new Set());
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(
    () =>
      files.flatMap((file, place): Row[] => [
        { file, place, line: null },
        ...(closed.value.has(place) ? [] : file.lines.map((line) => ({ file, place, line }))),
      ]),
    [files, closed.value],
  );
  const virtual = useVirtual({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (at) => (rows[at]?.line ? ROW : 34),
    overscan: 20,
  });
  const turn = (place: number): void => {
    const next = new Set(closed.value);
    if (!next.delete(place)) next.add(place);
    closed.value = next;
    virtual.measure();
  };
  const [added, removed] = [
    files.reduce((sum, one) => sum + one.added, 0),
    files.reduce((sum, one) => sum + one.removed, 0),
  ];
  return (
    <div class="diff-box">
      <div class="tool-line">
        <span class="hint">
          {exactCount(files.length)} {files.length === 1 ? "file" : "files"} changed,{" "}
          <span class="diff-more">+{exactCount(added)}</span> <span class="diff-less">−{exactCount(removed)}</span>
        </span>
        <span class="spring" />
        <button
          class="button"
          onClick={() => {
            closed.value = closed.value.size > 0 ? new Set() : new Set(files.keys());
            virtual.measure();
          }}
        >
          {closed.value.size > 0 ? "Open all" : "Close all"}
        </button>
      </div>
      <div ref={scroller} class="diff" role="region" aria-label="Changes to the code" tabIndex={0}>
        <div class="diff-body" style={{ height: `${virtual.getTotalSize()}px` }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            if (!row) return null;
            const style = { transform: `translateY(${start}px)` };
            if (!row.line)
              return (
                <button
                  key={index}
                  class="diff-file"
                  style={style}
                  aria-expanded={!closed.value.has(row.place)}
                  onClick={() => turn(row.place)}
                >
                  <span class={closed.value.has(row.place) ? "turner" : "turner is-open"}>
                    <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
                      <path d="m3 1.500 4 3.500-4 3.500" />
                    </svg>
                  </span>
                  <bdi>{row.file.name || "Changes"}</bdi>
                  <span class="diff-more">+{exactCount(row.file.added)}</span>
                  <span class="diff-less">−{exactCount(row.file.removed)}</span>
                </button>
              );
            const { kind, text: line, before, after } = row.line;
            return (
              <div key={index} class={`diff-line is-${kind}`} style={style}>
                <span class="diff-number">{before ?? ""}</span>
                <span class="diff-number">{after ?? ""}</span>
                <span class="diff-sign">{SIGNS[kind]}</span>
                <bdi>{line.slice(0, LONGEST)}</bdi>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

const SIGNS: Record<DiffLine["kind"], string> = { added: "+", removed: "−", same: " ", place: " ", note: " " };
