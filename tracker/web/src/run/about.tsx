import type { ComponentChildren } from "preact";
import { keyText } from "../api/runs";
import { href } from "../app/router";
import { lasting } from "../design/numbers";
import { briefTime, exactTime } from "../design/times";
import { CopyButton } from "./copy";
import { writerText } from "./loaded";
import { leafText } from "./nodes";
import type { Shown } from "./page";
import { tabHref } from "./place";
import { finiteOf, objectOf, textOf, textsOf, timeOf, type Said } from "./said";

function Fact({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Moment({ at }: { at: number }) {
  return (
    <time dateTime={new Date(at * 1000).toISOString()} title={exactTime(at)}>
      {briefTime(at)}
    </time>
  );
}

/** When and where a run was, by which code. */
export function About({ loaded, run, record }: Shown & { record: Said }) {
  const row = loaded.row.value;
  const [source, environment, parent] = [
    objectOf(record["source"]),
    objectOf(record["environment"]),
    objectOf(record["parent"]),
  ];
  const started = timeOf(record["started_at"]) ?? row?.started ?? null;
  const ended = timeOf(record["ended_at"]) ?? row?.ended ?? null;
  const commit = textOf(source["git/commit"]);
  const script = textOf(source["script"]);
  const command = [script, ...textsOf(source["arguments"])].filter((one) => one !== null).join(" ");
  const parentId = textOf(parent["id"]);
  const exit = finiteOf(record["exit_code"]) ?? finiteOf(environment["exit_code"]);
  const text = (value: unknown): string | null => (value === undefined || value === null ? null : leafText(value).text);
  const machine: [string, string | null][] = [
    ["Host", text(environment["host"])],
    ["User", text(environment["user"])],
    ["System", text(environment["os"])],
    ["Processor", [text(environment["cpu/model"]), cores(environment)].filter(Boolean).join(", ") || null],
    ["GPU", text(environment["gpu/0/name"])],
    ["Python", text(environment["python"])],
    ["R", text(environment["r"])],
    ["Compiler", text(environment["compiler"])],
  ];
  return (
    <>
      <dl class="facts">
        {started !== null && (
          <Fact label="Started">
            <Moment at={started} />
          </Fact>
        )}
        {ended !== null && (
          <Fact label="Ended">
            <Moment at={ended} />
          </Fact>
        )}
        {started !== null && ended !== null && <Fact label="Took">{lasting(Math.max(ended - started, 0))}</Fact>}
        {run.heard !== null && run.status === "running" && (
          <Fact label="Last heard of">
            <Moment at={run.heard} />
          </Fact>
        )}
        {exit !== null && <Fact label="Exit code">{exit}</Fact>}
        {textOf(record["group"]) !== null && (
          <Fact label="Group">
            <bdi>{textOf(record["group"])}</bdi>
          </Fact>
        )}
        {parentId !== null && (
          <Fact label="Goes on from">
            <a href={href("/run", { run: keyText({ project: run.project, id: parentId }) })}>
              <code>{parentId}</code>
            </a>
            {finiteOf(parent["step"]) !== null && <span class="hint"> at step {finiteOf(parent["step"])}</span>}
          </Fact>
        )}
        {run.sources.length > 1 && (
          <Fact label="Writers">{run.sources.map((one) => writerText(one.writer)).join(", ")}</Fact>
        )}
      </dl>
      {(commit !== null || command !== "") && (
        <>
          <h2>Code</h2>
          <dl class="facts">
            {commit !== null && (
              <Fact label="Commit">
                <code title={commit}>{commit.slice(0, 10)}</code> <CopyButton text={commit} what="the commit" />
                {textOf(source["git/branch"]) !== null && (
                  <span class="tag">
                    <bdi>{textOf(source["git/branch"])}</bdi>
                  </span>
                )}
                {source["git/dirty"] === true && (
                  <a class="dirty" href={tabHref("code")}>
                    changed since
                  </a>
                )}
              </Fact>
            )}
            {textOf(source["git/message"]) !== null && (
              <Fact label="Message">
                <bdi>{textOf(source["git/message"])}</bdi>
              </Fact>
            )}
            {command !== "" && (
              <Fact label="Program">
                <code class="wrapped">{command}</code> <CopyButton text={command} what="the command" />
              </Fact>
            )}
          </dl>
        </>
      )}
      {machine.some(([, value]) => value) && (
        <>
          <h2>Machine</h2>
          <dl class="facts">
            {machine.map(
              ([label, value]) =>
                value && (
                  <Fact key={label} label={label}>
                    <bdi>{value}</bdi>
                  </Fact>
                ),
            )}
          </dl>
        </>
      )}
    </>
  );
}

function cores(environment: Said): string | null {
  const count = finiteOf(environment["cpu/count"]);
  return count === null ? null : `${count} cores`;
}
