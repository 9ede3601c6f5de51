import { memo } from "preact/compat";
import { Icon } from "../design/icons";
import { exactCount, lasting } from "../design/numbers";
import { valueCell, type Cell } from "../runs/cells";
import { labelOf, fieldOf } from "../runs/fields";
import { Status } from "../runs/status";
import { bestOf, changeOf } from "./differences";
import type { FieldRow } from "./fieldrows";
import type { Line } from "./outline";
import type { Compared } from "./told";

/** How wide the table is, and which of its columns are in sight. */
export interface Columns {
  label: number;
  width: number;
  total: number;
  inSight: readonly number[];
  base: number;
}

interface Props {
  line: Line;
  at: number;
  top: number;
  columns: Columns;
  runs: readonly Compared[];
  onFold: (id: string) => void;
}

/** A line of the table of values; one that stays in sight is not drawn anew. */
export const ValueLine = memo(function ValueLine({ line, at, top, columns, runs, onFold }: Props) {
  const style = { top: `${top}px`, width: `${columns.total}px` };
  const indent = { width: `${columns.label}px`, paddingLeft: `${0.6 + line.depth * 0.9}rem` };
  if (line.kind === "heading") {
    return (
      <div role="row" aria-rowindex={at + 2} class={`values-row is-heading is-depth-${line.depth}`} style={style}>
        <span
          role="rowheader"
          aria-colindex={1}
          class="values-label"
          style={{ ...indent, paddingLeft: `${0.15 + line.depth * 0.9}rem` }}
        >
          <button class="fold" aria-expanded={!line.isFolded} title={line.label} onClick={() => onFold(line.id)}>
            <Icon name="fold" size={12} />
            <bdi>{line.label}</bdi>
            <span class="count">{exactCount(line.count)}</span>
          </button>
        </span>
      </div>
    );
  }
  const { row } = line;
  const best = bestOf(row);
  const label = row.section === "run" ? labelOf(fieldOf(row.field)) : row.label;
  return (
    <div role="row" aria-rowindex={at + 2} class="values-row" style={style}>
      <span role="rowheader" aria-colindex={1} class="values-label" style={indent} title={row.field}>
        <bdi>{label}</bdi>
        {row.statistic && <span class="values-aside">{row.statistic}</span>}
      </span>
      {columns.inSight.map((column) => (
        <ValueCell
          key={runs[column]?.key}
          row={row}
          column={column}
          columns={columns}
          isBest={best.has(column)}
          isAlone={runs.length < 2}
        />
      ))}
    </div>
  );
});

interface CellProps {
  row: FieldRow;
  column: number;
  columns: Columns;
  isBest: boolean;
  isAlone: boolean;
}

function ValueCell({ row, column, columns, isBest, isAlone }: CellProps) {
  const value = row.values[column];
  const isBase = column === columns.base;
  const change = isBase || isAlone ? "" : changeOf(row.values[columns.base], value, row.field);
  const cell = cellOf(row, value);
  const classes = [
    "values-cell",
    cell.isNumber ? "is-number" : "",
    isBest ? "is-best" : "",
    change !== "" ? "is-other" : isBase || isAlone ? "" : "is-same",
  ];
  return (
    <span
      role="cell"
      aria-colindex={column + 2}
      class={classes.filter(Boolean).join(" ")}
      style={{ left: `${columns.label + column * columns.width}px`, width: `${columns.width}px` }}
      title={cell.title === "" ? undefined : cell.title}
    >
      {isBest && (
        <span class="best" title="The best of these runs">
          <Icon name="star" size={12} />
          <span class="unseen">best</span>
        </span>
      )}
      {value !== undefined && row.field !== "status" ? (
        <bdi class="values-text">{cell.text}</bdi>
      ) : (
        <span class="values-text">{value === undefined ? <Nothing /> : <Status status={cell.text} />}</span>
      )}
      {change !== "" && (
        <span class={change === "≠" ? "values-change is-plain" : "values-change"}>
          {change}
          {change === "≠" && <span class="unseen"> differs from the baseline</span>}
        </span>
      )}
    </span>
  );
}

function Nothing() {
  return (
    <span class="values-nothing">
      –<span class="unseen"> not said</span>
    </span>
  );
}

function cellOf(row: FieldRow, value: unknown): Cell {
  const cell = valueCell(value);
  if (row.field !== "duration" || cell.number === null) return cell;
  return { ...cell, text: lasting(cell.number), title: `${cell.exact} s` };
}
