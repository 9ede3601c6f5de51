import { useSignal } from "@preact/signals";
import { lazy, Suspense } from "preact/compat";
import { useEffect, useMemo } from "preact/hooks";
import { isAborted } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import { mayEdit } from "../app/projects";
import { address, go, href } from "../app/router";
import { Empty, Failed, Waiting } from "../app/states";
import { Top } from "../app/top";
import { Icon } from "../design/icons";
import { exactCount } from "../design/numbers";
import { Popover } from "../design/popover";
import { fieldOf, labelOf } from "../runs/fields";
import { fields, useFields } from "../runs/known";
import { Choices } from "../runs/picker";
import { ChooseBand, Controls } from "./controls";
import { groupable, shownOf } from "./grouping";
import { Legend } from "./legend";
import { Panels } from "./panels";
import { findRuns, followRuns, serverSource } from "./server";
import { makeShared } from "./shared";
import type { RunSaid, SeriesName } from "./source";
import "./charts.css";

const AddToDashboard = lazy(() => import("../dashboards/add"));

// Without runs in the address so many are shown, and more when somebody asks for them.
const MOST = [20, 50, 100, 200];

/** The curves of some runs over each other. */
export default function ChartsPage() {
  const { query } = address.value;
  const by = query.getAll("by");
  const names = query.getAll("series");
  const project = query.get("project");
  const { runs, total, missing, problem, again } = useRuns(query);
  const told = useSignal<readonly SeriesName[]>([]);
  const shared = useMemo(makeShared, []);
  const shown = useMemo(() => shownOf(runs ?? [], by), [runs, by.join("\n")]);
  useFields(project);
  return (
    <>
      <Top
        title="Charts"
        of={project}
        below={
          <>
            <Controls names={told.value} />
            <By by={by} />
          </>
        }
      >
        <span class="spring" />
        <GroupBy by={by} />
        {project !== null && mayEdit(project) && <Adding project={project} />}
        <a class="button" href={tableHref(query)}>
          <Icon name="table" /> Table
        </a>
      </Top>
      {problem && <Failed problem={problem} again={again} />}
      {!problem && runs === null && <Waiting what="the runs" />}
      {!problem && runs?.length === 0 && <NoRuns missing={missing} query={query} />}
      {!problem && runs && runs.length > 0 && (
        <div class="charts">
          <div class="charts-side">
            <Legend shown={shown} shared={shared} />
            <More shown={runs.length} total={total} missing={missing} />
          </div>
          <div class="charts-main">
            <Panels
              source={serverSource}
              shown={shown}
              names={names.length > 0 ? names : undefined}
              shared={shared}
              onNames={(found) => (told.value = found)}
            />
          </div>
        </div>
      )}
    </>
  );
}

function Adding({ project }: { project: string }) {
  const isOpen = useSignal(false);
  return (
    <>
      <button
        class="button"
        aria-label="Add to a dashboard"
        title="Add to a dashboard"
        onClick={() => (isOpen.value = true)}
      >
        <Icon name="board" />
      </button>
      {isOpen.value && (
        <Suspense fallback={null}>
          <AddToDashboard project={project} onClose={() => (isOpen.value = false)} />
        </Suspense>
      )}
    </>
  );
}

function GroupBy({ by }: { by: readonly string[] }) {
  const all = groupable(fields.value ?? []);
  const label = (
    <>
      <Icon name="group" /> Group
    </>
  );
  return (
    <Popover label={label} name="Group by fields" buttonClass={by.length > 0 ? "button is-on" : "button"}>
      {() => <Choices all={all} chosen={by} none="No field is called so." onChange={changeBy} />}
    </Popover>
  );
}

function By({ by }: { by: readonly string[] }) {
  if (by.length === 0) return null;
  return (
    <div class="chips">
      The mean of the runs of equal
      {by.map((text) => (
        <button
          key={text}
          class="chip"
          title="Group by it no longer"
          onClick={() => changeBy(by.filter((one) => one !== text))}
        >
          <bdi>{labelOf(fieldOf(text))}</bdi> <Icon name="close" size={12} />
        </button>
      ))}
      <span class="spring" />
      <ChooseBand />
    </div>
  );
}

