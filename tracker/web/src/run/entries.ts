import { signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { get, isAborted } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import type { RunKey } from "../api/schema";
import type { Column } from "./loaded";

/** An entry of texts, images or histograms; its step is its index where it has none. */
export interface Entry {
  value: unknown;
  step: number;
  hasStep: boolean;
  time: number | null;
}

/** The server sends so many at once at most. */
export const PAGE = 1000;
// Pages that are kept beside those in sight: a million lines would fill the memory.
const KEPT = 30;

/** The entries of a name, fetched page by page where somebody looks. */
export class Entries {
  readonly count = signal(0);
  readonly problem = signal<Problem | null>(null);
  /** Grows when entries came. */
  readonly version = signal(0);
  readonly #pages = new Map<number, Entry[]>();
  readonly #asked = new Set<number>();
  readonly #controller = new AbortController();

  constructor(
    readonly run: RunKey,
    readonly column: Column,
  ) {
    this.count.value = column.count;
  }

  /** The entry at a place; undefined until it was fetched. */
  at(place: number): Entry | undefined {
    return this.#pages.get(Math.floor(place / PAGE))?.[place % PAGE];
  }

  /** Have the entries from a place to another, if they are not there or on their way. */
  need(first: number, last: number): void {
    const from = Math.floor(Math.max(first, 0) / PAGE);
    const to = Math.floor(Math.max(Math.min(last, this.count.peek() - 1), 0) / PAGE);
    for (let page = from; page <= to; page++) {
      if (this.#isWhole(page) || this.#asked.has(page) || this.problem.peek()) continue;
      void this.#fetch(page);
    }
    for (const page of this.#pages.keys()) {
      if (this.#pages.size <= KEPT) break;
      if (page < from || page > to) this.#pages.delete(page);
    }
  }

  /** Ask again after a problem. */
  retry(): void {
    this.problem.value = null;
    this.version.value += 1;
  }

  close(): void {
    this.#controller.abort();
  }

  #isWhole(page: number): boolean {
    return (this.#pages.get(page)?.length ?? 0) >= Math.min(PAGE, this.count.peek() - page * PAGE);
  }

  async #fetch(page: number): Promise<void> {
    this.#asked.add(page);
    try {
      // What is there stays: entries are only ever added.
      const before = this.#pages.get(page) ?? [];
      const found = await this.#read(page, before.length, this.#controller.signal);
      this.#pages.set(page, [...before, ...found]);
      this.version.value += 1;
    } catch (error) {
      if (!isAborted(error)) this.problem.value = asProblem(error);
    } finally {
      this.#asked.delete(page);
    }
  }

  /** A page of ours may be several of the server, which ends one behind so many bytes. */
  async #read(page: number, skip: number, signal: AbortSignal): Promise<Entry[]> {
    const { project, id } = this.run;
    const { kind, name, writer, number } = this.column;
    if (kind === "series") return [];
    const found: Entry[] = [];
    const stop = (page + 1) * PAGE;
    for (let start: number | null = page * PAGE + skip; start !== null && start < stop;) {
      const told: {
        values: unknown[];
        steps: (number | null)[] | null;
        times: (number | null)[] | null;
        next: number | null;
      } = await get("/api/v1/points", { project, id, kind, name, writer, start, stop, number }, signal);
      const from: number = start;
      told.values.forEach((value, at) => {
        const step = told.steps?.[at] ?? null;
        found.push({ value, step: step ?? from + at, hasStep: step !== null, time: told.times?.[at] ?? null });
      });
      start = told.values.length === 0 ? null : told.next;
    }
    return found;
  }
}

/** The entries of a name as long as a component is shown; they grow with the run. */
export function useEntries(run: RunKey, column: Column): Entries {
  const entries = useMemo(
    () => new Entries({ project: run.project, id: run.id }, column),
    [run.project, run.id, column.kind, column.name, column.writer, column.number],
  );
  useEffect(() => {
    if (column.count > entries.count.peek()) entries.count.value = column.count;
  }, [entries, column.count]);
  useEffect(() => () => entries.close(), [entries]);
  return entries;
}
