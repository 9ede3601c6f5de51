import { listen } from "../api/changes";
import { post } from "../api/client";
import { follow } from "../api/follow";
import { keyOf, keyText, nameOf, readRuns } from "../api/runs";
import type { RunTold } from "../api/schema";
import { readSeries } from "../api/series";
import { curveOf, type Curve, type Points } from "./curve";
import { Loader, pointsOf, type Want } from "./loader";
import { evened } from "./smooth";
import type { Asked, RunSaid, SeriesName, SeriesSource } from "./source";

// A run that is followed changes each second.
const PACE = 1000;
// All points come in parts of so many.
const PART = 100_000;
// Over another series no part can be asked for: where somebody looks closely, more points of all are.
const CLOSER = 20_000;

/** The series of a server. */
class ServerSource implements SeriesSource {
  readonly #loader = new Loader();
  readonly #versions = new Map<string, number>();
  readonly #told = new Map<string, RunTold>();
  #isWatching = false;

  async read(asked: Asked, signal: AbortSignal): Promise<Curve[]> {
    const { runs, names, x, smoothing } = asked;
    if (x.kind === "relative") await this.#tell(runs, signal);
    const all = runs.flatMap((run) => names.map((name) => this.#want(asked, run, name)));
    const overs = x.kind === "series" ? runs.map((run) => this.#want({ ...asked, smoothing: 0 }, run, x.name)) : [];
    const [found, below] = await Promise.all([this.#load(all, signal), this.#load(overs, signal)]);
    return found.map((points) => {
      const over = below.filter((one) => one.run === points.run);
      const own = over.find((one) => one.writer === points.writer) ?? over[0] ?? null;
      return curveOf(evened(points, smoothing), x, this.#start(points.run) ?? 0, own);
    });
  }

  async names(runs: readonly string[], signal: AbortSignal): Promise<SeriesName[]> {
    const found = new Map<string, SeriesName>();
    for (const told of await this.#tell(runs, signal)) addNames(found, told);
    return [...found.values()];
  }

  async describe(runs: readonly string[], signal: AbortSignal): Promise<RunSaid[]> {
    return (await this.#tell(runs, signal)).map((told) => {
      const { id, project, status } = told;
      const key = keyText(told);
      const name = nameOf(told);
      return { key, name, start: this.#start(key), record: { ...told.record, id, project, name, status } };
    });
  }

  async *all({ runs, names }: Pick<Asked, "runs" | "names">, signal: AbortSignal) {
    for (const told of await this.#tell(runs, signal)) {
      const run = keyText(told);
      for (const { writer, series } of told.sources) {
        for (const { kind, name, summary } of series) {
          if (kind !== "series" || !names.includes(name)) continue;
          const count = summary?.count ?? 0;
          for (let first = 0; first < count; first += PART) {
            const parts: Record<string, [number, number]> = { [name]: [first, Math.min(first + PART, count)] };
            const asked = { runs: [keyOf(run)], writer, parts };
            for (const one of await readSeries(asked, signal)) yield { ...pointsOf(one), start: this.#start(run) ?? 0 };
          }
        }
      }
    }
  }

  follow(runs: readonly string[], told: () => void): () => void {
    const followed = new Set(runs);
    return follow({
      concerns: ({ project, run }) => followed.has(keyText({ project, id: run })),
      does: told,
      pace: PACE,
    });
  }

  /** Know of each change as long as the page is open, also while no chart is shown: what was kept is old by it. */
  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    const changed = (run: string): void => {
      this.#versions.set(run, (this.#versions.get(run) ?? 0) + 1);
      this.#told.delete(run);
    };
    listen(
      ({ project, run }) => changed(keyText({ project, id: run })),
      () => [...this.#told.keys(), ...this.#versions.keys()].forEach(changed),
    );
  }

  #want(asked: Asked, run: string, name: string): Want {
    const { range, smoothing } = asked;
    const version = this.#versions.get(run) ?? 0;
    const want: Want = { run, version, name, points: asked.points, steps: null, times: null, smoothing };
    if (range === null) return want;
    if (asked.x.kind === "step") return { ...want, steps: range };
    if (asked.x.kind === "time") return { ...want, times: range };
    if (asked.x.kind === "series") return { ...want, points: CLOSER };
    const start = this.#start(run) ?? 0;
    return { ...want, times: [range[0] + start, range[1] + start] };
  }

  async #load(wants: readonly Want[], signal: AbortSignal): Promise<Points[]> {
    return (await Promise.all(wants.map((one) => this.#loader.load(one, signal)))).flat();
  }

  #start(run: string): number | null {
    const told = this.#told.get(run);
    if (!told) return null;
    const said = told.record["started_at"];
    const begun = typeof said === "string" ? Date.parse(said) / 1000 : NaN;
    if (Number.isFinite(begun)) return begun;
    const times = told.sources.flatMap((one) => one.series.flatMap(({ summary }) => summary?.time_min ?? []));
    return times.length > 0 ? Math.min(...times) : null;
  }

  async #tell(runs: readonly string[], signal: AbortSignal): Promise<RunTold[]> {
    this.#watch();
    const missing = runs.filter((run) => !this.#told.has(run));
    if (missing.length > 0) {
      for (const one of await readRuns(missing.map(keyOf), signal)) this.#told.set(keyText(one), one);
    }
    return runs.flatMap((run) => this.#told.get(run) ?? []);
  }
}

/** The server's series: one for all pages, so that what was fetched is there when somebody comes back. */
export const serverSource: SeriesSource = new ServerSource();

/** What a filter means, the newest first, and how many there are in all. */
export async function findRuns(
  question: { project: string | null; where: string | null },
  most: number,
  signal: AbortSignal,
): Promise<{ runs: string[]; total: number }> {
  const page = await post("/api/v1/runs/search", { ...question, limit: most }, signal);
  return { runs: page.rows.map(keyText), total: page.total };
}

/** Be told when others may be the runs that a filter means, until the function that is returned is called. */
export function followRuns(project: string | null, does: () => unknown): () => void {
  return follow({ concerns: (change) => project === null || change.project === project, does, pace: PACE });
}

function addNames(found: Map<string, SeriesName>, told: RunTold): void {
  const run = keyText(told);
  const said = told.record["series"];
  for (const { kind, name, summary } of told.sources.flatMap((one) => one.series)) {
    if (kind !== "series") continue;
    const columns: unknown = isObject(said) ? said[name] : null;
    const before = found.get(name);
    const goal = member(columns, "goal");
    found.set(name, {
      name,
      unit: before?.unit ?? member(columns, "unit"),
      goal: before?.goal ?? (goal === "minimize" || goal === "maximize" ? goal : null),
      description: before?.description ?? member(columns, "description"),
      x: before?.x ?? member(columns, "x"),
      least: lesser(before?.least ?? null, summary?.minimum ?? null),
      greatest: greater(before?.greatest ?? null, summary?.maximum ?? null),
      isTimed: (before?.isTimed ?? false) || (summary?.time_min ?? null) !== null,
      runs: before?.runs.includes(run) ? before.runs : [...(before?.runs ?? []), run],
    });
  }
}

function member(columns: unknown, name: string): string | null {
  const found = isObject(columns) ? columns[name] : null;
  return typeof found === "string" && found ? found : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function lesser(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

function greater(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}
