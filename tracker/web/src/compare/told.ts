import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { listen, type Change } from "../api/changes";
import { isAborted } from "../api/client";
import { follow } from "../api/follow";
import { asProblem, type Problem } from "../api/problem";
import { keyOf, keyText, nameOf, readRuns, toldApart } from "../api/runs";
import type { RunTold } from "../api/schema";

/** A run that is compared. */
export interface Compared {
  key: string;
  /** In the list of the address: that of its colour. */
  place: number;
  /** Its own, and what tells it from the others that are compared. */
  name: string;
  told: RunTold;
}

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
    const compared = new Set(keys);
    for (const key of keys) if (!known.has(key)) stale.add(key);
    const load = async (): Promise<void> => {
      const wanted = [...stale];
      // What changes from now on is asked for once more.
      stale.clear();
      try {
        const found = await readRuns(wanted.map(keyOf), controller.signal);
        for (const key of wanted) known.delete(key);
        for (const one of found) known.set(keyText(one), one);
        isThere.value = asked;
        problem.value = null;
        version.value += 1;
      } catch (error) {
        for (const key of wanted) stale.add(key);
        if (!isAborted(error)) problem.value = asProblem(error);
      }
    };
    const mark = listen(
      ({ project, run }) => {
        const key = keyText({ project, id: run });
        if (compared.has(key)) stale.add(key);
      },
      () => {
        for (const key of keys) stale.add(key);
      },
    );
    const concerns = ({ project, run }: Change): boolean => compared.has(keyText({ project, id: run }));
    const stop = follow({ concerns, does: load, pace: PACE, atOnce: true });
    return () => {
      controller.abort();
      mark();
      stop();
    };
  }, [asked, turn.value]);

  const isReady = isThere.value === asked;
  const runs = useMemo(() => {
    const found = keys.flatMap((key, at): Compared[] => {
      const told = known.get(key);
      return told ? [{ key, place: at, name: nameOf(told), told }] : [];
    });
    const names = toldApart(found);
    return found.map((one, at) => ({ ...one, name: names[at] ?? one.name }));
  }, [asked, version.value]);
  const shown = isReady || runs.length === keys.length ? runs : null;
  const missing = isReady ? keys.filter((key) => !runs.some((one) => one.key === key)) : [];
  return { runs: shown, missing, problem: problem.value, again: () => void (turn.value += 1) };
}
