import { Field, Form } from "../app/form";
import { Dialog } from "../design/dialog";
import { briefTime } from "../design/times";
import { faultOf } from "./naming";
import { freeName, type Saved } from "./server";

interface Props {
  /** As somebody else saved it meanwhile; null where it was removed. */
  theirs: Saved | null;
  name: string;
  taken: readonly string[];
  /** Have what they saved. */
  take: () => void;
  /** Save what was changed here under another name. */
  saveAs: (name: string) => Promise<void>;
  onClose: () => void;
}

/** What can be done where somebody else changed a dashboard meanwhile. */
export function Conflict({ theirs, name, taken, take, saveAs, onClose }: Props) {
  const who = theirs?.person ?? "Somebody";
  return (
    <Dialog title="Changed meanwhile" onClose={onClose}>
      <p>
        {theirs ? (
          <>
            <bdi>{who}</bdi> saved this dashboard at {briefTime(theirs.changed)}, after you had loaded it. Nothing of
            yours is lost, and nothing of theirs.
          </>
        ) : (
          <>Somebody removed this dashboard after you had loaded it. Nothing of yours is lost.</>
        )}
      </p>
      <Form
        label="Save mine under this name"
        at="name"
        check={(given) => ({ name: faultOf(given("name"), taken) })}
        send={async (given) => saveAs(given("name").trim())}
      >
        <Field name="name" label="Another name for mine">
          {(has) => <input {...has} autocomplete="off" defaultValue={freeName(`${name} (mine)`, taken)} />}
        </Field>
      </Form>
      {theirs && (
        <p class="board-take">
          <button class="button is-quiet" onClick={take}>
            Load theirs, and drop mine
          </button>
        </p>
      )}
    </Dialog>
  );
}
