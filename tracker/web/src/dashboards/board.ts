import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { isAborted, post } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import { keyText } from "../api/runs";
import type { Row } from "../api/schema";
import { shownOf } from "../charts/grouping";
import type { Shown } from "../charts/lines";
import { followRuns, serverSource } from "../charts/server";
import { makeShared, type Shared } from "../charts/shared";
import type { RunSaid } from "../charts/source";
import { useAsked, type Asked } from "../app/asked";
import { fieldOf } from "../runs/fields";
import type { Question } from "./question";

/** What all panels of a dashboard are about. */
export interface Board extends Question {
  project: string;
  runs: readonly RunSaid[];
  /** How many match in all. */
  total: number;
  /** Runs, or groups, with their colours. */
  shown: readonly Shown[];
  /** Those that are not drawn. */
  hidden: readonly string[];
  shared: Shared;
  /** Grows when runs changed, once a second at most. */
  version: number;
}

/** The runs of a dashboard, followed as they change. Those from before stay until others are there. */
export function useBoard(project: string, question: Question, hidden: readonly string[]) {
  const { where, sort, most } = question;
  const version = useVersion(project);
  const shared = useMemo(makeShared, []);
  const found = useSignal<(Pick<Board, "runs" | "total"> & { of: Question }) | null>(null);
  const problem = useSignal<Problem | null>(null);
  const turn = useSignal(0);
  const again = (): void => void (turn.value += 1);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const read = async (): Promise<void> => {
      const asked = { project, where: where || null, sort: [...sort], limit: most };
      const page = await post("/api/v1/runs/search", asked, signal);
      const runs = await serverSource.describe(page.rows.map(keyText), signal);
      found.value = { runs, total: page.total, of: question };
      problem.value = null;
    };
    read().catch((error: unknown) => {
      if (!isAborted(error)) problem.value = asProblem(error);
    });
    return () => controller.abort();
  }, [project, where, sort.join("\n"), most, version, turn.value]);
  const shown = useStill(found.value === null ? null : shownOf(found.value.runs, question.by));
  if (found.value === null || shown === null) return { board: null, problem: problem.value, again };
  const { of, runs, total } = found.value;
  // The last question that was answered: one that is wrong is told at the filter, not in each panel.
  const board: Board = { ...of, by: question.by, project, runs, total, shown, hidden, shared, version };
  return { board, problem: problem.value, again };
}

/** The same object as long as it says the same, so that charts are not drawn again for nothing. */
function useStill<T>(value: T): T {
  const kept = useRef(value);
  if (JSON.stringify(kept.current) !== JSON.stringify(value)) kept.current = value;
  return kept.current;
}

function useVersion(project: string): number {
  const version = useSignal(0);
  useEffect(() => followRuns(project, () => void (version.value += 1)), [project]);
  return version.value;
}

/** What a panel asks for; it is asked for again when runs changed, and what was there stays meanwhile. */
export function usePanel<T>(
  board: Board,
  ask: (signal: AbortSignal) => Promise<T>,
  inputs: readonly unknown[],
): Asked<T> {
  const { project, where, sort, most, version } = board;
  const asked = useAsked(ask, [JSON.stringify([project, where, sort, most, inputs])]);
  const first = useRef(version);
  useEffect(() => {
    if (version !== first.current) void asked.again();
    first.current = version;
  }, [version]);
  return asked;
}

/** The runs of a dashboard with some fields. */
export async function readRows(
  { project, where, sort, most }: Board,
  fields: readonly string[],
  signal: AbortSignal,
): Promise<Row[]> {
  const columns = fields.filter((text) => !["run", "curve"].includes(fieldOf(text).kind));
  const asked = { project, where: where || null, sort: [...sort], limit: most, columns };
  return (await post("/api/v1/runs/search", asked, signal)).rows;
}

/** The place of each run's colour, by its key; those that are hidden are left out. */
export function placesOf({ shown, hidden }: Board): ReadonlyMap<string, Shown> {
  const seen = shown.filter((one) => !hidden.includes(one.id));
  return new Map(seen.flatMap((one) => one.runs.map((run) => [run, one] as const)));
}
