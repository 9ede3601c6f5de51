import { computed } from "@preact/signals";
import { address, go, href } from "../app/router";

/** What is compared, and in which way: all of it stands in the address. */
export interface Place {
  project: string | null;
  /** As `keyText` writes them; the place in the list is that of the colour. */
  runs: readonly string[];
  /** The run that the others are held against; the first one unless somebody chose another. */
  base: string | null;
  tab: TabName;
}

export const TABS = [
  { name: "values", title: "Values" },
  { name: "charts", title: "Charts" },
  { name: "images", title: "Images" },
  { name: "texts", title: "Texts" },
  { name: "relations", title: "Relations" },
] as const;

export type TabName = (typeof TABS)[number]["name"];

export const place = computed(() => readPlace(address.value.query));

export function readPlace(query: URLSearchParams): Place {
  const runs = [...new Set(query.getAll("run"))];
  const chosen = query.get("base");
  const tab = TABS.find((one) => one.name === query.get("tab"))?.name;
  return {
    project: query.get("project"),
    runs,
    base: chosen !== null && runs.includes(chosen) ? chosen : (runs[0] ?? null),
    // Without runs there is nothing to hold side by side, and the relations of all are what can be looked at.
    tab: tab ?? (runs.length === 0 && query.has("project") ? "relations" : "values"),
  };
}

/** The address with some of its parts changed: null removes one. */
export function placeHref(part: Readonly<Record<string, string | readonly string[] | null>>): string {
  const query = new URLSearchParams(address.value.query);
  for (const [name, value] of Object.entries(part)) {
    query.delete(name);
    for (const one of value === null ? [] : typeof value === "string" ? [value] : value) query.append(name, one);
  }
  return href("/compare", query);
}

/** Change parts of the address; with `replace` it is no step to come back to. */
export function changePlace(
  part: Readonly<Record<string, string | readonly string[] | null>>,
  { replace = false } = {},
): void {
  go(placeHref(part), { replace });
}

/** Another page about the same runs. */
export function elsewhere(path: string): string {
  const { query } = address.value;
  return href(path, new URLSearchParams([...query].filter(([name]) => ["project", "where", "run"].includes(name))));
}
