import type { Row } from "../api/schema";

/** Fields as filters and columns name them: `status`, `parameters.model.layers`, `series.loss.last`. */

const PART = /`((?:[^`]|``)*)`|([^.`]+)/g;
const PLAIN = /^[\p{L}\p{N}_/\-@%+:]+$/u;
/** A column of ours that draws a series: no field of the server. */
const CURVE = "curve.";

export type FieldKind = "run" | "parameters" | "properties" | "source" | "environment" | "series" | "curve";

export interface Field {
  text: string;
  kind: FieldKind;
  /** The names below a tree; of a series its name. */
  path: readonly string[];
  /** What of a series. */
  statistic: string | null;
}

const KINDS: readonly FieldKind[] = ["parameters", "properties", "source", "environment", "series", "curve"];
const LABELS: Record<string, string> = {
  name: "Name",
  status: "Status",
  id: "Id",
  group: "Group",
  project: "Project",
  created: "Tracked",
  changed: "Changed",
  started: "Started",
  ended: "Ended",
  duration: "Duration",
  points: "Points",
  tags: "Tags",
};

/** The headings under which fields are offered. */
export const HEADINGS: Record<FieldKind, string> = {
  run: "About the run",
  curve: "Curves",
  series: "Series",
  parameters: "Parameters",
  properties: "Properties",
  source: "Source",
  environment: "Environment",
};

/** The field that a text names. */
export function fieldOf(text: string): Field {
  const parts = partsOf(text);
  const kind = KINDS.find((one) => one === parts[0]) ?? "run";
  if (kind === "run") return { text, kind, path: [text], statistic: null };
  if (kind === "series") return { text, kind, path: parts.slice(1, 2), statistic: parts[2] ?? null };
  return { text, kind, path: parts.slice(1), statistic: null };
}

/** What stands over a column. */
export function labelOf(field: Field): string {
  return field.kind === "run" ? (LABELS[field.text] ?? field.text) : field.path.join(".");
}

/** What stands beside the label, so that a parameter and a property of one name are told apart. */
export function asideOf(field: Field): string {
  if (field.kind === "run" || field.kind === "parameters") return "";
  return field.kind === "series" ? (field.statistic ?? "") : field.kind;
}

/** Whether its values can be summed up over a group. */
export function isSummable(field: Field): boolean {
  if (field.kind === "run") return field.text === "duration" || field.text === "points";
  return field.kind !== "curve";
}

/** A part of a name as filters have it: in backticks if it is no plain word. */
export function quoted(part: string): string {
  return PLAIN.test(part) ? part : `\`${part.replaceAll("`", "``")}\``;
}

/** The column that draws a series. */
export function curveField(name: string): string {
  return CURVE + quoted(name);
}

/** The columns that draw the series of which there are fields. */
export function curvesOf(fields: readonly string[]): string[] {
  return fields
    .filter((text) => text.startsWith("series.") && text.endsWith(".last"))
    .map((text) => CURVE + text.slice("series.".length, -".last".length));
}

/** The columns of all projects together, whose runs have little in common. */
export const OF_ALL: readonly string[] = ["name", "project", "status", "tags", "started", "duration", "points"];

// So many parameters a project begins with at most, and so many are looked at for it.
const BEGINNING = 6;
const LOOKED_AT = 40;
const MOST_SERIES = 3;

/** The columns that a project may begin with: what its runs were given, and how far they came. */
export function candidates(fields: readonly string[]): readonly string[] {
  const parameters = fields.filter((text) => text.startsWith("parameters.")).slice(0, LOOKED_AT);
  const series = fields
    .filter((text) => text.startsWith("series.") && text.endsWith(".last") && !text.startsWith("series.system/"))
    .slice(0, MOST_SERIES);
  return ["name", "status", ...curvesOf(series.slice(0, 1)), ...series, ...parameters, "tags", "started", "duration"];
}

/** Of these columns the ones to begin with: of the parameters those that tell the runs apart. */
export function beginning(all: readonly string[], rows: Iterable<Row>): readonly string[] {
  const seen = [...rows];
  const parameters = all.filter((text) => text.startsWith("parameters."));
  const differing = parameters.filter((text) => new Set(seen.map((row) => JSON.stringify(row.values[text]))).size > 1);
  const shown = new Set((differing.length > 0 ? differing : parameters).slice(0, BEGINNING));
  return all.filter((text) => !text.startsWith("parameters.") || shown.has(text));
}

function partsOf(text: string): string[] {
  return [...text.matchAll(PART)].map(([, inTicks, plain]) => plain ?? inTicks?.replaceAll("``", "`") ?? "");
}
