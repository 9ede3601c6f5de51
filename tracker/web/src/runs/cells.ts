import type { Row } from "../api/schema";
import { brief, lasting } from "../design/numbers";
import { briefTime, exactTime, isoTime } from "../design/times";
import { fieldOf, type Field } from "./fields";

/** A value of a cell: what is shown, what it is exactly, and on which side it stands. */
export interface Cell {
  text: string;
  /** For a copy and for CSV. */
  exact: string;
  /** For whoever points at it. */
  title: string;
  isNumber: boolean;
  /** Its number, if it is a finite one. */
  number: number | null;
}

const NOTHING: Cell = { text: "", exact: "", title: "", isNumber: false, number: null };
const TIMES = new Set(["created", "changed", "started", "ended", "trashed"]);

/** The cell of a run in a column. */
export function cellOf(row: Row, field: Field): Cell {
  if (field.kind !== "run") return valueCell(row.values[field.text]);
  const value = row[field.text as keyof Row];
  if (value === null || value === undefined) return NOTHING;
  if (TIMES.has(field.text)) return timeCell(Number(value));
  if (field.text === "duration") {
    const exact = String(value);
    return { text: lasting(Number(value)), exact, title: `${exact} s`, isNumber: true, number: Number(value) };
  }
  if (Array.isArray(value)) return { ...textCell(value.join(", ")) };
  return typeof value === "number" ? numberCell(value) : textCell(String(value));
}

/** The cell of a value as the server tells it: what JSON lacks has a tag. */
export function valueCell(value: unknown): Cell {
  if (value === undefined) return NOTHING;
  if (value === null) return { ...textCell("null") };
  if (typeof value === "number") return numberCell(value);
  if (typeof value === "boolean") return textCell(String(value));
  if (typeof value === "string") return textCell(value);
  const tag = tagOf(value);
  if (tag?.[0] === "$float") return numberCell(Number(tag[1]), tag[1]);
  if (tag?.[0] === "$int")
    return { text: brief(Number(tag[1])), exact: tag[1], title: tag[1], isNumber: true, number: Number(tag[1]) };
  if (tag?.[0] === "$datetime") return timeCell(Date.parse(tag[1]) / 1000, tag[1]);
  return textCell(JSON.stringify(value));
}

/** How a filter writes a value; null if it has no word for it. */
export function literalOf(value: unknown): string | null {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  const tag = tagOf(value);
  if (tag?.[0] === "$datetime") return JSON.stringify(tag[1]);
  return tag ? tag[1] : null;
}

/** The columns whose first value is a number. */
export function numericOf(rows: Iterable<Row>, texts: readonly string[]): ReadonlySet<string> {
  const missing = new Set(texts);
  const found = new Set<string>();
  for (const row of rows) {
    for (const text of missing) {
      const cell = cellOf(row, fieldOf(text));
      if (cell.text === "") continue;
      missing.delete(text);
      if (cell.isNumber) found.add(text);
    }
    if (missing.size === 0) break;
  }
  return found;
}

function tagOf(value: unknown): [string, string] | null {
  if (typeof value !== "object" || value === null) return null;
  const entries = Object.entries(value);
  const [name, text] = entries[0] ?? [];
  return entries.length === 1 && name?.startsWith("$") && typeof text === "string" ? [name, text] : null;
}

function numberCell(value: number, exact = String(value)): Cell {
  return { text: brief(value), exact, title: exact, isNumber: true, number: Number.isFinite(value) ? value : null };
}

function textCell(text: string): Cell {
  return { text, exact: text, title: text, isNumber: false, number: null };
}

function timeCell(seconds: number, exact = isoTime(seconds)): Cell {
  return { text: briefTime(seconds), exact, title: exactTime(seconds), isNumber: false, number: null };
}
