import { signal } from "@preact/signals";
import { isAborted, post } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import type { Page, Row, Table } from "../api/schema";

/** What is asked of the table; places in it are no part of the question. */
export type Question = Pick<Table, "project" | "where" | "sort" | "columns" | "trash">;

/** Runs that are fetched at once: somewhat more than a high window shows. */
export const PAGE = 100;
// Pages that are kept beside those in sight: 100,000 rows with many values would fill the memory.
const KEPT = 60;

/** The rows of one question, fetched page by page where somebody looks. */
export class Rows {
  /** How many runs match; null until the first page is there. */
  readonly total = signal<number | null>(null);
  readonly problem = signal<Problem | null>(null);
  /** Grows when rows came or changed. */
  readonly version = signal(0);
  /** Grows when the question was answered anew: not for each page that somebody scrolls to. */
  readonly turn = signal(0);
  readonly #pages = new Map<number, readonly Row[]>();
  readonly #cursors = new Map<number, string>();
  readonly #asked = new Set<number>();
  readonly #controller = new AbortController();
  #seen: readonly [number, number] = [0, 0];
  #isRefreshing = false;
  #isStale = false;

  constructor(readonly question: Question) {}

  /** The run at a place; undefined until it was fetched. */
  at(place: number): Row | undefined {
    return this.#pages.get(Math.floor(place / PAGE))?.[place % PAGE];
  }

  /** All rows that are here, in no order. */
  *known(): Iterable<Row> {
    for (const page of this.#pages.values()) yield* page;
  }

  /** Have the rows from a place to another, if they are not there or on their way. */
  need(first: number, last: number): void {
    this.#seen = [Math.floor(first / PAGE), Math.floor(last / PAGE)];
    for (let page = this.#seen[0]; page <= this.#seen[1]; page++) {
      if (!this.#pages.has(page) && !this.#asked.has(page) && this.problem.peek() === null) void this.#fetch(page);
    }
    this.#forget();
  }

  /** Fetch what is in sight again, and forget the rest; what is shown stays until the new is there. */
  async refresh(): Promise<void> {
    if (this.#isRefreshing) {
      this.#isStale = true;
      return;
    }
    this.#isRefreshing = true;
    this.#cursors.clear();
    const [first, last] = this.#seen;
    for (const page of this.#pages.keys()) if (page < first || page > last) this.#pages.delete(page);
    for (let page = first; page <= last; page++) await this.#fetch(page);
    this.turn.value += 1;
    this.#isRefreshing = false;
    if (this.#isStale) {
      this.#isStale = false;
      await this.refresh();
    }
  }

  /** Show a change before the server tells of it. */
  put(run: { project: string; id: string }, part: Partial<Row>): void {
    for (const [place, page] of this.#pages) {
      if (!page.some((row) => row.id === run.id && row.project === run.project)) continue;
      this.#pages.set(
        place,
        page.map((row) => (row.id === run.id && row.project === run.project ? { ...row, ...part } : row)),
      );
    }
    this.version.value += 1;
  }

  /** Fetch nothing more. */
  close(): void {
    this.#controller.abort();
  }

  async #fetch(page: number): Promise<void> {
    this.#asked.add(page);
    // Behind a page that is here a cursor leads; a jump of the scroll bar counts from the beginning.
    const after = this.#cursors.get(page);
    const place = after === undefined ? { offset: page * PAGE } : { after };
    try {
      const found: Page = await post(
        "/api/v1/runs/search",
        { ...this.question, ...place, limit: PAGE },
        this.#controller.signal,
      );
      this.#pages.set(page, found.rows);
      if (found.next !== null) this.#cursors.set(page + 1, found.next);
      if (after === undefined) this.total.value = found.total;
      this.problem.value = null;
      this.version.value += 1;
    } catch (error) {
      if (!isAborted(error)) this.problem.value = asProblem(error);
    } finally {
      this.#asked.delete(page);
    }
  }

  #forget(): void {
    const [first, last] = this.#seen;
    for (const page of this.#pages.keys()) {
      if (this.#pages.size <= KEPT) return;
      if (page < first || page > last) this.#pages.delete(page);
    }
  }
}
