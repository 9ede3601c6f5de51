import { valueCell } from "../runs/cells";
import type { FieldRow } from "./fieldrows";
import type { Compared } from "./told";

/** The fields as CSV (RFC 4180), with exact values. */
export function csvText(runs: readonly Compared[], rows: readonly FieldRow[]): string {
  return table(runs, rows)
    .map((line) => line.map(csvCell).join(",") + "\r\n")
    .join("");
}

/** The fields as a table of Markdown, with exact values. */
export function markdownText(runs: readonly Compared[], rows: readonly FieldRow[]): string {
  const [head = [], ...body] = table(runs, rows).map((line) => line.map(markdownCell));
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  return line(head) + line(head.map((_, at) => (at === 0 ? "---" : "---:"))) + body.map(line).join("");
}

function table(runs: readonly Compared[], rows: readonly FieldRow[]): string[][] {
  return [
    ["field", ...runs.map((one) => one.name)],
    ...rows.map((row) => [row.field, ...row.values.map((value) => valueCell(value).exact)]),
  ];
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What Markdown would read as its own, or as HTML, stands as it is. */
function markdownCell(text: string): string {
  return text.replace(/[\\|`*_<>[\]]/g, (one) => `\\${one}`).replace(/\s*[\r\n]+\s*/g, " ");
}
