import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { get, isAborted, Latest } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import type { Done } from "../api/schema";
import { isAlone, session } from "../api/session";
import { useAsked } from "../app/asked";
import { tellFault } from "../app/notices";
import { owns, projects } from "../app/projects";
import { address, go, href } from "../app/router";
import { Empty, Failed, Waiting } from "../app/states";
import { Top } from "../app/top";
import { Icon } from "../design/icons";
import { briefTime, exactTime } from "../design/times";
import { ACTIONS, detailOf, saysOf } from "./actions";
import "../design/pages.css";

// Rows of a portion; the next one is asked for by a button.
const PORTION = 100;

/** What was done, the last first: for admins all of it, for owners what was done in their project. */
export default function AuditPage() {
  const { query } = address.value;
  const project = query.get("project");
  const who = query.get("person") ?? "";
  const what = query.get("action") ?? "";
  const isFiltered = who !== "" || what !== "";
  const rows = useSignal<readonly Done[] | null>(null);
  const problem = useSignal<Problem | null>(null);
  const isAll = useSignal(false);
  const latest = useRef(new Latest());

  async function load(after: number | null): Promise<void> {
    try {
      const asked = { project, person: who || null, action: what || null, after, limit: PORTION };
      const found = (await get("/api/v1/audit", asked, latest.current.next())).rows;
      rows.value = after === null ? found : [...(rows.value ?? []), ...found];
      isAll.value = found.length < PORTION;
    } catch (error) {
      if (isAborted(error)) return;
      if (after !== null) return tellFault(error);
      problem.value = asProblem(error);
      rows.value = null;
    }
  }
  // The rows so far stay until the others are there: what is chosen keeps its place, and the focus.
  useEffect(() => {
    problem.value = null;
    void load(null);
    return () => latest.current.stop();
  }, [project, who, what]);

  // Who may have done something: admins know all people, owners the members, and the log those who left.
  const people = useAsked(
    async (signal) => {
      if (session.value?.admin) return (await get("/api/v1/people", undefined, signal)).people.map((one) => one.name);
      if (project === null) return [];
      return (await get("/api/v1/projects/members", { project }, signal)).members.map((one) => one.person);
    },
    [project],
  );

  const all = rows.value ?? [];
  const last = all.at(-1);
  return (
    <>
      <Top title={project === null ? "What was done" : `What was done in ${project}`}>
        <span class="spring" />
        {project !== null && (
          <a class="button" href={href("/project", { project })}>
            <Icon name="left" /> The project
          </a>
        )}
      </Top>
      {problem.value && <Failed problem={problem.value} again={() => void load(null)} />}
      {!problem.value && rows.value === null && <Waiting what="the log" />}
      {rows.value?.length === 0 && !isFiltered && (
        <Empty icon="log" title="Nothing was done yet">
          <p>Here stands who {isAlone.value ? "edited runs" : "signed in, edited runs, got a role, or made a link"}.</p>
        </Empty>
      )}
      {rows.value && (rows.value.length > 0 || isFiltered) && (
        <div class="page">
          <section class="section" aria-label="The log">
            <div class="toolbar">
              <Choice
                label="In"
                none="all projects"
                chosen={project ?? ""}
                all={(projects.value ?? []).map((one) => one.name).filter((one) => owns(one))}
                choose={(now) => change({ project: now })}
              />
              <Choice
                label="By"
                none="everybody"
                chosen={who}
                all={[...(people.value ?? []), ...all.flatMap((one) => one.person ?? [])]}
                choose={(now) => change({ person: now })}
              />
              <Choice
                label="What"
                none="anything"
                chosen={what}
                all={[...ACTIONS, ...all.map((one) => one.action)]}
                says={saysOf}
                choose={(now) => change({ action: now })}
              />
            </div>
            {all.length === 0 ? (
              <p class="nothing">Nothing such was done. Choose fewer filters.</p>
            ) : (
              <Log rows={all} withProject={project === null} />
            )}
            {!isAll.value && last && (
              <p>
                <button class="button" onClick={() => void load(last.id)}>
                  Show what was done before
                </button>
              </p>
            )}
          </section>
        </div>
      )}
    </>
  );
}

function Log({ rows, withProject }: { rows: readonly Done[]; withProject: boolean }) {
  return (
    <div class="list-box" tabIndex={0} role="group" aria-label="What was done">
      <table class="list">
        <thead>
          <tr>
            <th>When</th>
            <th>Who</th>
            <th>What</th>
            {withProject && <th>Project</th>}
            <th>From</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <tr key={one.id}>
              <td class="is-short" title={exactTime(one.at)}>
                {briefTime(one.at)}
              </td>
              <td>
                <bdi>{one.person ?? "–"}</bdi>
                {one.token !== null && (
                  <span class="hint">
                    {" "}
                    by the token <bdi>{one.token}</bdi>
                  </span>
                )}
              </td>
              <td class="is-name">
                {saysOf(one.action)}
                <span class="hint">
                  <bdi>{detailOf(one.detail)}</bdi>
                </span>
              </td>
              {withProject && (
                <td>
                  {one.project !== null && (
                    <a href={href("/project", { project: one.project })}>
                      <bdi>{one.project}</bdi>
                    </a>
                  )}
                </td>
              )}
              <td class="is-short">
                <bdi>{one.address ?? "–"}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface ChoiceProps {
  label: string;
  none: string;
  chosen: string;
  all: readonly string[];
  says?: (one: string) => string;
  choose: (now: string) => void;
}

function Choice({ label, none, chosen, all, says = (one) => one, choose }: ChoiceProps) {
  const id = useId();
  const offered = [...new Set(chosen === "" ? all : [chosen, ...all])];
  offered.sort((one, other) => says(one).localeCompare(says(other)));
  return (
    <div class="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">{none}</option>
        {offered.map((one) => (
          <option key={one} value={one}>
            {says(one)}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Change what of the log is shown, which stands in the address. */
function change(part: Record<string, string>): void {
  const query = new URLSearchParams(address.value.query);
  for (const [name, value] of Object.entries(part)) {
    if (value === "") query.delete(name);
    else query.set(name, value);
  }
  go(href("/audit", query));
}
