import { quoted } from "../runs/fields";
import { valueCell } from "../runs/cells";
import { exactTime } from "../design/times";
import { timeOf, type Said } from "./said";

/** A namespace or a value in a tree of them. */
export interface Node {
  /** The names that lead to it, the tree's own first. */
  path: readonly string[];
  value: unknown;
  /** How many values are below it; null for a value. */
  below: number | null;
  isOpen: boolean;
  /** Its place among those beside it, counted from 1, and how many these are. */
  at: number;
  of: number;
}

/** A value as it is shown, exactly, and what kind it is. */
export interface Leaf {
  text: string;
  exact: string;
  kind: "number" | "text" | "word" | "time" | "list" | "object";
  aside: string;
}

/** How a value is shown; what some language cannot print bare is shown as what it means. */
export function leafText(value: unknown): Leaf {
  if (value === null || typeof value === "boolean")
    return { text: String(value), exact: String(value), kind: "word", aside: "" };
  if (typeof value === "string") return { text: value, exact: value, kind: "text", aside: "" };
  if (typeof value === "number")
    return { text: valueCell(value).text, exact: String(value), kind: "number", aside: "" };
  const tag = taggedOf(value);
  if (tag) {
    const { text, exact, title } = valueCell(value);
    if (tag.name === "$datetime") {
      const seconds = timeOf(tag.text);
      return { text: seconds === null ? tag.text : exactTime(seconds), exact: tag.text, kind: "time", aside: "" };
    }
    const isLong = tag.name === "$int";
    return { text: isLong ? title : text, exact, kind: "number", aside: "" };
  }
  const exact = JSON.stringify(value);
  const isList = Array.isArray(value);
  return { text: exact, exact, kind: isList ? "list" : "object", aside: isList ? `${value.length}` : "" };
}

function taggedOf(value: unknown): { name: string; text: string } | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const [entry, ...rest] = Object.entries(value);
  if (!entry || rest.length > 0 || typeof entry[1] !== "string") return null;
  return /^\$(int|float|datetime)$/.test(entry[0]) ? { name: entry[0], text: entry[1] } : null;
}

/** Whether a value has others below it. */
function isNamespace(value: unknown): value is Said {
  return typeof value === "object" && value !== null && !Array.isArray(value) && taggedOf(value) === null;
}

/** What filters call a value: parameters.model.layers. */
export function fieldText(path: readonly string[]): string {
  return path.map(quoted).join(".");
}

/** A path as one text, to remember it by. */
export function mark(path: readonly string[]): string {
  return JSON.stringify(path);
}

/** The nodes of a tree that are shown, in order: those below what is open, or all that lead to what is searched for. */
export function nodesOf(tree: Said, isOpen: (path: readonly string[]) => boolean, wanted: string): Node[] {
  const found: Node[] = [];
  const text = wanted.trim().toLowerCase();
  const counts = new Map<object, number>();
  const count = (value: unknown): number => {
    if (!isNamespace(value)) return 1;
    const known = counts.get(value);
    if (known !== undefined) return known;
    const sum = Object.values(value).reduce<number>((all, one) => all + count(one), 0);
    counts.set(value, sum);
    return sum;
  };
  const matches = (path: readonly string[], value: unknown): boolean =>
    path.join(".").toLowerCase().includes(text) || leafText(value).exact.toLowerCase().includes(text);
  // Below is added first, and taken away again where nothing matched.
  const visit = (entries: Said, path: readonly string[]): void => {
    const all = Object.entries(entries);
    all.forEach(([name, value], place) => {
      const here = [...path, name];
      const node = { path: here, value, at: place + 1, of: all.length };
      if (!isNamespace(value)) {
        if (text === "" || matches(here, value)) found.push({ ...node, below: null, isOpen: false });
        return;
      }
      const start = found.length;
      const open = text !== "" || isOpen(here);
      found.push({ ...node, below: count(value), isOpen: open });
      if (open) visit(value, here);
      if (text !== "" && found.length === start + 1) found.pop();
    });
  };
  visit(tree, []);
  return found;
}
