import { post } from "../api/client";
import { isAlone } from "../api/session";
import { Field, Form } from "../app/form";
import { projectFault } from "../app/names";
import { loadProjects } from "../app/projects";
import { go, href } from "../app/router";
import { Dialog } from "../design/dialog";
import "../design/pages.css";

/** A new project: whoever makes it is its owner. */
export default function NewProject({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="New project" onClose={onClose}>
      <Form
        label="Make the project"
        at="name"
        onCancel={onClose}
        check={(given) => ({ name: projectFault(given("name")) })}
        send={async (given) => {
          const name = given("name");
          await post("/api/v1/projects", { name, public: given("public") === "yes" });
          await loadProjects();
          onClose();
          go(href("/project", { project: name }));
        }}
      >
        <Field name="name" label="Name" hint="A slash puts it in a folder: vision/digits.">
          {(has) => <input {...has} autocomplete="off" autofocus spellcheck={false} />}
        </Field>
        {!isAlone.value && (
          <div class="choices-side" role="radiogroup" aria-label="Who may read it">
            <label class="choice">
              <input type="radio" name="public" value="no" defaultChecked />
              <span>
                <strong>Private</strong>
                <span class="hint">You, whom you invite, and the admins of this server read it.</span>
              </span>
            </label>
            <label class="choice">
              <input type="radio" name="public" value="yes" />
              <span>
                <strong>Public</strong>
                <span class="hint">Everybody who reaches this server reads it, also without signing in.</span>
              </span>
            </label>
          </div>
        )}
      </Form>
    </Dialog>
  );
}
