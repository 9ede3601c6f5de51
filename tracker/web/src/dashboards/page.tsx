import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { faultOf } from "../api/problem";
import { useAsked } from "../app/asked";
import { useKeys } from "../app/keys";
import { tell, tellFault } from "../app/notices";
import { mayEdit } from "../app/projects";
import { address, go, href } from "../app/router";
import { Empty, Failed, Waiting } from "../app/states";
import { pageTitle } from "../app/title";
import { Top } from "../app/top";
import { settings } from "../charts/settings";
import { Icon } from "../design/icons";
import { useFields } from "../runs/known";
import type { Arrangement } from "./arrangement";
import { Asking } from "./asking";
import { useBoard } from "./board";
import { Conflict } from "./conflict";
import { Draft, forget, hold, unsaved } from "./draft";
import { EditTools } from "./edittools";
import { Grid } from "./grid";
import { isOther, questionOf, resetQuestion } from "./question";
import {
  dashboardHref,
  dashboardsHref,
  isConflict,
  listDashboards,
  loadDashboard,
  saveDashboard,
  type Saved,
} from "./server";
import "./dashboards.css";
import "./editing.css";
import "./panels.css";

/** A dashboard of a project. */
export default function DashboardPage() {
  const { query } = address.value;
  const project = query.get("project") ?? "";
  const name = query.get("name") ?? "";
  if (project === "" || name === "") {
    return (
      <>
        <Top title="Dashboard" />
        <Empty icon="board" title="No dashboard is named">
          <p>Choose one in the list of a project.</p>
          <a class="button" href={project ? dashboardsHref(project) : "/runs"}>
            {project ? "Show the dashboards" : "Show all runs"}
          </a>
        </Empty>
      </>
    );
  }
  return <Loaded key={JSON.stringify([project, name])} project={project} name={name} />;
}

function Loaded({ project, name }: { project: string; name: string }) {
  useFields(project);
  const asked = useAsked(
    async (signal) => unsaved(project, name) ?? hold(new Draft(await loadDashboard(project, name, signal))),
    [project, name],
  );
  useEffect(() => {
    pageTitle.value = name;
    return () => (pageTitle.value = null);
  }, [name]);
  if (asked.value) return <Shown draft={asked.value} />;
  return (
    <>
      <Top title={name} />
      {asked.problem ? (
        <>
          <Failed problem={asked.problem} again={() => void asked.again()} />
          <p class="board-take">
            <a class="button" href={dashboardsHref(project)}>
              <Icon name="board" /> All dashboards of the project
            </a>
          </p>
        </>
      ) : (
        <Waiting what="the dashboard" />
      )}
    </>
  );
}

