import { post } from "../api/client";
import { keyText } from "../api/runs";
import type { Row, RunKey } from "../api/schema";
import { tell, tellFault } from "../app/notices";
import { cellOf, type Cell } from "./cells";
import type { Field } from "./fields";
import type { Question, Rows } from "./rows";
import { change, view } from "./view";

// A page of the server has so many rows at most.
const PAGE = 1000;

/** Say something about a run that its writers did not: shown at once, and taken back if the server refuses. */
export async function edit(rows: Rows, row: Row, record: Record<string, unknown>, shown: Partial<Row>): Promise<void> {
  const before = Object.fromEntries(Object.keys(shown).map((name) => [name, row[name as keyof Row]]));
  rows.put(row, shown);
  try {
    await post("/api/v1/edits", { project: row.project, id: row.id, record });
  } catch (error) {
    rows.put(row, before);
    tellFault(error);
  }
}

/** Put runs in the trash; the notice takes them out again. */
export async function putAway(rows: Rows, runs: readonly RunKey[]): Promise<void> {
  try {
    await post("/api/v1/trash", { runs: [...runs] });
    deselect(runs);
    await rows.refresh();
    tell(`${runs.length === 1 ? "A run is" : `${runs.length} runs are`} in the trash.`, {
      action: { label: "Undo", does: () => void takeBack(rows, runs) },
    });
  } catch (error) {
    tellFault(error);
  }
}

/** Take runs out of the trash. */
export async function takeBack(rows: Rows, runs: readonly RunKey[]): Promise<void> {
  try {
    await post("/api/v1/restore", { runs: [...runs] });
    deselect(runs);
    await rows.refresh();
    tell(runs.length === 1 ? "The run is back." : `${runs.length} runs are back.`);
  } catch (error) {
    tellFault(error);
  }
}

function deselect(runs: readonly RunKey[]): void {
  const gone = new Set(runs.map(keyText));
  change({ selected: view.value.selected.filter((one) => !gone.has(one)) }, { replace: true });
}

/** Save all rows of a question, in the columns that are shown, as CSV (RFC 4180) with exact values. */
export async function saveCsv(question: Question, columns: readonly Field[]): Promise<void> {
  const shown = columns.filter((one) => one.kind !== "curve");
  const fixed = ["project", "id"].filter((name) => !shown.some((one) => one.text === name));
  const lines = [[...fixed, ...shown.map((one) => one.text)].map(inertText)];
  try {
    for (let after: string | null | undefined; after !== null;) {
      const page = await post("/api/v1/runs/search", { ...question, after, limit: PAGE });
      for (const row of page.rows)
        lines.push([
          ...fixed.map((name) => inertText(String(row[name as keyof Row]))),
          ...shown.map((one) => inert(cellOf(row, one))),
        ]);
      after = page.next;
    }
  } catch (error) {
    tellFault(error);
    return;
  }
  save(
    `${question.project ?? "runs"}.csv`.replaceAll("/", "-"),
    lines.map((line) => line.map(csvCell).join(",")).join("\r\n") + "\r\n",
  );
}

/** A cell as a spreadsheet takes it for what it is; numbers are numbers, whatever sign they begin with. */
function inert({ exact, isNumber }: Cell): string {
  return isNumber ? exact : inertText(exact);
}

/** A text that no spreadsheet takes for a formula, which it would run: an apostrophe before it says so. */
function inertText(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function save(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(address));
}
