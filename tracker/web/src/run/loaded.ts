import { signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { get, isAborted, Latest, post } from "../api/client";
import { follow } from "../api/follow";
import { asProblem, type Problem } from "../api/problem";
import type { FileTold, Row, RunKey, RunTold, SeriesTold, SourceTold } from "../api/schema";
import { tellFault } from "../app/notices";
import { objectOf, type Said } from "./said";

// A run that is followed changes each second; it is asked for again at this pace at most.
const PACE = 700;

/** A series, texts, images or histograms of one of the writers. */
export interface Column extends SeriesTold {
  writer: string;
  count: number;
  /** Its unit, goal, description and the like. */
  said: Said;
}

/** A file and whose it is. */
export interface OwnFile extends FileTold {
  writer: string;
}

/** A run as it is now, and followed. */
export class Loaded {
  readonly run = signal<RunTold | null>(null);
  /** What the table knows of it; null where it is not there. */
  readonly row = signal<Row | null>(null);
  readonly problem = signal<Problem | null>(null);
  /** All files, once they are known. */
  readonly files = signal<readonly OwnFile[] | null>(null);
  readonly #latest = new Latest();
  #filesOf = "";

  constructor(readonly key: RunKey) {}

  /** Ask for it, again if it is here. */
  async load(): Promise<void> {
    const signal = this.#latest.next();
    const { project, id } = this.key;
    try {
      const [run, kept] = await Promise.all([get("/api/v1/run", { project, id }, signal), this.#row(false, signal)]);
      const row = kept ?? (await this.#row(true, signal));
      const files = await this.#known(run, signal);
      this.run.value = run;
      this.row.value = row;
      this.files.value = files;
      this.problem.value = null;
    } catch (error) {
      if (!isAborted(error)) this.problem.value = asProblem(error);
    }
  }

  /** Say something about it that its writers did not. */
  async say(record: Record<string, unknown>): Promise<void> {
    try {
      await post("/api/v1/edits", { project: this.key.project, id: this.key.id, record });
      await this.load();
    } catch (error) {
      tellFault(error);
    }
  }

  close(): void {
    this.#latest.stop();
  }

  /** The files, which are asked for anew only where they may be others: some runs have very many. */
  async #known(run: RunTold, signal: AbortSignal): Promise<readonly OwnFile[]> {
    const state = JSON.stringify(
      run.sources.map((one) => [
        one.writer,
        one.record["artifacts"],
        one.series
          .filter(({ kind }) => kind === "images")
          .map(({ name, number, summary }) => [name, number, summary?.count]),
      ]),
    );
    const before = this.files.peek();
    if (before !== null && state === this.#filesOf && run.sources.some((one) => one.files === null)) return before;
    const found = await filesOf(run, signal);
    this.#filesOf = state;
    return found;
  }

  async #row(trash: boolean, signal: AbortSignal): Promise<Row | null> {
    const { project, id } = this.key;
    const where = `id == ${JSON.stringify(id)}`;
    const page = await post("/api/v1/runs/search", { project, where, trash, limit: 1, columns: [] }, signal);
    return page.rows[0] ?? null;
  }
}

async function filesOf(run: RunTold, signal: AbortSignal): Promise<OwnFile[]> {
  const { project, id } = run;
  const found: OwnFile[] = [];
  for (const source of run.sources) {
    const { writer } = source;
    if (source.files) found.push(...source.files.map((one) => ({ ...one, writer })));
    else
      for (let start: number | null = 0; start !== null;) {
        const page: { files: FileTold[]; next: number | null } = await get(
          "/api/v1/files",
          { project, id, writer, start },
          signal,
        );
        found.push(...page.files.map((one) => ({ ...one, writer })));
        start = page.next;
      }
  }
  return found;
}

/** A run, followed live as long as a component is shown. */
export function useLoaded({ project, id }: RunKey): Loaded {
  const loaded = useMemo(() => new Loaded({ project, id }), [project, id]);
  useEffect(() => {
    const stop = follow({
      concerns: (change) => change.project === project && change.run === id,
      does: () => loaded.load(),
      pace: PACE,
      atOnce: true,
      ages: true,
    });
    return () => {
      stop();
      loaded.close();
    };
  }, [loaded]);
  return loaded;
}

/** The sources that are looked at: that of one writer, or all. */
export function sourcesOf(run: RunTold, writer: string | null): SourceTold[] {
  const chosen = run.sources.filter((one) => one.writer === writer);
  return chosen.length > 0 ? chosen : run.sources;
}

/** What is said by whoever is looked at. */
export function recordOf(run: RunTold, writer: string | null): Said {
  const source = run.sources.find((one) => one.writer === writer);
  return source?.record ?? run.record;
}

/** The series, texts, images or histograms of whoever is looked at, by name. */
export function columnsOf(run: RunTold, writer: string | null, kind: Column["kind"]): Column[] {
  return sourcesOf(run, writer)
    .flatMap((source) => {
      const said = objectOf(source.record[kind]);
      return source.series
        .filter((one) => one.kind === kind)
        .map((one) => ({
          ...one,
          writer: source.writer,
          count: one.summary?.count ?? 0,
          said: objectOf(said[one.name]),
        }));
    })
    .filter((one) => one.count > 0)
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** How a writer is called. */
export function writerText(writer: string): string {
  return writer === "" ? "main" : writer === "~" ? "edits" : writer;
}

const SYSTEM = /(^|\/)system\//;
const CONSOLE = /(^|\/)console\/(stdout|stderr)$/;

/** Whether a series is of the machine, as the conventions name it. */
export function isHardware(name: string): boolean {
  return SYSTEM.test(name);
}

/** Whether texts are what a program printed, as the conventions name it. */
export function isConsole(name: string): boolean {
  return CONSOLE.test(name);
}
