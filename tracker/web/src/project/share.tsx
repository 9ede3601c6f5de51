import { useSignal } from "@preact/signals";
import { get, post } from "../api/client";
import type { MadeShare } from "../api/schema";
import { useAsked } from "../app/asked";
import { Form } from "../app/form";
import { OnceMade } from "../app/once";
import { Failed } from "../app/states";
import { Dialog } from "../design/dialog";
import { briefTime, exactTime } from "../design/times";
import { Lasting } from "./invite";
import { secondsOf } from "./roles";
import "../design/pages.css";

// So many of the newest runs are offered; others are selected in the table.
const OFFERED = 200;

interface Props {
  project: string;
  /** The ids of the runs, where they are known; else they are chosen here. */
  runs?: readonly string[];
  onClose: () => void;
}

/** Makes a link to runs of a project. */
export default function ShareDialog(props: Props) {
  return <ShareRuns {...props} />;
}

export function ShareRuns({ project, runs, onClose }: Props) {
  const chosen = useSignal<readonly string[]>(runs ?? []);
  const made = useSignal<MadeShare | null>(null);
  if (made.value) {
    return (
      <Dialog title="The link is made" onClose={onClose}>
        <OnceMade
          label={made.value.runs.length === 1 ? "The link to the run" : `The link to ${made.value.runs.length} runs`}
          secret={made.value.link}
          says={`It is shown this once. Whoever has it looks at ${made.value.runs.length === 1 ? "this run" : "these runs"}${
            made.value.expires === null
              ? " until you end it."
              : ` until ${exactTime(made.value.expires)}, or until you end it.`
          }`}
          onClose={onClose}
        />
      </Dialog>
    );
  }
  return (
    <Dialog title="Share runs by a link" onClose={onClose}>
      <Form
        label="Make the link"
        onCancel={onClose}
        check={() => ({ "": chosen.value.length === 0 ? "Choose the runs that the link shows." : "" })}
        send={async (given) => {
          const expires_in = secondsOf(given("lasts"));
          made.value = await post("/api/v1/shares", { project, runs: [...chosen.value], expires_in });
        }}
      >
        {runs ? (
          <p class="words">
            {runs.length === 1
              ? "Whoever has the link looks at this run"
              : `Whoever has the link looks at these ${runs.length} runs`}
            , their files included, and at nothing else.
          </p>
        ) : (
          <Choose project={project} chosen={chosen.value} choose={(now) => (chosen.value = now)} />
        )}
        <Lasting label="It stands" chosen={30 * 86_400} />
      </Form>
    </Dialog>
  );
}

interface ChooseProps {
  project: string;
  chosen: readonly string[];
  choose: (now: readonly string[]) => void;
}

function Choose({ project, chosen, choose }: ChooseProps) {
  const text = useSignal("");
  const asked = useAsked(async (signal) => await get("/api/v1/runs", { project, limit: OFFERED }, signal), [project]);
  if (asked.problem) return <Failed problem={asked.problem} again={() => void asked.again()} />;
  const wanted = text.value.toLowerCase();
  const rows = (asked.value?.rows ?? []).filter((row) => `${row.name ?? ""} ${row.id}`.toLowerCase().includes(wanted));
  return (
    <>
      <label class="field">
        <span>Runs{chosen.length > 0 && `, ${chosen.length} chosen`}</span>
        <input
          type="search"
          placeholder="Search by name or id"
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
        />
      </label>
      <div class="picked-runs" role="group" aria-label="Runs">
        {rows.map((row) => (
          <label key={row.id}>
            <input
              type="checkbox"
              checked={chosen.includes(row.id)}
              onChange={() =>
                choose(chosen.includes(row.id) ? chosen.filter((one) => one !== row.id) : [...chosen, row.id])
              }
            />
            <bdi>{row.name ?? row.id}</bdi>
            <span class="count">{briefTime(row.created)}</span>
          </label>
        ))}
        {asked.value && rows.length === 0 && <p class="hint">No run is called so.</p>}
      </div>
      {(asked.value?.total ?? 0) > OFFERED && (
        <p class="hint">
          These are the {OFFERED} newest. Others can be selected in the table of runs, which has a Share button then.
        </p>
      )}
    </>
  );
}
