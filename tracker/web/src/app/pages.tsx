import type { ComponentType } from "preact";
import { share } from "../api/session";
import { RunsPage } from "../runs/page";

/** A page of the viewer. */
export interface Page {
  /** Its path; what it shows stands in the query. */
  path: string;
  title: string;
  /** The page, or how it is loaded: what is large and seldom looked at first comes in a file of its own. */
  view: ComponentType | { load: () => Promise<{ default: ComponentType }> };
  /** The keys that lead to it. */
  keys?: string;
  /** Whether it is shown by itself, also to who has not signed in. */
  isOpen?: boolean;
}

/** All pages. A new one is a line here, and a folder beside this one. */
export const PAGES: readonly Page[] = [
  { path: "/runs", title: "Runs", view: RunsPage, keys: "g r" },
  { path: "/charts", title: "Charts", view: { load: () => import("../charts/page") }, keys: "g c" },
  { path: "/compare", title: "Compare", view: { load: () => import("../compare/page") } },
  { path: "/run", title: "Run", view: { load: () => import("../run/page") } },
  { path: "/dashboards", title: "Dashboards", view: { load: () => import("../dashboards/list") } },
  { path: "/dashboard", title: "Dashboard", view: { load: () => import("../dashboards/page") } },
  { path: "/project", title: "Project", view: { load: () => import("../project/page") } },
  { path: "/account", title: "Account", view: { load: () => import("../account/page") } },
  { path: "/people", title: "People", view: { load: () => import("../account/people") } },
  { path: "/audit", title: "What was done", view: { load: () => import("../account/audit") } },
  { path: "/share", title: "Shared runs", view: { load: () => import("../account/shared") }, isOpen: true },
  { path: "/invitation", title: "Invitation", view: { load: () => import("../account/invited") }, isOpen: true },
];

// The pages for who came by the link of a share: those about runs, of which the server tells them only what was shared.
const ABOUT_RUNS: ReadonlySet<string> = new Set(["/runs", "/run", "/charts", "/compare"]);

/** The page that a path has for who came by the link of a share: one of the runs, or else their list. */
export function sharedPageAt(path: string): Page | undefined {
  return pageAt(ABOUT_RUNS.has(path) ? path : "/share");
}

/** The page of a path; `/` is that of the runs. */
export function pageAt(path: string): Page | undefined {
  const wanted = path === "/" ? "/runs" : path;
  return PAGES.find((one) => one.path === wanted);
}

/** Whether there is a page for who looks, so that a link to it leads somewhere. */
export function hasPage(path: string): boolean {
  return share.value ? ABOUT_RUNS.has(path) : pageAt(path) !== undefined;
}
