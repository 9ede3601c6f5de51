import { curveOf, stepOf, type Points } from "../charts/curve";
import { evened } from "../charts/smooth";
import type { Asked, RunSaid, SeriesName, SeriesSource } from "../charts/source";
import type { Report, ReportRun } from "./data";

/** The points that a report holds. */
export class ReportSource implements SeriesSource {
  readonly #runs: ReadonlyMap<string, ReportRun>;
  readonly #curves: readonly Points[];

  constructor(report: Report) {
    this.#runs = new Map(report.runs.map((one) => [one.key, one]));
    this.#curves = report.curves;
  }

  read({ runs, names, x, points, range, smoothing }: Asked) {
    const own = (run: string, name: string): readonly Points[] =>
      this.#curves.filter((one) => one.run === run && one.name === name);
    const found = runs.flatMap((run) => names.flatMap((name) => own(run, name)));
    return Promise.resolve(
      found.map((told) => {
        const one = evened(told, smoothing);
        const start = this.#start(one.run) ?? 0;
        if (x.kind === "series") {
          const below = own(one.run, x.name);
          return curveOf(one, x, start, below.find((over) => over.writer === one.writer) ?? below[0] ?? null);
        }
        const offset = x.kind === "relative" ? start : 0;
        const place = (at: number): number => (x.kind === "step" ? stepOf(one, at) : (one.times?.[at] ?? NaN) - offset);
        return curveOf(fewer(range ? within(one, place, range) : one, points), x, start, null);
      }),
    );
  }

  names(runs: readonly string[]) {
    const found = new Map<string, SeriesName>();
    for (const one of this.#curves) {
      if (!runs.includes(one.run)) continue;
      const before = found.get(one.name);
      const said = saidOf(this.#runs.get(one.run), one.name);
      const [least, greatest] = ends(one.values);
      found.set(one.name, {
        name: one.name,
        unit: before?.unit ?? textOf(said["unit"]),
        goal: before?.goal ?? goalOf(said["goal"]),
        description: before?.description ?? textOf(said["description"]),
        x: before?.x ?? textOf(said["x"]),
        least: least === null ? (before?.least ?? null) : Math.min(least, before?.least ?? least),
        greatest: greatest === null ? (before?.greatest ?? null) : Math.max(greatest, before?.greatest ?? greatest),
        isTimed: (before?.isTimed ?? false) || one.times !== null,
        runs: [...new Set([...(before?.runs ?? []), one.run])],
      });
    }
    return Promise.resolve([...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1)));
  }

  describe(runs: readonly string[]) {
    const known = runs.flatMap((key) => this.#runs.get(key) ?? []);
    return Promise.resolve(
      known.map(({ key, name, record }): RunSaid => ({ key, name, record, start: this.#start(key) })),
    );
  }

  async *all({ runs, names }: Pick<Asked, "runs" | "names">) {
    for (const one of this.#curves) {
      if (runs.includes(one.run) && names.includes(one.name)) {
        yield await Promise.resolve({ ...one, start: this.#start(one.run) ?? 0 });
      }
    }
  }

  follow() {
    return () => undefined; // what is in a file stays as it is
  }

  /** When the run says that it began, or else the time of its first point. */
  #start(run: string): number | null {
    const said = this.#runs.get(run)?.record["started_at"];
    const begun = typeof said === "string" ? Date.parse(said) / 1000 : NaN;
    if (Number.isFinite(begun)) return begun;
    const times = this.#curves.flatMap((one) => (one.run === run ? (one.times?.[0] ?? []) : []));
    return times.length > 0 ? Math.min(...times) : null;
  }
}

/** The points whose place lies in a range, and one beyond each end, so that the line goes on. */
function within(points: Points, place: (at: number) => number, [least, greatest]: readonly [number, number]): Points {
  let first = 0;
  let last = points.values.length - 1;
  while (first < last && place(first + 1) < least) first += 1;
  while (last > first && place(last - 1) > greatest) last -= 1;
  return part(points, (at) => at >= first && at <= last);
}

/** At most so many points: of each stretch the least, the greatest and the first that is not finite. */
function fewer(points: Points, most: number): Points {
  const { length } = points.values;
  if (length <= most) return points;
  const stretch = Math.ceil(length / Math.max(1, Math.floor((most - 2) / 3)));
  const kept = new Set([0, length - 1]);
  for (let begin = 0; begin < length; begin += stretch) {
    let least = -1;
    let greatest = -1;
    let odd = -1;
    for (let at = begin; at < Math.min(begin + stretch, length); at++) {
      const value = points.values[at] ?? NaN;
      if (!Number.isFinite(value)) odd = odd < 0 ? at : odd;
      else {
        if (least < 0 || value < (points.values[least] ?? 0)) least = at;
        if (greatest < 0 || value > (points.values[greatest] ?? 0)) greatest = at;
      }
    }
    for (const at of [least, greatest, odd]) if (at >= 0) kept.add(at);
  }
  return part(points, (at) => kept.has(at));
}

function part(points: Points, isWanted: (at: number) => boolean): Points {
  const wanted = (_: unknown, at: number): boolean => isWanted(at);
  return {
    ...points,
    indices: points.indices.filter(wanted),
    steps: points.steps?.filter(wanted) ?? null,
    times: points.times?.filter(wanted) ?? null,
    values: points.values.filter(wanted),
    smoothed: points.smoothed?.filter(wanted) ?? null,
  };
}

function ends(values: Float64Array): [number | null, number | null] {
  let least = Infinity;
  let greatest = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return least > greatest ? [null, null] : [least, greatest];
}

/** What a run says of a series beside its points. */
function saidOf(run: ReportRun | undefined, name: string): Record<string, unknown> {
  const all = run?.record["series"];
  const said = isTree(all) ? all[name] : undefined;
  return isTree(said) ? said : {};
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function goalOf(value: unknown): SeriesName["goal"] {
  return value === "minimize" || value === "maximize" ? value : null;
}
