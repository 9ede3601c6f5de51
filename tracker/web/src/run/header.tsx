import { useSignal } from "@preact/signals";
import { addressOf, post } from "../api/client";
import type { RunTold } from "../api/schema";
import { isAlone } from "../api/session";
import { tell, tellFault } from "../app/notices";
import { useKeys } from "../app/keys";
import { mayEdit } from "../app/projects";
import { href } from "../app/router";
import { SidebarButton } from "../app/sidebar";
import { Icon } from "../design/icons";
import { lasting } from "../design/numbers";
import { briefTime, exactTime } from "../design/times";
import { changedTags, InPlace, tagsText } from "../runs/inplace";
import { Status } from "../runs/status";
import { copied, CopyButton } from "./copy";
import { sourcesOf, writerText, type Loaded } from "./loaded";
import { place, visit } from "./place";
import { textOf, textsOf, timeOf } from "./said";

// More tags would push the page down; those that edit them see all.
const MOST_TAGS = 12;

/** What a run is called, how it stands with it, and what can be done with it. */
export function RunHeader({ loaded, run }: { loaded: Loaded; run: RunTold }) {
  const editing = useSignal<"name" | "tags" | null>(null);
  const mayWrite = mayEdit(run.project);
  const name = textOf(run.record["name"]) ?? run.id;
  const tags = textsOf(run.record["tags"]);
  useKeys("Run", [
    { keys: "/", says: "Search on the tab", does: search },
    ...(mayWrite ? [{ keys: "e", says: "Edit its name", does: () => void (editing.value = "name") }] : []),
  ]);
  return (
    <header class="run-header">
      <div class="run-line">
        <SidebarButton />
        <a class="run-project" href={href("/runs", { project: run.project })} title={`Runs of ${run.project}`}>
          <Icon name="folder" size={14} />
          <bdi>{run.project}</bdi>
        </a>
        <span class="run-slash" aria-hidden="true">
          /
        </span>
        {editing.value === "name" ? (
          <InPlace
            class="run-field"
            label="Name"
            text={name}
            done={(text) => {
              editing.value = null;
              if (text !== null && text.trim() !== "" && text.trim() !== name) void loaded.say({ name: text.trim() });
            }}
          />
        ) : (
          <h1 title={name}>
            <bdi>{name}</bdi>
          </h1>
        )}
        {mayWrite && editing.value !== "name" && (
          <button
            class="icon-button"
            aria-label="Edit the name"
            title="Edit the name (e)"
            onClick={() => (editing.value = "name")}
          >
            <Icon name="edit" size={13} />
          </button>
        )}
        <span class="spring" />
        <Actions loaded={loaded} run={run} />
      </div>
      <div class="run-line run-facts">
        <Status status={run.status} />
        {loaded.row.value?.trashed && (
          <span class="run-trashed">
            <Icon name="trash" size={13} /> in the trash
          </span>
        )}
        <span class="run-id">
          <code>{run.id}</code>
          <CopyButton text={run.id} what="the id" />
        </span>
        <When loaded={loaded} run={run} />
        {editing.value === "tags" ? (
          <InPlace
            class="run-field"
            label="Tags, with commas between them"
            text={tagsText(tags)}
            done={(text) => {
              editing.value = null;
              if (text !== null) void setTags(loaded, tags, text);
            }}
          />
        ) : (
          <span class="run-tags">
            {tags.slice(0, MOST_TAGS).map((tag) => (
              <span key={tag} class="tag" title={tag}>
                <bdi>{tag}</bdi>
              </span>
            ))}
            {tags.length > MOST_TAGS && (
              <span class="count" title={tags.slice(MOST_TAGS).join(", ")}>
                and {tags.length - MOST_TAGS} more
              </span>
            )}
            {mayWrite && (
              <button class="button is-quiet is-small" onClick={() => (editing.value = "tags")}>
                {tags.length > 0 ? "Edit tags" : "Add tags"}
              </button>
            )}
          </span>
        )}
        <Writers run={run} />
      </div>
    </header>
  );
}

