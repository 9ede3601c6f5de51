import { useSignal } from "@preact/signals";
import { get, post } from "../api/client";
import type { MadeToken, Token } from "../api/schema";
import { useAsked } from "../app/asked";
import { Confirm } from "../app/confirm";
import { OnceMade } from "../app/once";
import { isStanding, Moment, Standing, Until, type Column } from "../app/standing";
import { Command, Failed } from "../app/states";
import { Dialog } from "../design/dialog";
import { Icon } from "../design/icons";
import { NewToken } from "./newtoken";

const COLUMNS: readonly Column<Token>[] = [
  { head: "Name", isName: true, cell: (one) => <bdi>{one.name}</bdi> },
  { head: "May", cell: (one) => <span class={one.scope === "admin" ? "badge is-open" : "badge"}>{one.scope}</span> },
  { head: "Project", isName: true, cell: (one) => (one.project === null ? "all" : <bdi>{one.project}</bdi>) },
  { head: "Made", cell: (one) => <Moment at={one.created} /> },
  { head: "Last used", cell: (one) => <Moment at={one.used} /> },
  { head: "Until", cell: (one) => <Until expires={one.expires} ended={one.revoked} says="revoked" /> },
];

/** The tokens of a person: what programs have in place of a password. */
export function Tokens({ person }: { person: string }) {
  const asked = useAsked(async (signal) => (await get("/api/v1/tokens", { person }, signal)).tokens, [person]);
  const isMaking = useSignal(false);
  const made = useSignal<MadeToken | null>(null);
  const revoking = useSignal<Token | null>(null);
  if (asked.problem) return <Failed problem={asked.problem} again={() => void asked.again()} />;
  return (
    <section class="section" aria-label="Tokens">
      <div class="section-head">
        <div>
          <h2>Tokens</h2>
          <p class="hint">
            What programs have in place of your password. A token may do no more than you, and is shown once.
          </p>
        </div>
        <button class="button is-first" onClick={() => (isMaking.value = true)}>
          <Icon name="plus" /> New token
        </button>
      </div>
      {asked.value && (
        <Standing
          label="The tokens"
          all={[...asked.value].reverse()}
          keyOf={(one) => one.id}
          stands={(one) => isStanding(one.expires, one.revoked)}
          nothing="You have no token. A machine that sends runs to this server needs one."
          columns={COLUMNS}
          end={{ says: "Revoke", of: (one) => one.name, does: (one) => (revoking.value = one) }}
        />
      )}
      {isMaking.value && (
        <NewToken
          onClose={() => (isMaking.value = false)}
          onMade={(token) => {
            isMaking.value = false;
            made.value = token;
            void asked.again();
          }}
        />
      )}
      {made.value && (
        <Dialog title={`The token ${made.value.name}`} onClose={() => (made.value = null)}>
          <OnceMade
            label="The token"
            secret={made.value.secret}
            says="It is shown this once. Keep it as you keep a password; if it is lost or seen, revoke it and make another."
            onClose={() => (made.value = null)}
          >
            <div class="words">
              <p>On the machine of the runs, which asks for it:</p>
              <Command>{`runjson login ${location.origin}`}</Command>
              <p>
                In CI, and for other programs, it stands in the variable <code class="inline-code">RUNJSON_TOKEN</code>.
              </p>
            </div>
          </OnceMade>
        </Dialog>
      )}
      {revoking.value && (
        <Confirm
          title={`Revoke ${revoking.value.name}?`}
          label="Revoke"
          does={async () => {
            await post("/api/v1/tokens/revoke", { id: revoking.value?.id ?? 0, person });
            await asked.again();
          }}
          onClose={() => (revoking.value = null)}
        >
          <p>
            Programs that have the token <strong>{revoking.value.name}</strong> are refused from now on. What they
            tracked stays. It can not be made to work again.
          </p>
        </Confirm>
      )}
    </section>
  );
}