function More({ shown, total, missing }: { shown: number; total: number | null; missing: number }) {
  const more = MOST.find((most) => most > shown);
  return (
    <>
      {total !== null && total > shown && (
        <div class="more">
          <p class="hint">
            The newest {exactCount(shown)} of {exactCount(total)} runs.
          </p>
          {more && (
            <button class="button" onClick={() => changeQuery("most", [String(more)])}>
              Show {Math.min(more, total)}
            </button>
          )}
        </div>
      )}
      {missing > 0 && (
        <p class="hint more">
          {missing === 1 ? "One run of the address is" : `${missing} runs of the address are`} not there any more, or
          not yours to see.
        </p>
      )}
    </>
  );
}

function NoRuns({ missing, query }: { missing: number; query: URLSearchParams }) {
  return (
    <Empty title={missing > 0 ? "These runs are not there any more" : "There are no runs to draw"}>
      <p>{query.get("where") ? "No run matches the filter." : "Choose runs in the table."}</p>
      <a class="button" href={tableHref(query)}>
        <Icon name="table" /> Show the table
      </a>
    </Empty>
  );
}

/** The runs that the address names, or those that its filter means. */
function useRuns(query: URLSearchParams) {
  const found = useSignal<{ runs: readonly RunSaid[]; total: number | null; missing: number } | null>(null);
  const problem = useSignal<Problem | null>(null);
  const turn = useSignal(0);
  const project = query.get("project");
  const where = query.get("where");
  const most = MOST.find((one) => String(one) === query.get("most")) ?? MOST[0] ?? 1;
  const named = [...new Set(query.getAll("run"))];
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    found.value = null;
    problem.value = null;
    const read = async (): Promise<void> => {
      const asked = named.length > 0 ? { runs: named, total: null } : await findRuns({ project, where }, most, signal);
      const runs = await serverSource.describe(asked.runs, signal);
      found.value = { runs, total: asked.total, missing: asked.runs.length - runs.length };
    };
    const first = read().catch((error: unknown) => {
      if (!isAborted(error)) problem.value = asProblem(error);
    });
    const readAgain = async (): Promise<void> => {
      await first;
      const before = found.peek();
      const { runs, total } = await findRuns({ project, where }, most, signal);
      if (before === null || signal.aborted) return;
      const keys = before.runs.map((one) => one.key);
      const placed = inPlaces(keys, runs);
      if (placed.join("\n") === keys.join("\n") && total === before.total) return;
      found.value = { runs: await serverSource.describe(placed, signal), total, missing: 0 };
    };
    // What is shown stays while a server is away for a moment.
    const stop = named.length > 0 ? null : followRuns(project, () => void readAgain().catch(() => undefined));
    return () => {
      stop?.();
      controller.abort();
    };
  }, [project, where, most, named.join("\n"), turn.value]);
  const again = (): void => void (turn.value += 1);
  const { runs = null, total = null, missing = 0 } = found.value ?? {};
  return { runs, total, missing, problem: problem.value, again };
}

/** Other runs at the places of those that went, so that all that stay keep their colours. */
function inPlaces(before: readonly string[], now: readonly string[]): string[] {
  const others = now.filter((one) => !before.includes(one)).reverse();
  const kept = before.flatMap((one) => (now.includes(one) ? one : (others.shift() ?? [])));
  return [...kept, ...others];
}

function changeBy(by: readonly string[]): void {
  const { query } = address.value;
  const rest = new URLSearchParams([...query].filter(([name]) => name !== "by" && name !== "hide"));
  for (const field of by) rest.append("by", field);
  go(href("/charts", rest));
}

function changeQuery(name: string, values: readonly string[]): void {
  const query = new URLSearchParams(address.value.query);
  query.delete(name);
  for (const value of values) query.append(name, value);
  go(href("/charts", query));
}

/** The table with the same runs. */
function tableHref(query: URLSearchParams): string {
  const kept = new URLSearchParams([...query].filter(([name]) => ["project", "where", "run", "by"].includes(name)));
  return href("/runs", kept);
}