function search(): void {
  document.querySelector<HTMLInputElement>("#run-panel input[type=search]")?.focus();
}

function When({ loaded, run }: { loaded: Loaded; run: RunTold }) {
  const row = loaded.row.value;
  const started = timeOf(run.record["started_at"]) ?? row?.started ?? row?.created ?? null;
  const ended = timeOf(run.record["ended_at"]) ?? row?.ended ?? null;
  const duration = row?.duration ?? (started !== null && ended !== null ? ended - started : sinceStart(run, started));
  return (
    <>
      {started !== null && (
        <time dateTime={new Date(started * 1000).toISOString()} title={exactTime(started)}>
          {briefTime(started)}
        </time>
      )}
      {duration !== null && duration >= 0 && <span title={`${duration} s`}>{lasting(duration)}</span>}
    </>
  );
}

function sinceStart(run: RunTold, started: number | null): number | null {
  return run.status === "running" && started !== null ? Date.now() / 1000 - started : null;
}

function Writers({ run }: { run: RunTold }) {
  if (run.sources.length < 2) return null;
  return (
    <label class="run-writers">
      <span>Writer</span>
      <select
        value={place.value.writer === null ? "all" : `w${place.value.writer}`}
        onChange={(event) => {
          const { value } = event.currentTarget;
          visit({ writer: value === "all" ? null : value.slice(1), name: null, file: null });
        }}
      >
        <option value="all">all {run.sources.length}</option>
        {run.sources.map((one) => (
          <option key={one.writer} value={`w${one.writer}`}>
            {writerText(one.writer)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Actions({ loaded, run }: { loaded: Loaded; run: RunTold }) {
  const { project, id } = run;
  const [source] = sourcesOf(run, place.value.writer);
  const form = source?.kind === "stream" && "id" in source.record ? "jsonl" : "json";
  const isTrashed = loaded.row.value?.trashed != null;
  const tracker = isAlone.value ? "" : JSON.stringify(location.origin);
  const python = `runjson.open(${tracker}).run(${JSON.stringify(`${project}/${id}`)})`;
  return (
    <span class="run-actions">
      <button
        class="button"
        aria-label="Copy a line of Python that opens it"
        title={python}
        onClick={() => void copied(python, "The line is copied.")}
      >
        <Icon name="copy" /> <span>Python</span>
      </button>
      {source && (
        <a
          class="button"
          download
          aria-label="Download the run file"
          title="Download the run file"
          href={addressOf("/api/v1/export", { project, id, writer: source.writer, form })}
        >
          <Icon name="download" /> <span>Run file</span>
        </a>
      )}
      {mayEdit(project) && (
        <button
          class="button"
          aria-label={isTrashed ? "Take back" : "Trash"}
          onClick={() => void (isTrashed ? takeBack(loaded) : putAway(loaded))}
        >
          <Icon name={isTrashed ? "back" : "trash"} /> <span>{isTrashed ? "Take back" : "Trash"}</span>
        </button>
      )}
    </span>
  );
}

async function setTags(loaded: Loaded, before: readonly string[], text: string): Promise<void> {
  const changed = changedTags(before, text);
  if (changed !== null) await loaded.say({ tags: changed.tags, untags: changed.untags });
}

async function putAway(loaded: Loaded): Promise<void> {
  try {
    await post("/api/v1/trash", { runs: [loaded.key] });
    await loaded.load();
    tell("The run is in the trash.", { action: { label: "Undo", does: () => void takeBack(loaded) } });
  } catch (error) {
    tellFault(error);
  }
}

async function takeBack(loaded: Loaded): Promise<void> {
  try {
    await post("/api/v1/restore", { runs: [loaded.key] });
    await loaded.load();
    tell("The run is back.");
  } catch (error) {
    tellFault(error);
  }
}
