import { useEffect } from "preact/hooks";
import { isAlone, session } from "../api/session";
import { get } from "../api/client";
import { useAsked } from "../app/asked";
import { uploadCommand } from "../app/commands";
import { loadProjects, owns, projects } from "../app/projects";
import { address, href } from "../app/router";
import { Command, Empty, Failed, Waiting } from "../app/states";
import { Top } from "../app/top";
import { Icon } from "../design/icons";
import { Holdings } from "./holdings";
import { Invite } from "./invite";
import { Members } from "./members";
import { Privacy } from "./privacy";
import { Shares } from "./shares";
import "../design/pages.css";

/** A project: what it holds, how runs come in, and who may see it. */
export default function ProjectPage() {
  const name = address.value.query.get("project");
  if (name === null || name === "") return <NoProject />;
  return <OfProject key={name} name={name} />;
}

function OfProject({ name }: { name: string }) {
  const held = useAsked(
    async (signal) => ({
      statuses: (await get("/api/v1/groups", { project: name, by: ["status"] }, signal)).groups,
      newest: (await get("/api/v1/runs", { project: name, limit: 1 }, signal)).rows[0] ?? null,
    }),
    [name],
  );
  const found = projects.value?.find((one) => one.name === name);
  // Beside the rest, which does not wait for it: all files of all runs are looked at.
  const size = useAsked(async (signal) => await get("/api/v1/projects/size", { project: name }, signal), [name]);
  // The projects are told again as runs change, at a pace; so is what stands here.
  useEffect(() => {
    if (held.value !== null) void held.again();
    if (size.value !== null) void size.again();
  }, [found?.changed, found?.runs]);
  if (held.problem) {
    return (
      <>
        <Top title={name} />
        <Failed problem={held.problem} again={() => void held.again()} />
      </>
    );
  }
  return (
    <>
      <Top title={name}>
        {found?.public && !isAlone.value && (
          <span class="badge is-open">
            <Icon name="globe" size={12} /> public
          </span>
        )}
        <span class="spring" />
        <a class="button" href={href("/runs", { project: name })}>
          <Icon name="table" /> Show the runs
        </a>
      </Top>
      {held.value === null || projects.value === null ? (
        <Waiting what="the project" />
      ) : (
        <div class="page">
          <Holdings project={name} role={found?.role ?? null} {...held.value} size={size.value} />
          {(found === undefined || found.role !== "viewer") && session.value?.writes && <Uploading project={name} />}
          {isAlone.value ? <Alone project={name} /> : <OfTeam project={name} isPublic={found?.public ?? false} />}
        </div>
      )}
    </>
  );
}

function OfTeam({ project, isPublic }: { project: string; isPublic: boolean }) {
  const isOwner = owns(project);
  const role = projects.value?.find((one) => one.name === project)?.role;
  return (
    <>
      <Privacy project={project} isPublic={isPublic} isOwner={isOwner} changed={() => void loadProjects()} />
      {role !== undefined && role !== "viewer" && <Members project={project} isOwner={isOwner} />}
      {isOwner && <Invite project={project} />}
      {role !== undefined && role !== "viewer" && <Shares project={project} isOwner={isOwner} />}
      {isOwner && (
        <section class="section">
          <div class="section-head">
            <div>
              <h2>What was done</h2>
              <p class="hint">Who edited runs, came in, got another role, or made a link.</p>
            </div>
            <a class="button" href={href("/audit", { project })}>
              <Icon name="log" /> Show the log
            </a>
          </div>
        </section>
      )}
    </>
  );
}

function Uploading({ project }: { project: string }) {
  return (
    <section class="section">
      <h2>Track a run here</h2>
      <p class="hint">The file may still grow: with --follow the run shows while it is being written.</p>
      <Command>{uploadCommand(project)}</Command>
      <Command>{uploadCommand(project, "runs --follow")}</Command>
      {!isAlone.value && (
        <p class="hint">
          The machine of the runs needs a <a href="/account">token</a> once:{" "}
          <code>runjson login {location.origin}</code>.
        </p>
      )}
    </section>
  );
}

/** How what one person has here becomes something that others see. */
function Alone({ project }: { project: string }) {
  return (
    <section class="section">
      <h2>Share it</h2>
      <p class="hint">
        This tracker is served to you alone, on this machine. With a server, others have their own names, roles in
        projects, and links to single runs.
      </p>
      <h3>Serve this tracker to others</h3>
      <Command>runjson serve</Command>
      <h3>Or copy what is here to a tracker that a server has</h3>
      <Command>runjson store move FROM TO</Command>
      <h3>Or send runs of {project} to a server of your team</h3>
      <Command>runjson upload runs --to https://runs.example.org</Command>
    </section>
  );
}

function NoProject() {
  return (
    <>
      <Top title="Project" />
      <Empty icon="folder" title="No project is named">
        <p>Choose one of the list at the left.</p>
        <a class="button" href="/runs">
          <Icon name="table" /> Show all runs
        </a>
      </Empty>
    </>
  );
}
