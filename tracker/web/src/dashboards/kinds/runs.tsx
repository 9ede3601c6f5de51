import { useMemo } from "preact/hooks";
import type { Row } from "../../api/schema";
import { Swatch } from "../../charts/readout";
import { href } from "../../app/router";
import { exactCount } from "../../design/numbers";
import { cellOf, numericOf } from "../../runs/cells";
import { asideOf, beginning, candidates, fieldOf, labelOf, type Field } from "../../runs/fields";
import { fields as known } from "../../runs/known";
import { Status } from "../../runs/status";
import { keyText } from "../../api/runs";
import type { Panel } from "../arrangement";
import { placesOf, readRows, usePanel, type Board } from "../board";
import { runsSettings } from "../settings";
import { Nothing, PanelProblem } from "./states";

/** Some of the runs as a table, with a way to all of them. */
export default function RunsPanel({ board, panel }: { board: Board; panel: Panel }) {
  const said = runsSettings(panel.settings);
  const wanted = said.columns.length > 0 ? said.columns : candidates(known.value ?? []);
  const sort = said.sort.length > 0 ? said.sort : board.sort;
  const asked = usePanel(
    board,
    (signal) => readRows({ ...board, sort, most: Math.min(said.rows, board.most) }, wanted, signal),
    [said, sort, wanted],
  );
  const columns = useMemo(() => {
    const own = said.columns.length > 0 ? said.columns : beginning(wanted, asked.value ?? []);
    return own.map(fieldOf).filter((one) => one.text !== "name" && one.kind !== "curve");
  }, [asked.value, wanted.join("\n")]);
  if (asked.problem) return <PanelProblem problem={asked.problem} again={() => void asked.again()} />;
  if (asked.value === null) return null;
  if (asked.value.length === 0) return <Nothing>No run matches.</Nothing>;
  const query = new URLSearchParams({ project: board.project });
  if (board.where) query.set("where", board.where);
  for (const one of board.by) query.append("by", one);
  for (const one of sort) query.append("sort", one);
  for (const one of said.columns) query.append("column", one);
  return (
    <div class="board-runs">
      <Table board={board} rows={asked.value} columns={columns} label={panel.title || "Runs"} />
      <p class="board-below">
        <span class="hint">
          {exactCount(asked.value.length)} of {exactCount(board.total)}
        </span>
        <a href={href("/runs", query)}>Show the whole table</a>
      </p>
    </div>
  );
}

interface TableProps {
  board: Board;
  rows: readonly Row[];
  columns: readonly Field[];
  label: string;
}

function Table({ board, rows, columns, label }: TableProps) {
  const numeric = numericOf(
    rows,
    columns.map((one) => one.text),
  );
  const places = placesOf(board);
  return (
    <div class="board-scroll" tabIndex={0} role="group" aria-label={`${label}: the table`}>
      <table class="board-table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            {columns.map((one) => (
              <th key={one.text} scope="col" class={numeric.has(one.text) ? "is-number" : ""} title={one.text}>
                <bdi>{labelOf(one)}</bdi> <small>{asideOf(one)}</small>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const key = keyText(row);
            const shown = places.get(key);
            return (
              <tr
                key={key}
                onPointerEnter={() => (board.shared.highlight.value = shown?.id ?? null)}
                onPointerLeave={() => (board.shared.highlight.value = null)}
              >
                <th scope="row">
                  <span class="board-name">
                    {shown && <Swatch place={shown.place} />}
                    <a href={href("/run", { run: key })} title={row.name ?? row.id}>
                      <bdi>{row.name ?? row.id}</bdi>
                    </a>
                  </span>
                </th>
                {columns.map((one) => (
                  <Value key={one.text} row={row} field={one} isNumber={numeric.has(one.text)} />
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Value({ row, field, isNumber }: { row: Row; field: Field; isNumber: boolean }) {
  if (field.text === "status") {
    return (
      <td>
        <Status status={row.status} />
      </td>
    );
  }
  const { text, title } = cellOf(row, field);
  return (
    <td class={isNumber ? "is-number" : ""} title={title}>
      {/* A field that a run lacks comes as null. */}
      <bdi>{field.kind !== "run" && row.values[field.text] === null ? "" : text}</bdi>
    </td>
  );
}
