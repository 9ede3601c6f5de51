import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get, isAborted } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import type { SeriesTold } from "../api/schema";
import type { Compared } from "./told";

/** An image or a text of a run. */
export interface Entry {
  value: unknown;
  /** Its index where it has none. */
  step: number;
  index: number;
  writer: string;
}

export type EntryKind = "images" | "text";

/** The names of images or texts that any of the runs has. */
export function namesOf(runs: readonly Compared[], kind: EntryKind): string[] {
  const names = runs.flatMap((run) => seriesOf(run, kind).map((one) => one.name));
  return [...new Set(names)].sort((one, other) => natural.compare(one, other));
}

/** How many runs have something of a name. */
export function countOf(runs: readonly Compared[], kind: EntryKind, name: string): number {
  return runs.filter((run) => seriesOf(run, kind).some((one) => one.name === name)).length;
}

/** The one that most runs have, the first among equals: what to begin with. */
export function mostCommon<T>(all: readonly T[], count: (one: T) => number): T | undefined {
  return all.reduce<T | undefined>(
    (best, one) => (best === undefined || count(one) > count(best) ? one : best),
    undefined,
  );
}

const natural = new Intl.Collator(undefined, { numeric: true });
// The server sends so many at once, and more than this many of a run are too many to hold.
const MOST = 20_000;

function seriesOf(run: Compared, kind: EntryKind): (SeriesTold & { writer: string })[] {
  return run.told.sources.flatMap(({ writer, series }) =>
    series.filter((one) => one.kind === kind).map((one) => ({ ...one, writer })),
  );
}

/** The entries of a name in each run, by step; null until they are there. They grow with the runs. */
export function useEntries(runs: readonly Compared[], kind: EntryKind, name: string | null) {
  const found = useSignal<{ of: string; entries: ReadonlyMap<string, readonly Entry[]> } | null>(null);
  const problem = useSignal<Problem | null>(null);
  const turn = useSignal(0);
  const of = `${kind} ${name ?? ""}`;
  // Runs that got more, or were replaced, are asked for again.
  const asked = runs.map((run) => `${run.key} ${run.told.sources.map((one) => sizeOf(one.series, kind, name)).join()}`);
  useEffect(() => {
    if (name === null) return undefined;
    const controller = new AbortController();
    Promise.all(runs.map(async (run) => [run.key, await readEntries(run, kind, name, controller.signal)] as const))
      .then((all) => {
        problem.value = null;
        found.value = { of, entries: new Map(all) };
      })
      .catch((error: unknown) => {
        if (!isAborted(error)) problem.value = asProblem(error);
      });
    return () => controller.abort();
  }, [of, asked.join("\n"), turn.value]);
  return {
    entries: found.value?.of === of ? found.value.entries : null,
    problem: problem.value,
    again: () => void (turn.value += 1),
  };
}

function sizeOf(series: readonly SeriesTold[], kind: EntryKind, name: string | null): string {
  const own = series.find((one) => one.kind === kind && one.name === name);
  return own ? `${own.number}:${own.summary?.count ?? 0}:${own.summary?.time_max ?? 0}` : "";
}

async function readEntries(run: Compared, kind: EntryKind, name: string, signal: AbortSignal): Promise<Entry[]> {
  const found: Entry[] = [];
  for (const { writer, number } of seriesOf(run, kind).filter((one) => one.name === name)) {
    const { project, id } = run.told;
    for (let start: number | null = 0; start !== null && start < MOST;) {
      const told: Told = await get("/api/v1/points", { project, id, kind, name, writer, start, number }, signal);
      const first: number = start;
      told.values.forEach((value, at) =>
        found.push({ value, step: told.steps?.[at] ?? first + at, index: first + at, writer }),
      );
      start = told.values.length === 0 ? null : told.next;
    }
  }
  return found.sort((one, other) => one.step - other.step);
}

interface Told {
  values: readonly unknown[];
  steps: readonly (number | null)[] | null;
  next: number | null;
}

/** The last entry at a step or before it. */
export function entryAt(entries: readonly Entry[], step: number): Entry | null {
  return entries.findLast((one) => one.step <= step) ?? null;
}
