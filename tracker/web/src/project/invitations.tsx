import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get, post } from "../api/client";
import type { StandingInvitation } from "../api/schema";
import { useAsked } from "../app/asked";
import { Confirm } from "../app/confirm";
import { href } from "../app/router";
import { Moment, Standing, type Column } from "../app/standing";
import { Failed } from "../app/states";

interface Props {
  /** To which one is invited; null for all of the server. */
  project: string | null;
  /** Another value for each invitation that was made here. */
  newest: unknown;
}

const COLUMNS: readonly Column<StandingInvitation>[] = [
  { head: "As", cell: (one) => one.role ?? "–" },
  {
    head: "Invited by",
    isName: true,
    cell: (one) => (one.by === null ? <span class="hint">the command line</span> : <bdi>{one.by}</bdi>),
  },
  { head: "Made", cell: (one) => <Moment at={one.created} /> },
  { head: "Until", cell: (one) => <Moment at={one.expires} /> },
];
const WITH_PROJECT: readonly Column<StandingInvitation>[] = [
  {
    head: "To",
    isName: true,
    cell: (one) =>
      one.project === null ? (
        "this server"
      ) : (
        <a href={href("/project", { project: one.project })}>
          <bdi>{one.project}</bdi>
        </a>
      ),
  },
  ...COLUMNS,
];

/** The invitations that nobody used yet. Their links are shown to nobody any more. */
export function Invitations({ project, newest }: Props) {
  const asked = useAsked(
    async (signal) => (await get("/api/v1/invitations", { project }, signal)).invitations,
    [project],
  );
  const ending = useSignal<StandingInvitation | null>(null);
  useEffect(() => {
    if (asked.value !== null) void asked.again();
  }, [newest]);
  if (asked.problem) return <Failed problem={asked.problem} again={() => void asked.again()} />;
  return (
    <>
      {asked.value && (
        <Standing
          label="The invitations"
          all={asked.value}
          keyOf={(one) => one.id}
          nothing="No invitation stands."
          columns={project === null ? WITH_PROJECT : COLUMNS}
          end={{ says: "Withdraw", of: whatOf, does: (one) => (ending.value = one) }}
        />
      )}
      {ending.value && (
        <Confirm
          title="Withdraw the invitation?"
          label="Withdraw"
          does={async () => {
            const { id = "", project: to = null } = ending.value ?? {};
            await post("/api/v1/invitations/withdraw", { id, project: to });
            await asked.again();
          }}
          onClose={() => (ending.value = null)}
        >
          <p>Nobody comes in by its link any more. You can invite your guest again.</p>
        </Confirm>
      )}
    </>
  );
}

function whatOf(one: StandingInvitation): string {
  const by = one.by === null ? "" : ` by ${one.by}`;
  return one.role === null ? `the invitation${by}` : `the invitation as ${one.role}${by}`;
}
