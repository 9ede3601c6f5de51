import { useSignal } from "@preact/signals";
import { post } from "../api/client";
import type { Invited } from "../api/schema";
import { Field, Form } from "../app/form";
import { Once } from "../app/once";
import { exactTime } from "../design/times";
import { Invitations } from "./invitations";
import { LASTING, roleOf, ROLES, secondsOf, WEEK } from "./roles";

/** A link by which one person comes in, as a member of a project. */
export function Invite({ project }: { project: string }) {
  const made = useSignal<Invited | null>(null);
  return (
    <section class="section" aria-label="Invite somebody">
      <div class="section-head">
        <div>
          <h2>Invite somebody</h2>
          <p class="hint">
            A link by which one person comes in, once: who has no account here yet chooses a name and a password.
          </p>
        </div>
      </div>
      <Form
        label="Make a link"
        isLine
        send={async (given) => {
          const asked = { project, role: roleOf(given("role")), expires_in: secondsOf(given("lasts")) ?? WEEK };
          made.value = await post("/api/v1/invitations", asked);
        }}
      >
        <Field name="role" label="Invite as">
          {(has) => (
            <select {...has}>
              {ROLES.map((role) => (
                <option key={role}>{role}</option>
              ))}
            </select>
          )}
        </Field>
        <Lasting label="The link stands for" chosen={WEEK} isForGood={false} />
      </Form>
      {made.value && <Once {...linkOf(made.value)} />}
      <Invitations project={project} newest={made.value?.secret ?? null} />
    </section>
  );
}

/** What is told, this once, of an invitation that was made. */
export function linkOf(made: Invited): { label: string; secret: string; says: string } {
  return {
    label: "The link for your guest",
    secret: made.link,
    says: `It is shown this once, works once, and until ${exactTime(made.expires)}. Send it to nobody but your guest.`,
  };
}

/** How long something stands. */
export function Lasting({
  label,
  chosen,
  isForGood = true,
}: {
  label: string;
  chosen: number | null;
  isForGood?: boolean;
}) {
  return (
    <Field name="lasts" label={label}>
      {(has) => (
        <select {...has}>
          {LASTING.filter((one) => isForGood || one.seconds !== null).map(({ seconds, says }) => (
            <option key={says} value={seconds ?? ""} selected={seconds === chosen}>
              {says}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
