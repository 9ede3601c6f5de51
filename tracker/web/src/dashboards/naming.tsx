import type { Dashboard } from "../api/schema";
import { Field, Form } from "../app/form";
import { tell } from "../app/notices";
import { go } from "../app/router";
import { Dialog } from "../design/dialog";
import { beginWith, BEGINNINGS } from "./beginnings";
import { forget, unsaved } from "./draft";
import { dashboardHref, freeName, loadDashboard, nameFault, saveDashboard } from "./server";
import "../design/pages.css";

interface Props {
  project: string;
  /** The names that there are. */
  taken: readonly string[];
  onClose: () => void;
}

/** A new dashboard: what it is called, and what it begins with. */
export function NewDashboard({ project, taken, onClose }: Props) {
  return (
    <Dialog title="New dashboard" onClose={onClose}>
      <Form
        label="Make it"
        at="name"
        onCancel={onClose}
        check={(given) => ({ name: faultOf(given("name"), taken) })}
        send={async (given) => {
          const name = given("name").trim();
          const beginning = BEGINNINGS.find((one) => one.name === given("beginning"))?.name ?? "empty";
          const content = await beginWith(beginning, project);
          await saveDashboard({ project, name, version: 0, content });
          onClose();
          go(dashboardHref(project, name, beginning === "empty"));
        }}
      >
        <Field name="name" label="Name">
          {(has) => <input {...has} autocomplete="off" autofocus defaultValue={freeName("Overview", taken)} />}
        </Field>
        <div class="board-beginnings" role="radiogroup" aria-label="It begins with">
          {BEGINNINGS.map((one, at) => (
            <label key={one.name}>
              <input type="radio" name="beginning" value={one.name} defaultChecked={at === 0} />
              <span>
                <strong>{one.title}</strong>
                <span class="hint">{one.says}</span>
              </span>
            </label>
          ))}
        </div>
      </Form>
    </Dialog>
  );
}

/** Call a dashboard something else. */
export function RenameDashboard({ of, taken, onClose, done }: Props & { of: Dashboard; done: () => Promise<void> }) {
  return (
    <Dialog title="Rename the dashboard" onClose={onClose}>
      <Form
        label="Rename"
        at="name"
        onCancel={onClose}
        check={(given) => {
          const name = given("name").trim();
          return { name: name === of.name ? "" : faultOf(name, taken) };
        }}
        send={async (given) => {
          const name = given("name").trim();
          if (name !== of.name) {
            const { content } = await loadDashboard(of.project, of.name);
            await saveDashboard({ ...of, name, content }, of.name);
            if (!unsaved(of.project, of.name)) forget(of.project, of.name);
            await done();
          }
          onClose();
        }}
      >
        <Field name="name" label="Name" hint="Links to it by the old name find it no more.">
          {(has) => <input {...has} autocomplete="off" autofocus defaultValue={of.name} />}
        </Field>
      </Form>
    </Dialog>
  );
}

/** A second one beside a dashboard. */
export async function duplicate(of: Dashboard, taken: readonly string[]): Promise<void> {
  const { content } = await loadDashboard(of.project, of.name);
  const name = freeName(`${of.name} copy`, taken);
  await saveDashboard({ project: of.project, name, version: 0, content });
  tell(`“${name}” was made.`, { action: { label: "Show it", does: () => go(dashboardHref(of.project, name)) } });
}

export function faultOf(given: string, taken: readonly string[]): string {
  const name = given.trim();
  return nameFault(name) || (taken.includes(name) ? "There is one of this name already." : "");
}
