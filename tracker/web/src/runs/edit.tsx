import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { get } from "../api/client";
import { asProblem } from "../api/problem";
import type { Row } from "../api/schema";
import { tellFault } from "../app/notices";
import { Dialog } from "../design/dialog";
import { edit } from "./actions";
import { changedTags, InPlace, tagsText } from "./inplace";
import type { Rows } from "./rows";

/** What of which run is being edited. */
export interface Editing {
  what: "name" | "tags" | "description";
  run: string;
  rows: Rows;
  done: () => void;
}

/** The field in which a name or tags are written, in the place of the cell. */
export function CellEditor({ editing, row }: { editing: Editing; row: Row }) {
  const isTags = editing.what === "tags";
  return (
    <InPlace
      class="cell-input"
      label={isTags ? "Tags, with commas between them" : "Name"}
      text={isTags ? tagsText(row.tags) : (row.name ?? "")}
      placeholder={isTags ? "tags, with commas between them" : row.id}
      done={(text) => {
        editing.done();
        if (text !== null) void (isTags ? setTags(editing.rows, row, text) : setName(editing.rows, row, text));
      }}
    />
  );
}

async function setName(rows: Rows, row: Row, text: string): Promise<void> {
  const name = text.trim();
  if (name !== "" && name !== row.name) await edit(rows, row, { name }, { name });
}

async function setTags(rows: Rows, row: Row, text: string): Promise<void> {
  const changed = changedTags(row.tags, text);
  if (changed === null) return;
  const { tags, untags, wanted } = changed;
  await edit(rows, row, { tags, untags }, { tags: wanted });
}

/** The description of a run, which is too long for a cell. */
export function DescriptionEditor({ rows, row, onClose }: { rows: Rows; row: Row; onClose: () => void }) {
  const text = useSignal<string | null>(null);
  const fault = useSignal("");
  useEffect(() => {
    get("/api/v1/run", { project: row.project, id: row.id })
      .then((run) => (text.value = typeof run.record["description"] === "string" ? run.record["description"] : ""))
      .catch((error: unknown) => (fault.value = asProblem(error).message));
  }, []);
  return (
    <Dialog title={`Description of ${row.name ?? row.id}`} onClose={onClose}>
      {fault.value && (
        <p class="fault" role="alert">
          {fault.value}
        </p>
      )}
      <label class="field">
        <span class="unseen">Description</span>
        <textarea
          rows={10}
          disabled={text.value === null}
          value={text.value ?? ""}
          placeholder="What this run is about; Markdown is shown as such on its page."
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
      </label>
      <div class="dialog-end">
        <button class="button" onClick={onClose}>
          Cancel
        </button>
        <button
          class="button is-first"
          disabled={text.value === null}
          onClick={() => {
            onClose();
            edit(rows, row, { description: text.value ?? "" }, {}).catch(tellFault);
          }}
        >
          Save
        </button>
      </div>
    </Dialog>
  );
}
