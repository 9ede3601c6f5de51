import { keyText } from "../api/runs";
import type { GroupTold, ProjectSize, Role, Row } from "../api/schema";
import { isAlone } from "../api/session";
import { href } from "../app/router";
import { counted, exactCount } from "../design/numbers";
import { briefTime, exactTime } from "../design/times";
import { sizeText } from "../run/files";
import { Status } from "../runs/status";

interface Props {
  project: string;
  /** What the caller may do there. */
  role: Role | null;
  statuses: readonly GroupTold[];
  newest: Row | null;
  /** How much it holds; null until that is known. */
  size: ProjectSize | null;
}

const YOU: Readonly<Record<Role, string>> = {
  viewer: "you read its runs",
  contributor: "you track and edit runs",
  owner: "you may do everything here",
};
// As they follow on one another; what a run says that is none of these comes last.
const ORDER = ["running", "succeeded", "failed", "crashed", "aborted"];

/** What a project holds: how many runs of each status, how much, and the newest. */
export function Holdings({ project, role, statuses, newest, size }: Props) {
  const total = statuses.reduce((sum, one) => sum + one.runs, 0);
  const known = statuses.map(({ key, runs }) => ({ status: typeof key[0] === "string" ? key[0] : null, runs }));
  known.sort((one, other) => placeOf(one.status) - placeOf(other.status));
  return (
    <section class="section" aria-label="What it holds">
      <dl class="figures">
        <div>
          <dt>Runs</dt>
          <dd>{exactCount(total)}</dd>
        </div>
        <div>
          <dt>Points</dt>
          <dd title={size === null ? undefined : exactCount(size.points)}>
            {size === null ? "–" : counted(size.points)}
          </dd>
        </div>
        <div>
          <dt>Files</dt>
          <dd title={size === null ? undefined : `${exactCount(size.bytes)} bytes`}>
            {size === null ? "–" : sizeText(size.bytes)}
            <small>{size === null ? "\u00a0" : filesOf(size.files)}</small>
          </dd>
        </div>
        <div>
          <dt>Newest run</dt>
          <dd>{newest === null ? "–" : <Newest run={newest} />}</dd>
        </div>
        {!isAlone.value && (
          <div>
            <dt>Your role</dt>
            <dd>
              {role ?? "none"}
              <small>{role === null ? "" : YOU[role]}</small>
            </dd>
          </div>
        )}
      </dl>
      {total > 0 && (
        <>
          <div class="status-bar" aria-hidden="true">
            {known.map(({ status, runs }) => (
              <span key={status} class={`is-${status}`} style={{ flexGrow: runs }} />
            ))}
          </div>
          <ul class="statuses">
            {known.map(({ status, runs }) => (
              <li key={status}>
                <a
                  href={href("/runs", {
                    project,
                    where: status === null ? null : `status == ${JSON.stringify(status)}`,
                  })}
                >
                  {status === null ? "no status" : <Status status={status} />}
                  <span class="count">{exactCount(runs)}</span>
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function filesOf(count: number): string {
  return count === 1 ? "1 file" : `${exactCount(count)} different files`;
}

function placeOf(status: string | null): number {
  const place = ORDER.indexOf(status ?? "");
  return place < 0 ? ORDER.length : place;
}

function Newest({ run }: { run: Row }) {
  const name = <bdi title={run.name ?? run.id}>{run.name ?? run.id}</bdi>;
  return (
    <>
      <a href={href("/run", { run: keyText(run) })}>{name}</a>
      <small title={exactTime(run.created)}>{briefTime(run.created)}</small>
    </>
  );
}
