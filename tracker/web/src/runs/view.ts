import { computed } from "@preact/signals";
import { address, go, href } from "../app/router";

/** What the table shows: all of it stands in the address. */
export interface View {
  project: string | null;
  where: string;
  /** Fields, with `-` before one for descending, the first the most important. */
  sort: readonly string[];
  /** Columns in their order; null for those that a project begins with. */
  columns: readonly string[] | null;
  /** Those that stay while others scroll. */
  pinned: readonly string[];
  /** In pixels, of columns that somebody made wider or narrower. */
  widths: Readonly<Record<string, number>>;
  /** Fields by which runs are taken together. */
  by: readonly string[];
  /** Runs that are selected, as `keyText` writes them, in the order in which they were. */
  selected: readonly string[];
  trash: boolean;
}

/** An address holds so many selected runs at most: servers and browsers refuse longer ones. */
export const MOST_SELECTED = 200;

/** The view that the address says. */
export const view = computed(() => readView(address.value.query));

/** Change parts of the view; with `replace` it is no step to come back to. */
export function change(part: Partial<View>, { replace = false } = {}): void {
  go(viewHref({ ...view.value, ...part }), { replace });
}

/** The address of a view. */
export function viewHref(one: View): string {
  return href("/runs", writeView(one));
}

export function readView(query: URLSearchParams): View {
  return {
    project: query.get("project"),
    where: query.get("where") ?? "",
    sort: query.getAll("sort"),
    columns: query.has("column") ? query.getAll("column").filter(Boolean) : null,
    pinned: query.getAll("pin"),
    widths: Object.fromEntries(query.getAll("width").flatMap(readWidth)),
    by: query.getAll("by"),
    selected: query.getAll("run").slice(0, MOST_SELECTED),
    trash: query.get("trash") === "1",
  };
}

export function writeView(one: View): URLSearchParams {
  const query = new URLSearchParams();
  const all = (name: string, values: readonly string[]): void => values.forEach((value) => query.append(name, value));
  if (one.project !== null) query.set("project", one.project);
  if (one.where) query.set("where", one.where);
  all("by", one.by);
  all("sort", one.sort);
  if (one.columns !== null) all("column", one.columns.length > 0 ? one.columns : [""]);
  all("pin", one.pinned);
  all(
    "width",
    Object.entries(one.widths).map(([column, width]) => `${Math.round(width)} ${column}`),
  );
  if (one.trash) query.set("trash", "1");
  all("run", one.selected);
  return query;
}

function readWidth(text: string): [string, number][] {
  const [, width, column] = /^(\d+) (.+)$/s.exec(text) ?? [];
  return width && column ? [[column, Number(width)]] : [];
}
