import { exactCount } from "../design/numbers";
import { columnsOf, isConsole, writerText, type Column } from "./loaded";
import { Log } from "./log";
import type { Shown } from "./page";
import { place, visit } from "./place";

/** The texts of a run, but what it printed. */
export function Texts({ run }: Shown) {
  const columns = columnsOf(run, place.value.writer, "text").filter((one) => !isConsole(one.name));
  const chosen = chosenOf(columns);
  return (
    <div class="split">
      <Names columns={columns} chosen={chosen} label="Texts" />
      {chosen && <Log key={nameOf(chosen)} run={run} column={chosen} isConsole={false} />}
    </div>
  );
}

/** The column that the address names, or the first one. */
export function chosenOf(columns: readonly Column[]): Column | undefined {
  return columns.find((one) => nameOf(one) === place.value.name) ?? columns[0];
}

/** A column as the address names it: with its writer where that is not plain. */
export function nameOf(column: Column): string {
  return column.writer === "" ? column.name : `${column.name}@${column.writer}`;
}

/** The names to choose from. */
export function Names({
  columns,
  chosen,
  label,
}: {
  columns: readonly Column[];
  chosen: Column | undefined;
  label: string;
}) {
  const several = new Set(columns.map((one) => one.writer)).size > 1;
  return (
    <nav class="names" aria-label={label}>
      <ul>
        {columns.map((one) => (
          <li key={nameOf(one)}>
            <button
              class="row-button"
              aria-current={one === chosen ? "true" : undefined}
              title={one.name}
              onClick={() => visit({ name: nameOf(one) })}
            >
              <span>
                <bdi>{one.name}</bdi>
                {several && <span class="unit"> {writerText(one.writer)}</span>}
              </span>
              <span class="count">{exactCount(one.count)}</span>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
