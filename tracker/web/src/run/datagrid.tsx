import { useRef } from "preact/hooks";
import { exactCount } from "../design/numbers";
import { useVirtual } from "../design/virtual";

const ROW = 27;
// Columns beyond this are left out: a browser draws no wider table quickly.
const MOST_COLUMNS = 200;
// As many letters as a cell shows, and by which its column is as wide.
const WIDEST = 40;
const LOOKED_AT = 100;

interface Props {
  label: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
  /** How many rows there are; null if that is not known. */
  total: number | null;
}

/** A table of texts of which only the rows in sight are drawn. */
export function DataGrid({ label, columns, rows, total }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtual({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  const shown = columns.slice(0, MOST_COLUMNS);
  const sample = rows.slice(0, LOOKED_AT);
  const facts = shown.map((name, at) => {
    const cells = sample.map((row) => row[at] ?? "").filter((text) => text !== "");
    const isNumber =
      cells.length > 0 &&
      cells.every(
        (text) =>
          /^[+-]?(\d|\.\d|nan$|inf)/i.test(text) &&
          !Number.isNaN(Number(text.replace(/^[+-]?(nan|inf(inity)?)$/i, "0"))),
      );
    const letters = Math.max(name.length, ...cells.map((text) => text.length));
    return { name, isNumber, width: `${Math.min(letters, WIDEST) + 3}ch` };
  });
  const number = `${String(rows.length).length + 2}ch`;
  return (
    <div class="datagrid-box">
      <p class="hint">
        {total !== null && total === rows.length
          ? `${exactCount(rows.length)} rows`
          : `the first ${exactCount(rows.length)} rows${total === null ? "" : ` of ${exactCount(total)}`}`}
        , {exactCount(columns.length)} columns
        {columns.length > MOST_COLUMNS && `, of which ${MOST_COLUMNS} are shown`}
      </p>
      <div
        ref={scroller}
        class="datagrid"
        role="table"
        aria-label={label}
        aria-rowcount={(total ?? rows.length) + 1}
        aria-colcount={columns.length}
        tabIndex={0}
      >
        <div class="datagrid-head" role="row" aria-rowindex={1}>
          <span class="datagrid-number" role="columnheader" style={{ width: number }}>
            <span class="unseen">Row</span>
          </span>
          {facts.map((one, at) => (
            <span
              key={at}
              role="columnheader"
              class={one.isNumber ? "datagrid-cell is-number" : "datagrid-cell"}
              style={{ width: one.width }}
              title={one.name}
            >
              <bdi>{one.name}</bdi>
            </span>
          ))}
        </div>
        <div class="datagrid-body" role="rowgroup" style={{ height: `${virtual.getTotalSize()}px` }}>
          {virtual.getVirtualItems().map(({ index, start }) => (
            <div
              key={index}
              class="datagrid-row"
              role="row"
              aria-rowindex={index + 2}
              style={{ transform: `translateY(${start}px)` }}
            >
              <span class="datagrid-number" role="rowheader" style={{ width: number }}>
                {index + 1}
              </span>
              {facts.map((one, at) => {
                const text = rows[index]?.[at] ?? "";
                return (
                  <span
                    key={at}
                    role="cell"
                    class={one.isNumber ? "datagrid-cell is-number" : "datagrid-cell"}
                    style={{ width: one.width }}
                    title={text.slice(0, 2000)}
                  >
                    <bdi>{text.slice(0, 200)}</bdi>
                  </span>
                );
              })}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
