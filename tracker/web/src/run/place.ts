import { computed } from "@preact/signals";
import { keyOf } from "../api/runs";
import type { RunKey } from "../api/schema";
import { address, go, href } from "../app/router";

/** What the page shows of a run: all of it stands in the address. */
export interface Place {
  run: string;
  tab: string;
  /** The source that is looked at; null for all of them together. */
  writer: string | null;
  /** Of texts, images or histograms. */
  name: string | null;
  /** The artifact that is looked at. */
  file: string | null;
  /** The step at which images are looked at; null for the last one. */
  step: string | null;
  /** What is searched for. */
  find: string;
}

/** The place that the address says. */
export const place = computed(() => readPlace(address.value.query));

/** The run that the address names. */
export const key = computed<RunKey>(() => keyOf(place.value.run));

/** Change parts of the place; with `replace` it is no step to come back to. */
export function visit(part: Partial<Place>, { replace = false } = {}): void {
  go(placeHref({ ...place.value, ...part }), { replace });
}

/** The address of a place. */
export function placeHref(one: Place): string {
  const { run, tab, writer, name, file, step, find } = one;
  return href("/run", { run, tab: tab === "overview" ? null : tab, writer, name, file, step, find: find || null });
}

/** The address of a tab: what another tab showed is no part of it. */
export function tabHref(tab: string): string {
  const { run, writer } = place.value;
  return placeHref({ run, writer, tab, name: null, file: null, step: null, find: "" });
}

function readPlace(query: URLSearchParams): Place {
  return {
    run: query.get("run") ?? "",
    tab: query.get("tab") ?? "overview",
    writer: query.get("writer"),
    name: query.get("name"),
    file: query.get("file"),
    step: query.get("step"),
    find: query.get("find") ?? "",
  };
}
