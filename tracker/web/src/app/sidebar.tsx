import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { isLive } from "../api/changes";
import { keyOf } from "../api/runs";
import { isAlone, leaveShare, session, share, signOut } from "../api/session";
import { Icon, Mark, type IconName } from "../design/icons";
import { counted } from "../design/numbers";
import { isSheetOpen } from "./keysheet";
import { tellFault } from "./notices";
import { projects, watchProjects } from "./projects";
import { address, go, href } from "./router";
import { switchTheme, theme } from "./theme";

/** Whether the projects are shown: on a narrow window over the page, else beside it. */
export const isSidebarOpen = signal(!isNarrow());
/** Whether a new project is being made. */
export const isMaking = signal(false);
const filter = signal("");

/** Stands at the left of the top of a page: shows the projects, or hides them. */
export function SidebarButton() {
  return (
    <button
      class="icon-button"
      aria-label="Show or hide the projects"
      title="Show or hide the projects ([)"
      aria-expanded={isSidebarOpen.value}
      onClick={() => (isSidebarOpen.value = !isSidebarOpen.value)}
    >
      <Icon name="menu" />
    </button>
  );
}

/** The projects, and who is signed in. */
export function Sidebar() {
  useEffect(watchProjects, []);
  if (share.value) return <SharedSidebar />;
  return (
    <nav class="sidebar" aria-label="Projects" onKeyDown={closeByEscape}>
      <a class="brand" href="/runs">
        <Mark /> RunJSON
        <Live />
      </a>
      <div class="sidebar-search">
        <label class="field is-search">
          <Icon name="search" />
          <span class="unseen">Filter the projects</span>
          <input
            id="project-filter"
            type="search"
            placeholder="Projects"
            value={filter.value}
            onInput={(event) => (filter.value = event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter") goToFirst();
            }}
          />
        </label>
        {session.value?.writes && (
          <button
            class="icon-button"
            aria-label="New project"
            title="New project"
            onClick={() => (isMaking.value = true)}
          >
            <Icon name="plus" />
          </button>
        )}
      </div>
      <Projects />
      <div class="sidebar-end">
        <Administration />
        <button class="row-button" title="Light, dark, or as the system (T)" onClick={switchTheme}>
          <Icon name={theme.value === "dark" ? "moon" : theme.value === "light" ? "sun" : "half"} />
          <span>{THEMES[theme.value]}</span>
        </button>
        <button class="row-button" onClick={() => (isSheetOpen.value = true)}>
          <Icon name="keyboard" />
          <span>Keys</span>
          <kbd>?</kbd>
        </button>
        <Person />
      </div>
    </nav>
  );
}

function Live() {
  if (!isLive.value) return null;
  return <span class="live" role="img" aria-label="Changes show as they happen" title="Changes show as they happen" />;
}

/** What who came by the link of a share has in place of the projects. */
function SharedSidebar() {
  return (
    <nav class="sidebar" aria-label="Shared runs" onKeyDown={closeByEscape}>
      <a class="brand" href="/share">
        <Mark /> RunJSON
        <Live />
      </a>
      <div class="projects">
        <a class="row-button" href="/share" aria-current={address.value.path === "/share" ? "page" : undefined}>
          <Icon name="link" />
          <span>Shared runs</span>
          <span class="count">{counted(share.value?.runs.length ?? 0)}</span>
        </a>
      </div>
      <div class="sidebar-end">
        <button class="row-button" title="Light, dark, or as the system (T)" onClick={switchTheme}>
          <Icon name={theme.value === "dark" ? "moon" : theme.value === "light" ? "sun" : "half"} />
          <span>{THEMES[theme.value]}</span>
        </button>
        <button class="row-button" onClick={() => void leaveShare().then(() => go("/runs"), tellFault)}>
          <Icon name="back" />
          <span>Leave what was shared</span>
        </button>
      </div>
    </nav>
  );
}

