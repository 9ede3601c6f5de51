import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Change } from "../api/changes";
import { isAborted, post } from "../api/client";
import { follow } from "../api/follow";
import { asProblem, type Problem } from "../api/problem";
import { keyOf, keyText } from "../api/runs";
import type { Row } from "../api/schema";

/** So many runs are looked at together; the newest ones where there are more. */
export const MOST_RUNS = 2000;
const AT_ONCE = 1000;
// Runs that are followed change each second, and all of these are asked for again.
const PACE = 2000;

export interface Matched {
  rows: readonly Row[];
  total: number;
}

interface Question {
  project: string | null;
  where: string | null;
  /** The runs that are compared; none of them where all that match are meant. */
  keys: readonly string[];
  columns: readonly string[];
}

/** The rows of the runs that are meant, followed as they change; those of the question before stay meanwhile. */
export function useMatched(question: Question | null) {
  const found = useSignal<Matched | null>(null);
  const problem = useSignal<Problem | null>(null);
  const turn = useSignal(0);
  const asked = JSON.stringify(question);
  useEffect(() => {
    if (question === null) return undefined;
    const controller = new AbortController();
    const load = async (): Promise<void> => {
      try {
        found.value = await read(question, controller.signal);
        problem.value = null;
      } catch (error) {
        if (!isAborted(error)) problem.value = asProblem(error);
      }
    };
    const compared = new Set(question.keys);
    const concerns = ({ project, run }: Change): boolean =>
      compared.size > 0 ? compared.has(keyText({ project, id: run })) : project === question.project;
    const stop = follow({ concerns, does: load, pace: PACE, atOnce: true });
    return () => {
      controller.abort();
      stop();
    };
  }, [asked, turn.value]);
  return { matched: found.value, problem: problem.value, again: () => void (turn.value += 1) };
}

async function read({ project, where, keys, columns }: Question, signal: AbortSignal): Promise<Matched> {
  const rows: Row[] = [];
  const projects = new Set(keys.map((key) => keyOf(key).project));
  const asked = {
    project: keys.length === 0 ? project : projects.size === 1 ? [...projects][0] : null,
    where: keys.length === 0 ? where : `id in [${keys.map((key) => JSON.stringify(keyOf(key).id)).join(", ")}]`,
    columns: [...columns],
    limit: AT_ONCE,
  };
  let total = 0;
  for (let after: string | null | undefined; after !== null && rows.length < MOST_RUNS;) {
    const page: { rows: readonly Row[]; total: number; next: string | null } = await post(
      "/api/v1/runs/search",
      { ...asked, after },
      signal,
    );
    total = page.total;
    rows.push(...page.rows);
    after = page.next;
  }
  if (keys.length === 0) return { rows, total };
  const places = new Map(keys.map((key, at) => [key, at]));
  const own = rows.filter((row) => places.has(keyText(row)));
  own.sort((one, other) => (places.get(keyText(one)) ?? 0) - (places.get(keyText(other)) ?? 0));
  return { rows: own, total: own.length };
}
