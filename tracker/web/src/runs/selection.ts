import { keyText } from "../api/runs";
import { tell } from "../app/notices";
import type { Rows } from "./rows";
import { change, MOST_SELECTED, view } from "./view";

/** Select a run, or no longer. */
export function select(run: string): void {
  const { selected } = view.value;
  keep(selected.includes(run) ? selected.filter((one) => one !== run) : [...selected, run]);
}

/** Select all runs between two places. */
export function selectThrough(rows: Rows, from: number, to: number): void {
  const found: string[] = [];
  for (let place = Math.min(from, to); place <= Math.max(from, to); place++) {
    const row = rows.at(place);
    if (row) found.push(keyText(row));
  }
  keep([...new Set([...view.value.selected, ...found])]);
}

/** Select none. */
export function selectNone(): void {
  keep([]);
}

function keep(selected: readonly string[]): void {
  if (selected.length > MOST_SELECTED) tell(`${MOST_SELECTED} runs are selected: an address holds no more.`);
  change({ selected: selected.slice(0, MOST_SELECTED) }, { replace: true });
}
