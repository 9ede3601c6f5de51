import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { listen } from "../api/changes";
import { get, isAborted, post } from "../api/client";
import { asProblem, Problem } from "../api/problem";
import type { RunTold } from "../api/schema";
import { keyOf, keyText } from "../runs/view";

/** A run that is compared. */
export interface Compared {
  key: string;
  /** In the list of the address: that of its colour. */
  place: number;
  name: string;
  told: RunTold;
}

// The server tells of so many runs at once.
const AT_ONCE = 100;
// A run that is followed changes each second; it is asked for again at this pace at most.
const PACE = 1000;

/** What the server tells of some runs, followed as they change. Runs that are not there are in `missing`. */
export function useCompared(keys: readonly string[]) {
  const known = useMemo(() => new Map<string, RunTold>(), []);
  // Outlives a change of the list, which ends the request that was on its way.
  const stale = useMemo(() => new Set<string>(), []);
  const version = useSignal(0);
  const isThere = useSignal<string | null>(null);
  const problem = useSignal<Problem | null>(null);
  const turn = useSignal(0);
  const asked = keys.join("\n");
  useEffect(() => {
    const controller = new AbortController();
    for (const key of keys) if (!known.has(key)) stale.add(key);
    let timer = 0;
    let isBusy = false;
    const load = async (): Promise<void> => {
      isBusy = true;
      const wanted = [...stale];
      const found = await readRuns(wanted, controller.signal);
      for (const key of wanted) {
        known.delete(key);
        stale.delete(key);
      }
      for (const one of found) known.set(keyText(one), one);
      isBusy = false;
      isThere.value = asked;
      version.value += 1;
      if (stale.size > 0) soon();
    };
    const failed = (error: unknown): void => {
      isBusy = false;
      if (!isAborted(error)) problem.value = asProblem(error);
    };
    const soon = (): void => {
      if (timer !== 0 || isBusy) return;
      timer = window.setTimeout(() => {
        timer = 0;
        void load().catch(failed);
      }, PACE);
    };
    const compared = new Set(keys);
    const stop = listen(
      ({ project, run }) => {
        const key = keyText({ project, id: run });
        if (!compared.has(key)) return;
        stale.add(key);
        soon();
      },
      () => {
        for (const key of keys) stale.add(key);
        soon();
      },
    );
    problem.value = null;
    void load().catch(failed);
    return () => {
      controller.abort();
      stop();
      window.clearTimeout(timer);
    };
  }, [asked, turn.value]);

  const isReady = isThere.value === asked;
  const runs = useMemo(
    () =>
      keys.flatMap((key, at): Compared[] => {
        const told = known.get(key);
        return told ? [{ key, place: at, name: nameOf(told), told }] : [];
      }),
    [asked, version.value],
  );
  const shown = isReady || runs.length === keys.length ? runs : null;
  const missing = isReady ? keys.filter((key) => !runs.some((one) => one.key === key)) : [];
  return { runs: shown, missing, problem: problem.value, again: () => void (turn.value += 1) };
}

/** What a run is called. */
export function nameOf(told: RunTold): string {
  const { name } = told.record;
  return typeof name === "string" && name ? name : told.id;
}

async function readRuns(keys: readonly string[], signal: AbortSignal): Promise<RunTold[]> {
  const found: RunTold[] = [];
  for (let first = 0; first < keys.length; first += AT_ONCE) {
    found.push(...(await readSome(keys.slice(first, first + AT_ONCE), signal)));
  }
  return found;
}

async function readSome(keys: readonly string[], signal: AbortSignal): Promise<readonly RunTold[]> {
  try {
    return (await post("/api/v1/runs/read", { runs: keys.map(keyOf) }, signal)).runs;
  } catch (error) {
    // One run that is gone refuses all: those that are there are asked for alone.
    if (!(error instanceof Problem) || error.status !== 404) throw error;
    const found = await Promise.all(keys.map((key) => readAlone(key, signal)));
    return found.filter((one) => one !== null);
  }
}

async function readAlone(key: string, signal: AbortSignal): Promise<RunTold | null> {
  try {
    return await get("/api/v1/run", keyOf(key), signal);
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}
