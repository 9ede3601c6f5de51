import { useSignal } from "@preact/signals";
import { lazy, Suspense } from "preact/compat";
import { useMemo } from "preact/hooks";
import { faultOf, type Problem } from "../api/problem";
import { keyOf } from "../api/runs";
import { isAlone, share } from "../api/session";
import { uploadCommand } from "../app/commands";
import { hasPage } from "../app/pages";
import { mayEdit } from "../app/projects";
import { href } from "../app/router";
import { Command, Empty, Failed, Waiting } from "../app/states";
import { Top } from "../app/top";
import { Icon } from "../design/icons";
import { exactCount } from "../design/numbers";
import { Popover } from "../design/popover";
import { putAway, saveCsv, takeBack } from "./actions";
import { beginning, candidates, fieldOf, labelOf, OF_ALL } from "./fields";
import { Filter } from "./filter";
import { Groups } from "./groups";
import { fields, fieldsProblem, loadFields, useFields } from "./known";
import { useRows } from "./live";
import { Choices, Picker } from "./picker";
import type { Question, Rows } from "./rows";
import { selectNone } from "./selection";
import { RunsTable } from "./table";
import { change, view } from "./view";
import "./runs.css";

const ShareDialog = lazy(() => import("../project/share"));

/** The runs of a project, or of all. */
export function RunsPage() {
  const { project, where, sort, trash, by } = view.value;
  useFields(project);
  const wanted = wantedColumns();
  const question: Question | null = wanted && {
    project,
    where: where || null,
    sort: [...sort],
    columns: asked(wanted),
    trash,
  };
  const { rows, next } = useRows(question);
  // Chosen once for an answer: columns do not come and go while somebody scrolls.
  const texts = useMemo(
    () =>
      wanted && rows && view.value.columns === null && project !== null ? beginning(wanted, rows.known()) : wanted,
    [rows, wanted?.join("\0")],
  );
  const problem = next?.problem.value ?? null;
  const isOfFilter = problem !== null && faultOf(problem)?.query === where;
  return (
    <>
      <Head rows={rows} texts={texts ?? []} problem={isOfFilter ? problem : null} />
      {fieldsProblem.value && <Failed problem={fieldsProblem.value} again={() => void loadFields(project)} />}
      {!fieldsProblem.value && problem && !isOfFilter && (
        <Failed problem={problem} again={() => void next?.refresh()} />
      )}
      {!fieldsProblem.value && !problem && rows === null && <Waiting what="the runs" />}
      {!fieldsProblem.value && rows && texts && (!problem || isOfFilter) && (
        <Shown rows={rows} texts={texts} isGrouped={by.length > 0} />
      )}
    </>
  );
}

function Shown({ rows, texts, isGrouped }: { rows: Rows; texts: readonly string[]; isGrouped: boolean }) {
  if (rows.total.value === 0) return <NoRuns question={rows.question} />;
  return isGrouped ? <Groups rows={rows} texts={texts} /> : <RunsTable rows={rows} texts={texts} />;
}

/** The columns that the address names, or those that the project may begin with. */
function wantedColumns(): readonly string[] | null {
  const { columns, project } = view.value;
  if (columns !== null) return columns.includes("name") ? columns : ["name", ...columns];
  if (fields.value === null) return null;
  return project === null ? OF_ALL : candidates(fields.value);
}

/** What the server is asked for: it tells of a run itself in any case. */
function asked(texts: readonly string[]): string[] {
  return texts.filter((text) => !["run", "curve"].includes(fieldOf(text).kind));
}

function Head({ rows, texts, problem }: { rows: Rows | null; texts: readonly string[]; problem: Problem | null }) {
  const { project, trash, by } = view.value;
  const total = rows?.total.value ?? null;
  const below = (
    <>
      <Filter rows={rows} problem={problem} />
      {by.length > 0 && (
        <p class="chips">
          Grouped by
          {by.map((text) => (
            <button
              key={text}
              class="chip"
              title="Group by it no longer"
              onClick={() => change({ by: by.filter((one) => one !== text) })}
            >
              <bdi>{labelOf(fieldOf(text))}</bdi> <Icon name="close" size={12} />
            </button>
          ))}
        </p>
      )}
      {rows && <Selected rows={rows} />}
    </>
  );
  return (
    <Top title={trash ? "Trash" : (project ?? (share.value ? "Shared runs" : "All projects"))} below={below}>
      {total !== null && (
        <span class="count">
          {exactCount(total)} {total === 1 ? "run" : "runs"}
        </span>
      )}
      {project !== null && hasPage("/project") && (
        <a
          class="icon-button"
          href={href("/project", { project })}
          aria-label={`About ${project}`}
          title="What it holds, and who may see it"
        >
          <Icon name="about" />
        </a>
      )}
      {project !== null && hasPage("/dashboards") && (
        <a
          class="icon-button"
          href={href("/dashboards", { project })}
          aria-label={`Dashboards of ${project}`}
          title="Dashboards"
        >
          <Icon name="board" />
        </a>
      )}
      <span class="spring" />
      {trash && (
        <button class="button" onClick={() => change({ trash: false, selected: [] })}>
          <Icon name="left" /> Back to the runs
        </button>
      )}
      <GroupBy />
      <Picker columns={texts} />
      <More rows={rows} texts={texts} />
    </Top>
  );
}

