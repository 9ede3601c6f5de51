import { signal } from "@preact/signals";
import { get, isAborted } from "../api/client";
import { tellFault } from "../app/notices";
import type { Entries } from "./entries";

// More places nobody goes through one by one.
const MOST = 10_000;
// No longer text is looked for.
const LONGEST = 1000;
// Somebody who types is waited for so long, in milliseconds.
const REST = 200;

/** Looks for a text in all entries, by asking the server where it is: none of them is fetched for it. */
export class Finder {
  /** The places where it is, ascending. */
  readonly found = signal<readonly number[]>([]);
  /** How many entries were looked at. */
  readonly looked = signal(0);
  readonly isLooking = signal(false);
  /** Whether there are more places than it goes through. */
  readonly isFull = signal(false);
  /** The place that was gone to last. */
  readonly current = signal<number | null>(null);
  #text = "";
  #timer = 0;
  #controller = new AbortController();

  constructor(
    readonly entries: Entries,
    /** Whether to look at what a terminal would show. */
    readonly isConsole: boolean,
  ) {}

  /** Look for a text; for the same one only in what came since. */
  find(text: string): void {
    this.stop();
    if (text !== this.#text) {
      this.#text = text;
      this.found.value = [];
      this.looked.value = 0;
      this.isFull.value = false;
      this.current.value = null;
    }
    if (text === "" || this.isFull.peek() || this.looked.peek() >= this.entries.count.peek()) return;
    this.isLooking.value = true;
    this.#timer = window.setTimeout(() => void this.#look(), REST);
  }

  /** The next place, or the one before; the first one from where somebody looks. */
  turn(by: number, from: number): number | null {
    const all = this.found.peek();
    if (all.length === 0) return null;
    const now = this.current.peek();
    const at =
      now === null
        ? Math.max(
            all.findIndex((one) => one >= from),
            0,
          )
        : (all.indexOf(now) + by + all.length) % all.length;
    this.current.value = all[at] ?? null;
    return this.current.value;
  }

  /** Look no further. */
  stop(): void {
    window.clearTimeout(this.#timer);
    this.#controller.abort();
    this.isLooking.value = false;
  }

  async #look(): Promise<void> {
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    const { project, id } = this.entries.run;
    const { name, writer, number } = this.entries.column;
    const asked = { project, id, name, writer, number, text: this.#text.slice(0, LONGEST), shown: this.isConsole };
    try {
      for (let start: number | null = this.looked.peek(); start !== null && !this.isFull.peek();) {
        const told: { indices: number[]; count: number; next: number | null } = await get(
          "/api/v1/texts/find",
          { ...asked, start },
          signal,
        );
        if (signal.aborted) return;
        this.#add(told.indices);
        start = told.next;
        this.looked.value = start ?? told.count;
        if (start !== null && this.found.peek().length >= MOST) this.isFull.value = true;
      }
    } catch (error) {
      if (!isAborted(error)) tellFault(error);
    }
    if (!signal.aborted) this.isLooking.value = false;
  }

  #add(places: readonly number[]): void {
    if (places.length === 0) return;
    const all = [...this.found.peek(), ...places];
    if (all.length > MOST) this.isFull.value = true;
    this.found.value = all.slice(0, MOST);
  }
}
