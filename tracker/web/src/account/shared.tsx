import { useEffect, useRef } from "preact/hooks";
import { post } from "../api/client";
import { follow } from "../api/follow";
import { keyText } from "../api/runs";
import type { FoundRun, Shared } from "../api/schema";
import { isShareEnded, share } from "../api/session";
import { useAsked } from "../app/asked";
import { href } from "../app/router";
import { Empty, Failed, Waiting } from "../app/states";
import { Top } from "../app/top";
import { Icon } from "../design/icons";
import { exactCount, lasting } from "../design/numbers";
import { briefTime, exactTime } from "../design/times";
import { Status } from "../runs/status";
import "../design/pages.css";

/** The runs that somebody shared by a link, and nothing else. */
export default function SharedPage() {
  if (share.value) return <OfShare key={share.value.runs.join("\n")} shared={share.value} />;
  return (
    <Empty
      icon="link"
      title={isShareEnded.value ? "This link shows nothing any more" : "A part of the link is missing"}
      isPage
    >
      <p>
        {isShareEnded.value
          ? "It was ended, or its time is over. Ask whoever gave it to you for another one."
          : "It ends with # and some letters, which were lost on their way. Open all of it."}
      </p>
      <a class="button" href="/runs" onClick={() => (isShareEnded.value = false)}>
        Go on without it
      </a>
    </Empty>
  );
}

// A run that is followed changes each second.
const PACE = 2000;

function OfShare({ shared }: { shared: Shared }) {
  const { project, runs, person, expires } = shared;
  const asked = useAsked(
    async (signal) => (await post("/api/v1/find", { texts: runs.map((id) => `${project}/${id}`) }, signal)).found,
    [],
  );
  const again = useRef(asked.again);
  again.current = asked.again;
  useEffect(
    () =>
      follow({
        concerns: (change) => change.project === project && runs.includes(change.run),
        does: () => again.current(),
        pace: PACE,
        ages: true,
      }),
    [],
  );
  if (asked.problem) return <Failed problem={asked.problem} again={() => void asked.again()} />;
  // An id is also the beginning of others: only the one that is meant counts.
  const found = (asked.value ?? []).flatMap((rows, at) => rows.filter((row) => row.id === runs[at]).slice(0, 1));
  const query = new URLSearchParams({ project });
  for (const one of found) query.append("run", keyText(one));
  const missing = runs.length - found.length;
  return (
    <>
      <Top title={project}>
        <span class="count">
          {exactCount(runs.length)} shared {runs.length === 1 ? "run" : "runs"}
        </span>
        <span class="spring" />
        {found.length > 1 && (
          <a class="button" href={href("/runs", { project })}>
            <Icon name="table" /> Table
          </a>
        )}
        {found.length > 0 && (
          <a class="button" href={href("/charts", query)}>
            <Icon name="curve" /> Charts
          </a>
        )}
        {found.length > 1 && (
          <a class="button" href={href("/compare", query)}>
            <Icon name="columns" /> Compare
          </a>
        )}
      </Top>
      {asked.value === null ? (
        <Waiting what="the shared runs" />
      ) : (
        <div class="page">
          <section class="section" aria-label="Shared runs">
            <p class="words">
              <span>
                <strong>{person}</strong> shares {runs.length === 1 ? "this run" : "these runs"} with whoever has the
                link
                {expires === null ? "." : `, until ${exactTime(expires)}.`}
              </span>
            </p>
            {found.length > 0 && <List rows={found} />}
            {missing > 0 && (
              <p class="nothing">
                {missing === 1 ? "A run is" : `${exactCount(missing)} runs are`} not there any more, and can not be
                shown.
              </p>
            )}
          </section>
        </div>
      )}
    </>
  );
}

function List({ rows }: { rows: readonly FoundRun[] }) {
  return (
    <div class="list-box" tabIndex={0} role="group" aria-label="The runs">
      <table class="list">
        <thead>
          <tr>
            <th>Run</th>
            <th>Status</th>
            <th>Started</th>
            <th>Took</th>
            <th>Series</th>
            <th>Points</th>
            <th>Tags</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td class="is-name">
                <a href={href("/run", { run: keyText(row) })}>
                  <bdi>{row.name ?? row.id}</bdi>
                </a>
                <span class="hint">
                  <bdi>{row.id}</bdi>
                </span>
              </td>
              <td>
                <Status status={row.status} />
              </td>
              <td class="is-short" title={row.started === null ? undefined : exactTime(row.started)}>
                {row.started === null ? "" : briefTime(row.started)}
              </td>
              <td class="is-short">{row.started !== null && row.ended !== null && lasting(row.ended - row.started)}</td>
              <td>{exactCount(row.series)}</td>
              <td>{exactCount(row.points)}</td>
              <td>
                {row.tags.map((tag) => (
                  <span key={tag} class="tag">
                    <bdi>{tag}</bdi>
                  </span>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
