import { signal, type Signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { get, isAborted, post } from "../api/client";
import { asProblem } from "../api/problem";
import { quoted, type Field } from "./fields";
import type { Question } from "./rows";

type Goal = "minimize" | "maximize";

// So many columns are asked about; a table with more is no longer read for its best values.
const MOST = 20;
/** What series say of their goal, by project and name; null for those that say nothing. */
const known = new Map<string, Goal | null>();

/** The best number of each column whose series says what is better. It is asked for anew when `version` changes. */
export function useBest(
  question: Question | null,
  columns: readonly Field[],
  version: number,
): Signal<ReadonlyMap<string, number>> {
  const best = useMemo(() => signal<ReadonlyMap<string, number>>(new Map()), []);
  const wanted = columns.filter((one) => one.kind === "series" && one.statistic !== "count").slice(0, MOST);
  const asked = JSON.stringify([question?.project, question?.where, question?.trash, wanted.map((one) => one.text)]);
  useEffect(() => {
    if (question === null || question.trash) return undefined;
    const controller = new AbortController();
    // Once the rows have rested a little: the table comes first.
    const timer = window.setTimeout(() => void ask(question, wanted, best, controller.signal), REST);
    return () => {
      window.clearTimeout(timer);
      controller.abort();
    };
  }, [asked, version]);
  return best;
}

const REST = 150;

async function ask(
  question: Question,
  wanted: readonly Field[],
  best: Signal<ReadonlyMap<string, number>>,
  signal: AbortSignal,
): Promise<void> {
  const found = new Map<string, number>();
  try {
    for (const field of wanted) {
      const goal = await goalOf(question.project ?? null, field, signal);
      if (goal === null) continue;
      const { project, where } = question;
      const told = await post("/api/v1/best/search", { project, where, by: field.text, goal }, signal);
      const value: unknown = told.best[0]?.value;
      if (typeof value === "number") found.set(field.text, value);
    }
    best.value = found;
  } catch (error) {
    if (!isAborted(error)) asProblem(error); // the table itself tells of what is wrong with its question
  }
}

/** What the newest run that has a series says of its goal. */
async function goalOf(project: string | null, field: Field, signal: AbortSignal): Promise<Goal | null> {
  const name = field.path[0] ?? "";
  const key = JSON.stringify([project, name]);
  const before = known.get(key);
  if (before !== undefined) return before;
  const where = `series.${quoted(name)} exists`;
  const page = await post("/api/v1/runs/search", { project, where, limit: 1 }, signal);
  const newest = page.rows[0];
  if (!newest) return null;
  const run = await get("/api/v1/run", { project: newest.project, id: newest.id }, signal);
  const series = run.record["series"] as Record<string, { goal?: unknown }> | undefined;
  // All that this run says is kept: the columns beside this one are most often of the same run.
  for (const [one, said] of Object.entries(series ?? {})) known.set(JSON.stringify([project, one]), goalIn(said.goal));
  const goal = goalIn(series?.[name]?.goal);
  known.set(key, goal);
  return goal;
}

function goalIn(said: unknown): Goal | null {
  return said === "minimize" || said === "maximize" ? said : null;
}
