import type { Row } from "../api/schema";
import { fieldOf, labelOf } from "./fields";

/** What may stand at a place in a filter. */
export interface Choice {
  text: string;
  aside: string;
}

/** What is offered, and which part of the filter it takes the place of. */
export interface Offer {
  choices: readonly Choice[];
  start: number;
}

const TOKEN =
  /\s+|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|(?:[\p{L}\p{N}_/\-@%+:]+|`(?:[^`]|``)*`?)(?:\.(?:[\p{L}\p{N}_/\-@%+:]+|`(?:[^`]|``)*`?)?)*|==|!=|<=|>=|./gsu;
const COMPARISONS = new Set(["==", "=", "!=", "<", "<=", ">", ">=", "contains", "matches", "in", ",", "["]);
const JOINING = new Set(["and", "or", "not", "("]);
const OPERATORS: readonly Choice[] = [
  { text: "==", aside: "is" },
  { text: "!=", aside: "is not" },
  { text: "<", aside: "less" },
  { text: "<=", aside: "" },
  { text: ">", aside: "more" },
  { text: ">=", aside: "" },
  { text: "in [", aside: "one of" },
  { text: "contains", aside: "has a text, or a tag" },
  { text: "matches", aside: 'a pattern such as "a*"' },
  { text: "exists", aside: "says it" },
  { text: "missing", aside: "does not say it" },
];
const STATUSES = ["running", "succeeded", "failed", "aborted", "crashed"];
const MOST = 50;

/** What may stand at the caret of a filter. */
export function offer(text: string, caret: number, fields: readonly string[], rows: Iterable<Row>): Offer {
  const before = text.slice(0, caret).match(TOKEN) ?? [];
  const last = before.at(-1) ?? "";
  const isPartial = last !== "" && !/^\s/.test(last) && !/^[=!<>()[\],]/.test(last);
  const partial = isPartial ? last : "";
  const words = before.filter((one) => one.trim() !== "");
  if (isPartial) words.pop();
  return { start: caret - partial.length, choices: matching(possible(words, fields, rows), partial) };
}

function possible(words: readonly string[], fields: readonly string[], rows: Iterable<Row>): readonly Choice[] {
  const last = words.at(-1)?.toLowerCase();
  if (last === undefined || JOINING.has(last)) return fieldChoices(fields);
  if (COMPARISONS.has(last)) return valueChoices(fieldBefore(words), rows);
  if (fields.includes(words.at(-1) ?? "")) return OPERATORS;
  if (last === "not") return [];
  return [
    { text: "and", aside: "" },
    { text: "or", aside: "" },
  ];
}

function fieldChoices(fields: readonly string[]): readonly Choice[] {
  return [...fields.map((text) => ({ text, aside: asideTo(text) })), { text: "not", aside: "the opposite" }];
}

function asideTo(text: string): string {
  const field = fieldOf(text);
  const label = labelOf(field);
  return field.kind === "run" && label !== text ? label : "";
}

/** The field that a value is compared with. */
function fieldBefore(words: readonly string[]): string {
  for (let at = words.length - 1; at > 0; at--) {
    const word = words[at]?.toLowerCase() ?? "";
    if (!COMPARISONS.has(word) || word === "," || word === "[") continue;
    return (words[at - 1]?.toLowerCase() === "not" ? words[at - 2] : words[at - 1]) ?? "";
  }
  return "";
}

function valueChoices(field: string, rows: Iterable<Row>): readonly Choice[] {
  if (field === "status") return texts(STATUSES);
  const seen = new Set<string>();
  for (const row of rows) {
    const value: unknown = field in row ? row[field as keyof Row] : row.values[field];
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof one === "string") seen.add(one);
      else if (typeof one === "boolean")
        return [
          { text: "true", aside: "" },
          { text: "false", aside: "" },
        ];
    }
    if (seen.size >= MOST) break;
  }
  return texts([...seen].sort());
}

function texts(values: readonly string[]): readonly Choice[] {
  return values.map((value) => ({ text: JSON.stringify(value), aside: "" }));
}

/** Those that begin with what is written, then those that have it somewhere. */
function matching(choices: readonly Choice[], partial: string): readonly Choice[] {
  const wanted = partial.toLowerCase().replaceAll("`", "");
  const within = choices.filter(
    (one) => one.text.toLowerCase().replaceAll("`", "").includes(wanted) && one.text !== partial,
  );
  const begins = within.filter((one) => one.text.toLowerCase().replaceAll("`", "").startsWith(wanted));
  return [...begins, ...within.filter((one) => !begins.includes(one))].slice(0, MOST);
}