/** What admins of a server alone have. */
function Administration() {
  if (isAlone.value || !session.value?.admin) return null;
  return (
    <>
      <PageLink path="/people" icon="people" label="People" />
      <PageLink path="/audit" icon="log" label="What was done" />
    </>
  );
}

function PageLink({ path, icon, label }: { path: string; icon: IconName; label: string }) {
  return (
    <a class="row-button" href={path} aria-current={address.value.path === path ? "page" : undefined}>
      <Icon name={icon} />
      <span>{label}</span>
    </a>
  );
}

function Projects() {
  const chosen = projectShown();
  const shown = matching();
  const total = (projects.value ?? []).reduce((sum, one) => sum + one.runs, 0);
  return (
    <ul class="projects">
      {filter.value === "" && (
        <li>
          <a class="row-button" href="/runs" aria-current={chosen === null && isRuns() ? "page" : undefined}>
            <Icon name="stack" />
            <span>All projects</span>
            <span class="count">{counted(total)}</span>
          </a>
        </li>
      )}
      {shown.map((one) => (
        <li key={one.name} class="project-item">
          <a
            class="row-button"
            href={href("/runs", { project: one.name })}
            aria-current={chosen === one.name && !isDashboards() ? "page" : undefined}
            title={one.name}
          >
            <Icon name="folder" />
            <span>
              <bdi>{one.name}</bdi>
            </span>
            <span class="count">{counted(one.runs)}</span>
          </a>
          <a
            class="icon-button project-about"
            href={href("/project", { project: one.name })}
            aria-label={`About ${one.name}`}
            title="What it holds, and who may see it"
          >
            <Icon name="about" size={14} />
          </a>
          {chosen === one.name && (
            <a
              class="row-button project-board"
              href={href("/dashboards", { project: one.name })}
              aria-current={isDashboards() ? "page" : undefined}
            >
              <Icon name="board" size={14} />
              <span>Dashboards</span>
            </a>
          )}
        </li>
      ))}
      {projects.value !== null && shown.length === 0 && filter.value !== "" && (
        <li class="hint">No project is called so.</li>
      )}
    </ul>
  );
}

function Person() {
  const who = session.value;
  if (isAlone.value || !who) return null;
  if (!who.person) {
    return (
      <a class="row-button" href={href("/sign-in", { next: location.pathname + location.search })}>
        <Icon name="person" />
        <span>Sign in</span>
      </a>
    );
  }
  return (
    <div class="person">
      <Icon name="person" />
      <a
        class="person-name"
        href="/account"
        title={who.admin ? `${who.person}, an admin: password and tokens` : `${who.person}: password and tokens`}
        aria-current={address.value.path === "/account" ? "page" : undefined}
      >
        <bdi>{who.person}</bdi>
      </a>
      {who.csrf && (
        <button class="button is-quiet" onClick={() => void signOut().catch(tellFault)}>
          Sign out
        </button>
      )}
    </div>
  );
}

/** The project that the page is about: that of a run on the page of the run. */
function projectShown(): string | null {
  const { path, query } = address.value;
  const run = path === "/run" ? query.get("run") : null;
  return run === null ? query.get("project") : keyOf(run).project;
}

function isRuns(): boolean {
  return address.value.path === "/runs" || address.value.path === "/";
}

function isDashboards(): boolean {
  return address.value.path.startsWith("/dashboard");
}

function matching() {
  const wanted = filter.value.toLowerCase();
  return (projects.value ?? []).filter((one) => one.name.toLowerCase().includes(wanted));
}

function goToFirst(): void {
  const first = matching()[0];
  if (first) go(href("/runs", { project: first.name }));
}

function closeByEscape(event: KeyboardEvent): void {
  if (event.key === "Escape" && isNarrow()) isSidebarOpen.value = false;
}

/** Whether the window has no room for the projects beside the page. */
export function isNarrow(): boolean {
  return !matchMedia("(min-width: 60rem)").matches;
}

const THEMES = { system: "As the system", light: "Light", dark: "Dark" };
