import { useSignal } from "@preact/signals";
import { post } from "../api/client";
import type { Invitation } from "../api/schema";
import { loadSession, session } from "../api/session";
import { useAsked } from "../app/asked";
import { Field, Form } from "../app/form";
import { passwordFault, personFault } from "../app/names";
import { go, href } from "../app/router";
import { Empty } from "../app/states";
import { Mark } from "../design/icons";
import { exactTime } from "../design/times";
import { MAY } from "../project/roles";
import "../design/pages.css";

// Kept for as long as the tab, so that somebody may sign in first and come back.
const INVITATION = "runjson.invitation";

/** Where a guest comes in: as somebody new, or as who is signed in. */
export default function InvitedPage() {
  const secret = readSecret();
  const asked = useAsked(
    async (signal) => (secret === "" ? null : await post("/api/v1/invitations/asked", { secret }, signal)),
    [secret],
  );
  const isNew = useSignal(false);
  if (secret === "" || asked.problem) {
    return (
      <Empty icon="link" title="This invitation leads nowhere" isPage>
        <p>
          {secret === ""
            ? "A part of the link was lost on its way: it ends with # and some letters. Open all of it."
            : asked.problem?.message}
        </p>
        <a class="button" href="/runs">
          Go on without it
        </a>
      </Empty>
    );
  }
  const invitation = asked.value;
  const who = session.value?.person ?? null;
  const joins = who !== null && invitation?.project != null && !isNew.value;
  return (
    <div class="card is-wide sign-in" aria-busy={invitation === null}>
      <Mark size={44} />
      <h1>You are invited</h1>
      {invitation && <Says invitation={invitation} />}
      {invitation && joins && (
        <>
          <Form label={`Accept as ${who}`} send={() => accept({ secret })}>
            {null}
          </Form>
          <button class="button is-quiet" onClick={() => (isNew.value = true)}>
            Come in as somebody new instead
          </button>
        </>
      )}
      {invitation && !joins && (
        <>
          <Form
            label="Come in"
            at="name"
            check={(given) => ({
              name: personFault(given("name")),
              password: passwordFault(given("password")),
            })}
            send={(given) => accept({ secret, name: given("name"), password: given("password") })}
          >
            <Field name="name" label="Your name here" hint="Letters, digits and . _ - @">
              {(has) => <input {...has} autocomplete="username" autofocus spellcheck={false} />}
            </Field>
            <Field name="password" label="A password" hint="At least 8 characters; three or four words are good.">
              {(has) => <input {...has} type="password" autocomplete="new-password" />}
            </Field>
          </Form>
          {who === null && invitation.project !== null && (
            <a class="hint" href={href("/sign-in", { next: "/invitation" })}>
              I have an account here: sign in first
            </a>
          )}
        </>
      )}
      {invitation && <p class="hint">It works once, until {exactTime(invitation.expires)}.</p>}
    </div>
  );
}

function Says({ invitation: { by, project, role } }: { invitation: Invitation }) {
  return (
    <p class="words">
      <span>
        {by === null ? "Whoever runs this server" : <strong>{by}</strong>} invites you
        {project === null ? (
          " to this server of RunJSON."
        ) : (
          <>
            {" "}
            to the project <strong>{project}</strong>
            {role !== null && ` as ${role === "owner" ? "an" : "a"} ${role}, who ${MAY[role]}`}.
          </>
        )}
      </span>
    </p>
  );
}

type Accepting = { secret: string } | { secret: string; name: string; password: string };

async function accept(given: Accepting): Promise<void> {
  const { project } = await post("/api/v1/invitations/accept", given);
  sessionStorage.removeItem(INVITATION);
  await loadSession();
  go(href("/runs", { project }), { replace: true });
}

/** What stands behind the # of the link, which leaves the address, so that no one reads it over a shoulder. */
function readSecret(): string {
  const given = location.hash.slice(1);
  if (given) {
    sessionStorage.setItem(INVITATION, given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return given || (sessionStorage.getItem(INVITATION) ?? "");
}
