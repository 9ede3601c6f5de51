import { keyOf, keyText } from "../api/runs";
import { numberOf, readSeries } from "../api/series";
import type { PortionTold } from "../api/schema";
import type { Points, Range } from "./curve";

/** Points of one series of one run. */
export interface Want {
  run: string;
  /** Grows when the run changes. */
  version: number;
  name: string;
  points: number;
  steps: Range | null;
  times: Range | null;
  /** The weight of averages that come with them; 0 for none. */
  smoothing: number;
}

interface Waiting {
  want: Want;
  key: string;
  found: Promise<readonly Points[]>;
  resolve: (points: readonly Points[]) => void;
  reject: (error: unknown) => void;
  /** How many wait for it. */
  users: number;
  flight: Flight | null;
}

interface Flight {
  controller: AbortController;
  waiting: readonly Waiting[];
}

// What panels want within a frame goes in one request.
const FRAME = 12;
const AT_ONCE = 2;
// So many curves a request has at most, so that the first panels need not wait for the last ones.
const MOST_CURVES = 400;
// So many points are kept: 60 MB with steps and times.
const KEPT = 2_000_000;

/** Fetches points: what is wanted at the same time in one request, nothing twice, nothing that nobody waits for. */
export class Loader {
  readonly #kept = new Map<string, readonly Points[]>();
  readonly #waiting = new Map<string, Waiting>();
  #size = 0;
  #queue: Waiting[] = [];
  #flights = 0;
  #timer = 0;

  load(want: Want, signal: AbortSignal): Promise<readonly Points[]> {
    const kept = this.#look(keyOfWant(whole(want))) ?? this.#look(keyOfWant(want));
    if (kept) return Promise.resolve(kept);
    const waiting = this.#waiting.get(keyOfWant(want)) ?? this.#begin(want);
    waiting.users += 1;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        reject(new DOMException("nobody waits for it", "AbortError"));
        waiting.users -= 1;
        if (waiting.users === 0) this.#drop(waiting);
      };
      if (signal.aborted) return leave();
      signal.addEventListener("abort", leave, { once: true });
      void waiting.found.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
    });
  }

  #look(key: string): readonly Points[] | undefined {
    const found = this.#kept.get(key);
    if (found) {
      // What was looked at last goes last.
      this.#kept.delete(key);
      this.#kept.set(key, found);
    }
    return found;
  }

  #begin(want: Want): Waiting {
    const { promise, resolve, reject } = promised<readonly Points[]>();
    promise.catch(() => undefined); // whoever waits hears of it
    const waiting = { want, key: keyOfWant(want), found: promise, resolve, reject, users: 0, flight: null };
    this.#waiting.set(waiting.key, waiting);
    this.#queue.push(waiting);
    if (this.#timer === 0) this.#timer = window.setTimeout(() => this.#send(), FRAME);
    return waiting;
  }

  #drop(waiting: Waiting): void {
    if (this.#waiting.get(waiting.key) === waiting) this.#waiting.delete(waiting.key);
    this.#queue = this.#queue.filter((one) => one !== waiting);
    if (waiting.flight?.waiting.every((one) => one.users === 0)) waiting.flight.controller.abort();
  }

  #send(): void {
    this.#timer = 0;
    while (this.#flights < AT_ONCE && this.#queue.length > 0) {
      const together = this.#together();
      this.#queue = this.#queue.filter((one) => !together.includes(one));
      void this.#fly(together);
    }
  }

  /** Of what waits the first, and all that the same request can bring. */
  #together(): readonly Waiting[] {
    const runsOf = new Map<string, string[]>();
    const first = this.#queue[0];
    if (!first) return [];
    // Each run has times of its own; of one run a request takes one stretch.
    const timesOf = new Map<string, string>();
    const alike = this.#queue.filter(({ want }) => {
      if (kindOf(want) !== kindOf(first.want)) return false;
      const times = JSON.stringify(want.times);
      const before = timesOf.get(want.run) ?? times;
      timesOf.set(want.run, before);
      return before === times;
    });
    for (const { want } of alike) runsOf.set(want.name, [...(runsOf.get(want.name) ?? []), want.run]);
    const runs = (name: string): string => (runsOf.get(name) ?? []).join("\n");
    const most = Math.max(1, Math.floor(MOST_CURVES / (runsOf.get(first.want.name)?.length ?? 1)));
    const names = [...runsOf.keys()].filter((name) => runs(name) === runs(first.want.name)).slice(0, most);
    return alike.filter((one) => names.includes(one.want.name));
  }

  async #fly(together: readonly Waiting[]): Promise<void> {
    const first = together[0];
    if (!first) return;
    this.#flights += 1;
    const flight = { controller: new AbortController(), waiting: together };
    for (const one of together) one.flight = flight;
    const { points, steps, smoothing } = first.want;
    const times = new Map(together.map(({ want }) => [want.run, want.times]));
    const runs = [...times].map(([run, own]) => ({ ...keyOf(run), times: own && pair(own) }));
    const names = [...new Set(together.map((one) => one.want.name))];
    try {
      const asked = { runs, names, points, steps: steps && pair(steps), smoothing: smoothing || null };
      const portions = await readSeries(asked, flight.controller.signal);
      const found = new Map<string, Points[]>();
      for (const one of portions.map(pointsOf)) {
        const key = JSON.stringify([one.run, one.name]);
        found.set(key, [...(found.get(key) ?? []), one]);
      }
      for (const one of together) {
        const told = found.get(JSON.stringify([one.want.run, one.want.name])) ?? [];
        this.#keep(one.want, told);
        one.resolve(told);
      }
    } catch (error) {
      for (const one of together) one.reject(error);
    } finally {
      for (const one of together) if (this.#waiting.get(one.key) === one) this.#waiting.delete(one.key);
      this.#flights -= 1;
      this.#send();
    }
  }

  #keep(want: Want, points: readonly Points[]): void {
    const isAll = !want.steps && !want.times && points.every((one) => one.values.length === one.count);
    const key = keyOfWant(isAll ? whole(want) : want);
    this.#size += sizeOf(points) - sizeOf(this.#kept.get(key) ?? []);
    this.#kept.set(key, points);
    for (const [old, one] of this.#kept) {
      if (this.#size <= KEPT) return;
      this.#kept.delete(old);
      this.#size -= sizeOf(one);
    }
  }
}

/** Points as they were told. */
export function pointsOf(told: PortionTold): Points {
  const { project, run, writer, name, count, indices, steps, times } = told;
  const values = Float64Array.from(told.values, numberOf);
  const smoothed = told.smoothed && Float64Array.from(told.smoothed, (one) => one ?? NaN);
  return { run: keyText({ project, id: run }), writer, name, count, indices, steps, times, values, smoothed };
}

/** What needs no closer look: all points of a series are here. */
function whole(want: Want): Want {
  return { ...want, points: 0, steps: null, times: null, smoothing: 0 };
}

function keyOfWant(want: Want): string {
  return JSON.stringify([want.run, want.version, want.name, bounds(want)]);
}

function bounds({ points, steps, times, smoothing }: Want): string {
  return JSON.stringify([points, steps, times, smoothing]);
}

/** What all wants of a request have in common: runs alone differ in their times. */
function kindOf({ points, steps, times, smoothing }: Want): string {
  return JSON.stringify([points, steps, times !== null, smoothing]);
}

function pair([least, greatest]: Range): [number, number] {
  return [least, greatest];
}

function sizeOf(points: readonly Points[]): number {
  return points.reduce((sum, one) => sum + one.values.length, 0);
}

function promised<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
}
