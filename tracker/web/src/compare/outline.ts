import { HEADINGS, SECTIONS, type FieldRow } from "./fieldrows";

/** A line of the table of values: a heading that can be folded, or a field. */
export type Line =
  | { kind: "heading"; id: string; label: string; depth: number; count: number; isFolded: boolean }
  | { kind: "field"; id: string; row: FieldRow; depth: number };

interface Node {
  id: string;
  label: string;
  rows: FieldRow[];
  below: Map<string, Node>;
}

const natural = new Intl.Collator(undefined, { numeric: true });

/** Fields below the headings of their sections and namespaces. */
export function outlined(rows: readonly FieldRow[], folded: ReadonlySet<string>): Line[] {
  const lines: Line[] = [];
  for (const section of SECTIONS) {
    const own = rows.filter((one) => one.section === section);
    if (own.length === 0) continue;
    const root: Node = { id: section, label: HEADINGS[section], rows: [], below: new Map() };
    for (const row of own) place(root, row);
    tell(root, 0, section !== "run", folded, lines);
  }
  return lines;
}

function place(root: Node, row: FieldRow): void {
  let node = root;
  for (const name of row.within) {
    const next = node.below.get(name) ?? { id: `${node.id}/${name}`, label: name, rows: [], below: new Map() };
    node.below.set(name, next);
    node = next;
  }
  node.rows.push(row);
}

function tell(node: Node, depth: number, isSorted: boolean, folded: ReadonlySet<string>, lines: Line[]): void {
  const { id, label } = node;
  const isFolded = folded.has(id);
  lines.push({ kind: "heading", id, label, depth, count: countOf(node), isFolded });
  if (isFolded) return;
  const rows = isSorted ? node.rows.toSorted((one, other) => natural.compare(one.label, other.label)) : node.rows;
  for (const row of rows) lines.push({ kind: "field", id: row.field, row, depth: depth + 1 });
  const below = [...node.below.values()].sort((one, other) => natural.compare(one.label, other.label));
  for (const one of below) tell(one, depth + 1, isSorted, folded, lines);
}

function countOf(node: Node): number {
  return [...node.below.values()].reduce((sum, one) => sum + countOf(one), node.rows.length);
}
