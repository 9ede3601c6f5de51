import { useSignal } from "@preact/signals";
import type { RunTold } from "../api/schema";
import { mayEdit } from "../app/projects";
import { Dialog } from "../design/dialog";
import { Icon } from "../design/icons";
import { About } from "./about";
import { CopyButton } from "./copy";
import { fileAddress } from "./files";
import { columnsOf, isHardware, recordOf, type Loaded } from "./loaded";
import { Markdown } from "./markdown";
import { leafText } from "./nodes";
import type { Shown } from "./page";
import { place, tabHref } from "./place";
import { objectOf, textOf, type Said } from "./said";
import { SeriesTable } from "./summary";

// The others stand behind the tab of charts.
const MOST = 30;

/** What a run was, and how it ended. */
export function Overview({ loaded, run }: Shown) {
  const { writer } = place.value;
  const record = recordOf(run, writer);
  const columns = columnsOf(run, writer, "series").filter((one) => !isHardware(one.name));
  return (
    <div class="run-page overview">
      <div class="overview-main">
        <Fault error={objectOf(record["error"])} />
        <Description loaded={loaded} run={run} text={textOf(record["description"])} />
        <Results values={objectOf(record["properties"])} />
        {columns.length > 0 && (
          <section>
            <h2>Series</h2>
            <SeriesTable run={run} columns={columns.slice(0, MOST)} label="Series" />
            {columns.length > MOST && (
              <p class="hint">
                <a href={tabHref("charts")}>All {columns.length} series</a>
              </p>
            )}
          </section>
        )}
        {columns.length === 0 && Object.keys(record).length < 6 && (
          <p class="hint">The run says nothing of its results yet. What it writes shows here within a second.</p>
        )}
      </div>
      <aside class="overview-aside" aria-label="About the run">
        <About run={run} loaded={loaded} record={record} />
      </aside>
    </div>
  );
}

function Fault({ error }: { error: Said }) {
  const [type, message, traceback] = ["type", "message", "traceback"].map((one) => textOf(error[one]));
  if (!type && !message && !traceback) return null;
  return (
    <section class="run-error" aria-label="Error">
      <h2>
        <Icon name="warning" /> <bdi>{type ?? "Error"}</bdi>
        {traceback && <CopyButton text={traceback} what="the traceback" />}
      </h2>
      {message && (
        <p>
          <bdi>{message}</bdi>
        </p>
      )}
      {traceback && (
        <details open={traceback.length < 4000}>
          <summary>Traceback</summary>
          <pre tabIndex={0}>{traceback}</pre>
        </details>
      )}
    </section>
  );
}

function Description({ loaded, run, text }: { loaded: Loaded; run: RunTold; text: string | null }) {
  const isEditing = useSignal(false);
  const draft = useSignal("");
  const mayWrite = mayEdit(run.project);
  if (!text && !mayWrite) return null;
  const edit = (): void => {
    draft.value = text ?? "";
    isEditing.value = true;
  };
  return (
    <section class="description">
      {text ? (
        <>
          <Markdown text={text} image={(path) => ownImage(loaded, run, path)} />
          {mayWrite && (
            <button class="icon-button description-edit" aria-label="Edit the description" onClick={edit}>
              <Icon name="edit" size={13} />
            </button>
          )}
        </>
      ) : (
        <button class="button is-quiet is-flush" onClick={edit}>
          <Icon name="edit" size={13} /> Describe this run
        </button>
      )}
      {isEditing.value && (
        <Dialog title="Description" onClose={() => (isEditing.value = false)}>
          <label class="field">
            <span class="unseen">Description</span>
            <textarea
              rows={12}
              value={draft.value}
              placeholder="What this run is about, in Markdown"
              onInput={(event) => (draft.value = event.currentTarget.value)}
            />
          </label>
          <div class="dialog-end">
            <button class="button" onClick={() => (isEditing.value = false)}>
              Cancel
            </button>
            <button
              class="button is-first"
              onClick={() => {
                isEditing.value = false;
                if (draft.value !== (text ?? "")) void loaded.say({ description: draft.value });
              }}
            >
              Save
            </button>
          </div>
        </Dialog>
      )}
    </section>
  );
}

/** The address of an image that the text names, if it is a file of the run. */
function ownImage(loaded: Loaded, run: RunTold, path: string): string | null {
  const found = loaded.files.value?.find((one) => one.path === path || (one.kind === "artifacts" && one.name === path));
  return found ? fileAddress(run, found) : null;
}

/** Final results: properties that are numbers. */
function Results({ values }: { values: Said }) {
  const numbers = Object.entries(values).filter(
    ([, value]) => typeof value === "number" || "$float" in objectOf(value) || "$int" in objectOf(value),
  );
  if (numbers.length === 0) return null;
  return (
    <section>
      <h2>Results</h2>
      <dl class="results">
        {numbers.slice(0, MOST).map(([name, value]) => (
          <div key={name}>
            <dt title={name}>
              <bdi>{name}</bdi>
            </dt>
            <dd title={leafText(value).exact}>{leafText(value).text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
