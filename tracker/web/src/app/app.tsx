import { signal } from "@preact/signals";
import { lazy, Suspense } from "preact/compat";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { asProblem, type Problem } from "../api/problem";
import { beginSession, isShareEnded, mustSignIn, session, share } from "../api/session";
import { Icon } from "../design/icons";
import { Keysheet, isSheetOpen } from "./keysheet";
import { useKeys } from "./keys";
import { Notices } from "./notices";
import { pageAt, PAGES, sharedPageAt, type Page } from "./pages";
import { address, go } from "./router";
import { isMaking, isNarrow, isSidebarOpen, Sidebar } from "./sidebar";
import { SignIn } from "./signin";
import { Empty, Failed, Waiting } from "./states";
import { pageTitle } from "./title";
import { switchTheme } from "./theme";

const failure = signal<Problem | null>(null);
const NewProject = lazy(() => import("../project/create"));
const loaded = new Map<string, ComponentType>();

async function begin(): Promise<void> {
  failure.value = null;
  // The code of the page is on its way while it is asked who looks.
  const view = pageAt(address.value.path)?.view;
  if (view && "load" in view) void view.load().catch(() => undefined);
  try {
    await beginSession();
  } catch (error) {
    failure.value = asProblem(error);
  }
}

/** All of the viewer. */
export function App() {
  useEffect(() => {
    void begin();
    // Another link that is pasted over one differs behind the # alone, and loads nothing by itself.
    const again = (): void => void begin();
    addEventListener("hashchange", again);
    return () => removeEventListener("hashchange", again);
  }, []);
  if (failure.value) return <main class="alone">{<Failed problem={failure.value} again={() => void begin()} />}</main>;
  if (session.value === null) return <main class="alone" aria-busy="true" />;
  const page = pageAt(isShareEnded.value ? "/share" : address.value.path);
  if (page?.isOpen && share.value === null) return <main class="alone">{<Shown key={page.path} page={page} />}</main>;
  if (mustSignIn.value || address.value.path === "/sign-in") return <SignIn />;
  // What is on the pages is what this person may see: for another one they begin anew.
  return <Shell key={session.value.person ?? ""} />;
}

function Shell() {
  const { path } = address.value;
  const page = share.value ? sharedPageAt(path) : pageAt(path);
  const title = pageTitle.value;
  useEffect(() => {
    document.title = page ? `${title ?? address.value.query.get("project") ?? page.title} · RunJSON` : "RunJSON";
  });
  // On a narrow window the projects cover the page, so they go when somebody has chosen.
  useEffect(() => {
    if (isNarrow()) isSidebarOpen.value = false;
  }, [address.value.path, address.value.query.get("project")]);
  useKeys("Everywhere", [
    ...PAGES.filter((one) => one.keys).map((one) => ({
      keys: one.keys ?? "",
      says: `Go to ${one.title.toLowerCase()}`,
      does: () => go(one.path),
    })),
    { keys: "g p", says: "Go to the projects", does: focusProjects },
    { keys: "[", says: "Show or hide the projects", does: () => (isSidebarOpen.value = !isSidebarOpen.value) },
    { keys: "T", says: "Change between light and dark", does: switchTheme },
    { keys: "?", says: "Show these keys", does: () => (isSheetOpen.value = true) },
  ]);
  return (
    <div class={isSidebarOpen.value ? "shell is-open" : "shell"}>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <Sidebar />
      <div class="shade" onClick={() => (isSidebarOpen.value = false)} />
      <main id="main" class="main" tabIndex={-1}>
        {page ? <Shown key={page.path} page={page} /> : <Nowhere />}
      </main>
      <Notices />
      <Keysheet />
      {isMaking.value && (
        <Suspense fallback={null}>
          <NewProject onClose={() => (isMaking.value = false)} />
        </Suspense>
      )}
    </div>
  );
}

function Shown({ page }: { page: Page }) {
  const { view } = page;
  if (!("load" in view)) {
    const View = view;
    return <View />;
  }
  const View = loaded.get(page.path) ?? lazy(view.load);
  loaded.set(page.path, View);
  return (
    <Suspense fallback={<Waiting what={page.title.toLowerCase()} />}>
      <View />
    </Suspense>
  );
}

function Nowhere() {
  return (
    <Empty icon="warning" title="There is no such page" isPage>
      <p>The address may have been cut off on its way.</p>
      <a class="button" href="/runs">
        <Icon name="table" /> Show the runs
      </a>
    </Empty>
  );
}

function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function focusProjects(): void {
  isSidebarOpen.value = true;
  requestAnimationFrame(() => document.getElementById("project-filter")?.focus());
}
