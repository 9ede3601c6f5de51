import type { RunTold, SummaryTold } from "../api/schema";
import { numberOf } from "../api/series";
import { quoted } from "../runs/fields";
import type { Compared } from "./told";

/** Under which heading a field stands. */
export type Section = "run" | "parameters" | "properties" | "series" | "source" | "environment";
export const SECTIONS: readonly Section[] = ["run", "parameters", "series", "properties", "source", "environment"];
export const HEADINGS: Readonly<Record<Section, string>> = {
  run: "About the run",
  parameters: "Parameters",
  series: "Series",
  properties: "Properties",
  source: "Source",
  environment: "Environment",
};

export const STATISTICS = ["last", "min", "max"] as const;
export type Statistic = (typeof STATISTICS)[number];
export type Goal = "minimize" | "maximize";

/** A field, and what each run says of it. */
export interface FieldRow {
  /** As filters name it. */
  field: string;
  section: Section;
  /** The namespaces that it is in, the outermost first. */
  within: readonly string[];
  label: string;
  statistic: Statistic | null;
  goal: Goal | null;
  /** One for each run; undefined where it says nothing. */
  values: readonly unknown[];
}

const TREES = ["parameters", "properties", "source", "environment"] as const;

/** All fields of some runs, in no order. */
export function fieldRows(runs: readonly Compared[], statistics: readonly Statistic[]): FieldRow[] {
  const found = new Map<string, Growing>();
  const put = (at: number, given: Omit<FieldRow, "values">, value: unknown): void => {
    const row = found.get(given.field) ?? { ...given, values: runs.map((): unknown => undefined) };
    row.values[at] = value;
    row.goal ??= given.goal;
    found.set(given.field, row);
  };
  runs.forEach(({ told }, at) => {
    for (const [label, value] of ofRun(told)) {
      put(at, { field: label, section: "run", within: [], label, statistic: null, goal: null }, value);
    }
    for (const section of TREES) {
      leaves(told.record[section], [], (path, value) => {
        const label = path.at(-1) ?? "";
        const field = [section, ...path.map(quoted)].join(".");
        put(at, { field, section, within: path.slice(0, -1), label, statistic: null, goal: null }, value);
      });
    }
    for (const [name, { summary, goal }] of seriesOf(told)) {
      const parts = name.split("/");
      for (const statistic of statistics) {
        const field = `series.${quoted(name)}.${statistic}`;
        const label = parts.at(-1) ?? name;
        put(
          at,
          { field, section: "series", within: parts.slice(0, -1), label, statistic, goal },
          ofSummary(summary, statistic),
        );
      }
    }
  });
  return [...found.values()];
}

type Growing = Omit<FieldRow, "values"> & { values: unknown[] };

function ofRun(told: RunTold): [string, unknown][] {
  const { record } = told;
  const time = (name: string): unknown => {
    const said = record[name];
    return typeof said === "string" ? { $datetime: said } : undefined;
  };
  const tags = record["tags"];
  const all: [string, unknown][] = [
    ["status", told.status ?? undefined],
    ["group", record["group"]],
    ["tags", Array.isArray(tags) && tags.length > 0 ? tags.join(", ") : undefined],
    ["started", time("started_at")],
    ["ended", time("ended_at")],
    ["duration", durationOf(record)],
    ["project", told.project],
    ["id", told.id],
  ];
  return all.filter(([, value]) => value !== undefined);
}

function durationOf(record: RunTold["record"]): number | undefined {
  const { started_at: from, ended_at: to } = record;
  if (typeof from !== "string" || typeof to !== "string") return undefined;
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
  return Number.isFinite(seconds) ? seconds : undefined;
}

/** Each value of a tree that is no tree itself. What JSON lacks, as `{"$float": "NaN"}`, is a value. */
function leaves(tree: unknown, path: readonly string[], told: (path: readonly string[], value: unknown) => void): void {
  if (!isTree(tree)) {
    if (tree !== undefined && path.length > 0) told(path, tree);
    return;
  }
  const entries = Object.entries(tree);
  const isTagged = entries.length === 1 && entries[0]?.[0].startsWith("$");
  if (path.length > 0 && (entries.length === 0 || isTagged)) told(path, tree);
  else for (const [name, value] of entries) leaves(value, [...path, name], told);
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The series of numbers of a run; what several writers say of one is taken together. */
function seriesOf(told: RunTold): Map<string, { summary: SummaryTold; goal: Goal | null }> {
  const found = new Map<string, { summary: SummaryTold; goal: Goal | null }>();
  const said = told.record["series"];
  for (const { kind, name, summary } of told.sources.flatMap((one) => one.series)) {
    if (kind !== "series" || !summary) continue;
    const before = found.get(name)?.summary;
    const columns = isTree(said) ? said[name] : undefined;
    const goal = isTree(columns) ? columns["goal"] : null;
    found.set(name, {
      summary: before ? together(before, summary) : summary,
      goal: goal === "minimize" || goal === "maximize" ? goal : null,
    });
  }
  return found;
}

function together(one: SummaryTold, other: SummaryTold): SummaryTold {
  const isLater = (other.time_max ?? other.step_max ?? 0) > (one.time_max ?? one.step_max ?? 0);
  return {
    ...(isLater ? other : one),
    minimum: least(one.minimum, other.minimum, Math.min),
    maximum: least(one.maximum, other.maximum, Math.max),
  };
}

function least(one: number | null, other: number | null, of: (a: number, b: number) => number): number | null {
  return one === null || other === null ? (one ?? other) : of(one, other);
}

function ofSummary(summary: SummaryTold, statistic: Statistic): unknown {
  if (statistic === "min") return summary.minimum ?? undefined;
  if (statistic === "max") return summary.maximum ?? undefined;
  // JSON has no word for NaN and the infinities, and the summary tells none of its own.
  if (summary.last === null) return summary.count > 0 ? "not finite" : undefined;
  const last = numberOf(summary.last);
  return Number.isFinite(last) ? last : { $float: String(summary.last) };
}
