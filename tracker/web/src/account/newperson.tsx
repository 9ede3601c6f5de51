import { useSignal } from "@preact/signals";
import { post } from "../api/client";
import type { Invited } from "../api/schema";
import { Field, Form } from "../app/form";
import { passwordFault, personFault } from "../app/names";
import { tell } from "../app/notices";
import { OnceMade } from "../app/once";
import { projects } from "../app/projects";
import { Dialog } from "../design/dialog";
import { Lasting, linkOf } from "../project/invite";
import { roleOf, ROLES, secondsOf, WEEK } from "../project/roles";

/** Adds somebody, with a first password or for signing in elsewhere. */
export function AddPerson({ onClose, changed }: { onClose: () => void; changed: () => Promise<void> }) {
  return (
    <Dialog title="Add somebody" onClose={onClose}>
      <Form
        label="Add"
        at="name"
        onCancel={onClose}
        check={(given) => ({
          name: personFault(given("name")),
          password: given("password") === "" ? "" : passwordFault(given("password")),
        })}
        send={async (given) => {
          await post("/api/v1/people", {
            name: given("name"),
            password: given("password") || null,
            admin: given("admin") === "yes",
            subject: given("subject") || null,
          });
          tell(`${given("name")} is added.`);
          onClose();
          await changed();
        }}
      >
        <p class="words">With an invitation people choose name and password themselves, and you need not know them.</p>
        <Field name="name" label="Name">
          {(has) => <input {...has} autocomplete="off" autofocus spellcheck={false} />}
        </Field>
        <Field name="password" label="First password" hint="Empty for who signs in elsewhere.">
          {(has) => <input {...has} type="password" autocomplete="new-password" />}
        </Field>
        <Field name="subject" label="Subject" hint="Who they are for OpenID Connect: the issuer, a space, the subject.">
          {(has) => <input {...has} autocomplete="off" spellcheck={false} />}
        </Field>
        <label class="choice">
          <input type="checkbox" name="admin" value="yes" />
          <span>
            <strong>Admin</strong>
            <span class="hint">An owner of every project, who says who has an account.</span>
          </span>
        </label>
      </Form>
    </Dialog>
  );
}

/** Gives somebody another password. */
export function GivePassword({ name, onClose }: { name: string; onClose: () => void }) {
  return (
    <Dialog title={`A new password for ${name}`} onClose={onClose}>
      <Form
        label="Set the password"
        at="password"
        onCancel={onClose}
        check={(given) => ({ password: passwordFault(given("password")) })}
        send={async (given) => {
          await post("/api/v1/people/password", { name, password: given("password") });
          tell(`${name} has another password, and is signed out.`);
          onClose();
        }}
      >
        <p class="words">
          {name} is signed out everywhere, and can change it again. Tokens go on working: revoke those that were seen.
        </p>
        <Field name="password" label="Password">
          {(has) => <input {...has} type="password" autocomplete="new-password" autofocus />}
        </Field>
      </Form>
    </Dialog>
  );
}

/** Makes a link by which one person gets an account, and becomes a member if a project is named. */
export function InvitePerson({ onClose, changed }: { onClose: () => void; changed: () => void }) {
  const made = useSignal<Invited | null>(null);
  const project = useSignal("");
  if (made.value) {
    return (
      <Dialog title="The link is made" onClose={onClose}>
        <OnceMade {...linkOf(made.value)} onClose={onClose} />
      </Dialog>
    );
  }
  return (
    <Dialog title="Invite somebody" onClose={onClose}>
      <Form
        label="Make a link"
        onCancel={onClose}
        send={async (given) => {
          const named = given("project") || null;
          made.value = await post("/api/v1/invitations", {
            project: named,
            role: named === null ? null : roleOf(given("role")),
            expires_in: secondsOf(given("lasts")) ?? WEEK,
          });
          changed();
        }}
      >
        <p class="words">By the link one person comes in, once, and chooses a name and a password.</p>
        <Field name="project" label="As a member of">
          {(has) => (
            <select {...has} value={project.value} onChange={(event) => (project.value = event.currentTarget.value)}>
              <option value="">no project yet</option>
              {(projects.value ?? []).map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        {project.value !== "" && (
          <Field name="role" label="as">
            {(has) => (
              <select {...has}>
                {ROLES.map((role) => (
                  <option key={role}>{role}</option>
                ))}
              </select>
            )}
          </Field>
        )}
        <Lasting label="The link stands for" chosen={WEEK} isForGood={false} />
      </Form>
    </Dialog>
  );
}