function Shown({ draft }: { draft: Draft }) {
  const { query } = address.value;
  const { project, name } = draft.saved.value;
  const content = draft.content.value;
  const mayChange = mayEdit(project);
  const isEditing = mayChange && query.get("edit") === "1";
  const question = questionOf(query, content);
  const isAsked = isOther(query, content);
  const isUnsaved = draft.isDirty.value || isAsked;
  const { board, problem, again } = useBoard(project, question, settings.value.hidden);
  const conflict = useSignal<{ theirs: Saved | null; taken: readonly string[] } | null>(null);
  const isSaving = useSignal(false);
  const isOfFilter = problem !== null && faultOf(problem)?.query === question.where;
  // Asked when it is saved: what was changed a moment before is not drawn yet.
  const wanted = (): Arrangement => {
    const now = draft.content.peek();
    return { ...now, ...questionOf(address.peek().query, now) };
  };

  async function save(): Promise<void> {
    if (!mayChange || isSaving.value) return;
    if (!draft.isDirty.peek() && !isOther(address.peek().query, draft.content.peek())) return;
    isSaving.value = true;
    try {
      const saved = await saveDashboard({ ...draft.saved.value, content: wanted() });
      draft.keep(saved);
      resetQuestion();
      tell("Saved.");
    } catch (error) {
      if (!isConflict(error)) return tellFault(error);
      const all = await listDashboards(project);
      const theirs = all.some((one) => one.name === name) ? await loadDashboard(project, name) : null;
      conflict.value = { theirs, taken: all.map((one) => one.name) };
    } finally {
      isSaving.value = false;
    }
  }

  async function saveAs(other: string): Promise<void> {
    await saveDashboard({ project, name: other, version: 0, content: wanted() });
    forget(project, name);
    conflict.value = null;
    go(dashboardHref(project, other, isEditing));
  }

  const edit = (isOn: boolean): void => {
    const next = new URLSearchParams(query);
    if (isOn) next.set("edit", "1");
    else next.delete("edit");
    go(href("/dashboard", next), { replace: true });
  };

  useSaveKey(() => void save());
  useLeaving(draft);
  useKeys("Dashboard", [
    ...(mayChange ? [{ keys: "e", says: isEditing ? "Edit no longer" : "Edit it", does: () => edit(!isEditing) }] : []),
    ...(isEditing
      ? [
          { keys: "u", says: "Undo", does: () => draft.undo() },
          { keys: "U", says: "Redo", does: () => draft.redo() },
        ]
      : []),
  ]);
  return (
    <>
      <Top title={name}>
        <a class="of" href={dashboardsHref(project)} title={`All dashboards of ${project}`}>
          <bdi>{project}</bdi>
        </a>
        <span class="spring" />
        {isUnsaved && mayChange && (
          <span class="board-unsaved" role="status">
            Not saved
          </span>
        )}
        {isAsked && (
          <button class="button is-quiet" title="The runs that were saved" onClick={resetQuestion}>
            <Icon name="back" /> Reset
          </button>
        )}
        {mayChange && (isEditing || isUnsaved) && (
          <button
            class="button is-first"
            disabled={!isUnsaved || isSaving.value}
            title="Ctrl+S"
            onClick={() => void save()}
          >
            <Icon name="save" /> Save
          </button>
        )}
        <button
          class="button board-link"
          aria-label="Copy link"
          title="Copy link"
          onClick={() => void copyLink().catch(tellFault)}
        >
          <Icon name="link" />
        </button>
        {mayChange && (
          <button
            class={isEditing ? "button is-on" : "button"}
            aria-pressed={isEditing}
            title="Edit the panels (e)"
            onClick={() => edit(!isEditing)}
          >
            <Icon name={isEditing ? "check" : "edit"} /> {isEditing ? "Done" : "Edit"}
          </button>
        )}
      </Top>
      <div class="board-top">
        <Asking
          saved={content}
          question={question}
          problem={isOfFilter ? problem : null}
          found={board && { shown: board.runs.length, total: board.total }}
        />
        {isEditing && <EditTools draft={draft} />}
      </div>
      {problem && !isOfFilter && board === null && <Failed problem={problem} again={again} />}
      {!problem && board === null && <Waiting what="the runs" />}
      {board && (
        <Grid board={board} draft={draft} isEditing={isEditing} mayChange={mayChange} edit={() => edit(true)} />
      )}
      {conflict.value && (
        <Conflict
          {...conflict.value}
          name={name}
          saveAs={saveAs}
          take={() => {
            const theirs = conflict.value?.theirs;
            conflict.value = null;
            if (!theirs) return;
            draft.keep(theirs);
            resetQuestion();
          }}
          onClose={() => (conflict.value = null)}
        />
      )}
    </>
  );
}

/** The address as it is shown to somebody else: without editing it. */
async function copyLink(): Promise<void> {
  const query = new URLSearchParams(address.value.query);
  query.delete("edit");
  await navigator.clipboard.writeText(location.origin + href("/dashboard", query));
  tell("The link was copied.");
}

function useSaveKey(save: () => void): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
      event.preventDefault();
      // A field tells of its change when it is left.
      if (document.activeElement instanceof HTMLInputElement) document.activeElement.dispatchEvent(new Event("change"));
      if (!document.querySelector("dialog[open]")) save();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });
}

/** Whoever goes to another page with unsaved changes is told that they wait here. */
function useLeaving(draft: Draft): void {
  useEffect(
    () => () => {
      const { project, name } = draft.saved.peek();
      if (unsaved(project, name) !== draft) return;
      tell(`Changes of “${name}” are not saved. They stay until this window is closed.`, {
        action: { label: "Go back", does: () => go(dashboardHref(project, name, true)) },
      });
    },
    [draft],
  );
}