function GroupBy() {
  const { by } = view.value;
  const all = (fields.value ?? []).filter((text) => !text.startsWith("series.") && text !== "tags");
  return (
    <Popover
      label={
        <>
          <Icon name="group" /> Group
        </>
      }
      name="Group by fields"
      buttonClass={by.length ? "button is-on" : "button"}
    >
      {() => <Choices all={all} chosen={by} none="No field is called so." onChange={(now) => change({ by: now })} />}
    </Popover>
  );
}

function More({ rows, texts }: { rows: Rows | null; texts: readonly string[] }) {
  const { trash, project, by } = view.value;
  return (
    <Popover label={<Icon name="more" />} name="More" buttonClass="button">
      {(close) => (
        <>
          <button
            class="row-button"
            disabled={!rows}
            onClick={() => {
              close();
              if (rows) void saveCsv(rows.question, texts.map(fieldOf));
            }}
          >
            <Icon name="download" />
            <span>{by.length > 0 ? "Save the runs as CSV" : "Save as CSV"}</span>
          </button>
          <button
            class="row-button"
            onClick={() => {
              close();
              change({ columns: null, widths: {}, pinned: [], sort: [] });
            }}
          >
            <Icon name="back" />
            <span>Columns as they were at first</span>
          </button>
          {(trash || mayEdit(project)) && (
            <button
              class="row-button"
              onClick={() => {
                close();
                change({ trash: !trash, selected: [], by: [] });
              }}
            >
              <Icon name="trash" />
              <span>{trash ? "Back to the runs" : "Show the trash"}</span>
            </button>
          )}
        </>
      )}
    </Popover>
  );
}

function Selected({ rows }: { rows: Rows }) {
  const { selected, trash, project } = view.value;
  const isSharing = useSignal(false);
  if (selected.length === 0) return null;
  const runs = selected.map(keyOf);
  const [first] = runs;
  const isOfOne = first !== undefined && runs.every((one) => one.project === first.project);
  const query = new URLSearchParams(project === null ? [] : [["project", project]]);
  for (const one of selected) query.append("run", one);
  return (
    <div class="selected" role="group" aria-label="The selected runs">
      <span role="status">{selected.length} selected</span>
      <a class="button" href={href("/charts", query)}>
        <Icon name="curve" /> Charts
      </a>
      <a class="button" href={href("/compare", query)}>
        <Icon name="columns" /> Compare
      </a>
      {runs.every((one) => mayEdit(one.project)) && (
        <button class="button" onClick={() => void (trash ? takeBack(rows, runs) : putAway(rows, runs))}>
          <Icon name={trash ? "back" : "trash"} /> {trash ? "Take back" : "Trash"}
        </button>
      )}
      {isOfOne && !trash && mayShare(first.project) && (
        <button class="button" onClick={() => (isSharing.value = true)}>
          <Icon name="link" /> Share
        </button>
      )}
      <button class="button is-quiet" onClick={selectNone}>
        Select none
      </button>
      {isSharing.value && first && (
        <Suspense fallback={null}>
          <ShareDialog
            project={first.project}
            runs={runs.map((one) => one.id)}
            onClose={() => (isSharing.value = false)}
          />
        </Suspense>
      )}
    </div>
  );
}

/** Whether runs of a project can be shared by a link: there is somebody to share with, and one may. */
function mayShare(project: string): boolean {
  return !isAlone.value && mayEdit(project);
}

function NoRuns({ question }: { question: Question }) {
  if (question.trash)
    return (
      <Empty icon="trash" title="The trash is empty">
        <p>Runs that are put there can be taken back until they are freed.</p>
      </Empty>
    );
  if (question.where) {
    return (
      <Empty icon="search" title="No run matches the filter">
        <p>Ask for less, or clear it.</p>
        <button class="button" onClick={() => change({ where: "" })}>
          Clear the filter
        </button>
      </Empty>
    );
  }
  if (share.value)
    return (
      <Empty title="These runs are not there any more">
        <p>Whoever shared them put them into the trash.</p>
      </Empty>
    );
  return (
    <Empty title="No runs yet">
      <p>A run is a file of JSON that any program can write. Track one, and it shows here within a second:</p>
      <Command>{uploadCommand(question.project ?? null)}</Command>
      <p class="hint">
        With <code>--follow</code> it shows while it is being written. In Python, <code>import runjson</code> writes
        such files.
      </p>
    </Empty>
  );
}
