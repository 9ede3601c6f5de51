import { toldApart } from "../api/runs";
import { valueCell } from "../runs/cells";
import { fieldOf, labelOf } from "../runs/fields";
import type { Shown } from "./lines";
import type { RunSaid } from "./source";

/** Runs as they are drawn: each for itself, or those with equal values in some fields together. */
export function shownOf(runs: readonly RunSaid[], by: readonly string[]): readonly Shown[] {
  if (by.length === 0) {
    const labels = toldApart(runs);
    return runs.map(({ key, name }, place) => {
      return { id: key, label: labels[place] ?? name, place, runs: [key], isGroup: false };
    });
  }
  const groups = new Map<string, { values: readonly string[]; keys: string[] }>();
  for (const run of runs) {
    const values = by.map((field) => valueText(run, field));
    const label = by.map((field, at) => `${labelOf(fieldOf(field))} = ${values[at] ?? ""}`).join(", ");
    groups.set(label, { values, keys: [...(groups.get(label)?.keys ?? []), run.key] });
  }
  const sorted = [...groups].sort(([, one], [, other]) => compare(one.values, other.values));
  return sorted.map(([label, { keys }], place) => ({ id: label, label, place, runs: keys, isGroup: true }));
}

function compare(one: readonly string[], other: readonly string[]): number {
  for (const [at, text] of one.entries()) {
    const by = Number(text) - Number(other[at]) || natural.compare(text, other[at] ?? "");
    if (by !== 0) return by;
  }
  return 0;
}

const natural = new Intl.Collator(undefined, { numeric: true });

/** The fields of these by which curves may be grouped: those that runs have one value of, and not a time of its own. */
export function groupable(fields: readonly string[]): string[] {
  return fields.filter((text) => !OWN.has(text) && fieldOf(text).kind !== "series");
}

// What no two runs have alike, or several of.
const OWN = new Set(["tags", "created", "changed", "started", "ended", "duration", "points", "trashed"]);

/** The value of a field as a run says it. */
function valueText(run: RunSaid, text: string): string {
  const { kind, path } = fieldOf(text);
  let value: unknown = kind === "run" ? run.record : run.record[kind];
  for (const part of path) value = isTree(value) ? value[part] : undefined;
  if (Array.isArray(value)) return value.join(", ");
  const isSaid = value !== undefined && !(kind === "run" && value === null);
  return isSaid ? valueCell(value).exact : "none";
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
