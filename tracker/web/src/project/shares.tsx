import { useSignal } from "@preact/signals";
import { get, post } from "../api/client";
import { keyText } from "../api/runs";
import type { Share } from "../api/schema";
import { session } from "../api/session";
import { useAsked } from "../app/asked";
import { Confirm } from "../app/confirm";
import { href } from "../app/router";
import { isStanding, Moment, Standing, Until, type Column } from "../app/standing";
import { Failed } from "../app/states";
import { Icon } from "../design/icons";
import { ShareRuns } from "./share";

const COLUMNS: readonly Column<Share>[] = [
  { head: "Runs", isName: true, cell: (one) => <RunsOf share={one} /> },
  { head: "Shared by", isName: true, cell: (one) => <bdi>{one.person}</bdi> },
  { head: "Made", cell: (one) => <Moment at={one.created} /> },
  { head: "Until", cell: (one) => <Until expires={one.expires} ended={one.withdrawn} says="ended" /> },
];

/** The links by which whoever has one looks at some runs of a project. */
export function Shares({ project, isOwner }: { project: string; isOwner: boolean }) {
  const asked = useAsked(async (signal) => (await get("/api/v1/shares", { project }, signal)).shares, [project]);
  const isMaking = useSignal(false);
  const ending = useSignal<Share | null>(null);
  if (asked.problem) return <Failed problem={asked.problem} again={() => void asked.again()} />;
  return (
    <section class="section" aria-label="Share links">
      <div class="section-head">
        <div>
          <h2>Share links</h2>
          <p class="hint">
            Whoever has one looks at its runs and at nothing else, without an account. The link itself is shown once.
          </p>
        </div>
        <button class="button" onClick={() => (isMaking.value = true)}>
          <Icon name="link" /> Share runs
        </button>
      </div>
      {asked.value && (
        <Standing
          label="The links"
          all={asked.value}
          keyOf={(one) => one.id}
          stands={(one) => isStanding(one.expires, one.withdrawn)}
          nothing="No link stands."
          columns={COLUMNS}
          end={{
            says: "End",
            of: (one) => `the link to ${one.runs.join(", ")}`,
            may: (one) => isOwner || one.person === session.value?.person,
            does: (one) => (ending.value = one),
          }}
        />
      )}
      {isMaking.value && (
        <ShareRuns
          project={project}
          onClose={() => {
            isMaking.value = false;
            void asked.again();
          }}
        />
      )}
      {ending.value && (
        <Confirm
          title="End the link?"
          label="End the link"
          does={async () => {
            await post("/api/v1/shares/withdraw", { project, id: ending.value?.id ?? 0 });
            await asked.again();
          }}
          onClose={() => (ending.value = null)}
        >
          <p>Whoever has the link sees nothing any more. It can not be made to work again.</p>
        </Confirm>
      )}
    </section>
  );
}

/** The runs of a share; many in a few words. */
function RunsOf({ share }: { share: Share }) {
  const [first = ""] = share.runs;
  const label = <bdi>{first}</bdi>;
  return (
    <>
      <a href={href("/run", { run: keyText({ project: share.project, id: first }) })}>{label}</a>
      {share.runs.length > 1 && (
        <span class="hint" title={share.runs.slice(0, 50).join("\n")}>
          and {share.runs.length - 1} more
        </span>
      )}
    </>
  );
}
