import { useSignal } from "@preact/signals";
import { get, post } from "../api/client";
import type { SignedIn } from "../api/schema";
import { useAsked } from "../app/asked";
import { Confirm } from "../app/confirm";
import { tell } from "../app/notices";
import { Moment, Standing, type Column } from "../app/standing";
import { Failed } from "../app/states";
import { briefTime } from "../design/times";

const COLUMNS: readonly Column<SignedIn>[] = [
  {
    head: "Signed in",
    isName: true,
    cell: (one) => (
      <>
        <Moment at={one.created} /> {one.current && <span class="badge is-good">this browser</span>}
      </>
    ),
  },
  { head: "Last used", cell: (one) => <Moment at={one.used} /> },
  { head: "Until", cell: (one) => <Moment at={one.expires} /> },
];

/** The browsers that somebody is signed in with. */
export function Sessions() {
  const asked = useAsked(async (signal) => (await get("/api/v1/sessions", undefined, signal)).sessions, []);
  const ending = useSignal<SignedIn | "others" | null>(null);
  const others = (asked.value ?? []).filter((one) => !one.current).length;
  if (asked.problem) return <Failed problem={asked.problem} again={() => void asked.again()} />;

  async function end(): Promise<void> {
    const wanted = ending.value;
    if (wanted === null) return;
    const { ended } = await post("/api/v1/sessions/end", { id: wanted === "others" ? null : wanted.id });
    tell(ended === 1 ? "One session ended." : `${ended} sessions ended.`);
    await asked.again();
  }

  return (
    <section class="section" aria-label="Sessions">
      <div class="section-head">
        <div>
          <h2>Sessions</h2>
          <p class="hint">
            The browsers that you are signed in with. One that you do not know? End it, and change your password, which
            ends all of them.
          </p>
        </div>
        {others > 0 && (
          <button class="button" onClick={() => (ending.value = "others")}>
            End all others
          </button>
        )}
      </div>
      {asked.value && (
        <Standing
          label="The sessions"
          all={asked.value}
          keyOf={(one) => one.id}
          nothing="You are signed in with no browser."
          columns={COLUMNS}
          end={{
            says: "End",
            of: (one) => `the session since ${briefTime(one.created)}`,
            may: (one) => !one.current,
            does: (one) => (ending.value = one),
          }}
        />
      )}
      {ending.value && (
        <Confirm
          title={ending.value === "others" ? "End all other sessions?" : "End the session?"}
          label={ending.value === "others" ? "End them" : "End it"}
          does={end}
          onClose={() => (ending.value = null)}
        >
          <p>
            {ending.value === "others" ? "All browsers but this one are" : "That browser is"} signed out at once. Tokens
            go on working.
          </p>
        </Confirm>
      )}
    </section>
  );
}
