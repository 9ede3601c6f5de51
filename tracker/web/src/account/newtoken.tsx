import { post } from "../api/client";
import type { MadeToken, NewToken as Wanted } from "../api/schema";
import { Field, Form } from "../app/form";
import { projects } from "../app/projects";
import { Dialog } from "../design/dialog";
import { Lasting } from "../project/invite";
import { secondsOf } from "../project/roles";

type Scope = NonNullable<Wanted["scope"]>;
const SCOPES: readonly { scope: Scope; title: string; says: string }[] = [
  { scope: "read", title: "Read", says: "Looks at runs." },
  { scope: "write", title: "Write", says: "Also tracks and edits runs, where you may. Machines that train need this." },
  { scope: "admin", title: "Admin", says: "All that you may: members, invitations, other tokens. Seldom needed." },
];
const DAY = 86_400;

/** A new token of whoever is signed in. */
export function NewToken({ onClose, onMade }: { onClose: () => void; onMade: (token: MadeToken) => void }) {
  return (
    <Dialog title="New token" onClose={onClose}>
      <Form
        label="Make the token"
        at="name"
        onCancel={onClose}
        check={(given) => ({ name: nameFault(given("name")) })}
        send={async (given) =>
          onMade(
            await post("/api/v1/tokens", {
              name: given("name"),
              scope: SCOPES.find((one) => one.scope === given("scope"))?.scope ?? "read",
              project: given("project") || null,
              expires_in: secondsOf(given("lasts")),
            }),
          )
        }
      >
        <Field name="name" label="Name" hint="Of the machine or the program that gets it, so that you know it again.">
          {(has) => <input {...has} autocomplete="off" autofocus placeholder="laptop" />}
        </Field>
        <div class="choices-down" role="radiogroup" aria-label="What it may do">
          {SCOPES.map(({ scope, title, says }) => (
            <label key={scope} class="choice">
              <input type="radio" name="scope" value={scope} defaultChecked={scope === "write"} />
              <span>
                <strong>{title}</strong>
                <span class="hint">{says}</span>
              </span>
            </label>
          ))}
        </div>
        <Field name="project" label="In which project">
          {(has) => (
            <select {...has}>
              <option value="">All that you see</option>
              {(projects.value ?? []).map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Lasting label="It works" chosen={365 * DAY} />
      </Form>
    </Dialog>
  );
}

function nameFault(name: string): string {
  if (name.trim() === "") return "Give it a name.";
  return name.length > 128 ? "A name has 128 characters at most." : "";
}
