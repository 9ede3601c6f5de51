import { get, post } from "../api/client";
import { Problem } from "../api/problem";
import type { Dashboard } from "../api/schema";
import { href } from "../app/router";
import { arrangementOf, toldOf, type Arrangement } from "./arrangement";

/** A dashboard as it was saved. */
export interface Saved {
  project: string;
  name: string;
  version: number;
  person: string | null;
  changed: number;
  content: Arrangement;
}

export async function listDashboards(project: string, signal?: AbortSignal): Promise<Dashboard[]> {
  return (await get("/api/v1/dashboards", { project }, signal)).dashboards;
}

export async function loadDashboard(project: string, name: string, signal?: AbortSignal): Promise<Saved> {
  const told = await get("/api/v1/dashboards/one", { project, name }, signal);
  return { ...told, content: arrangementOf(told.content) };
}

/** Save one that nobody else changed meanwhile; a Problem of status 409 where somebody did. `was`: its name before. */
export async function saveDashboard(
  { project, name, version, content }: Pick<Saved, "project" | "name" | "version" | "content">,
  was: string | null = null,
): Promise<Saved> {
  const told = await post("/api/v1/dashboards", { project, name, version, was, content: toldOf(content) });
  return { ...told, content };
}

export async function removeDashboard(project: string, name: string): Promise<void> {
  await post("/api/v1/dashboards/remove", { project, name });
}

/** Whether somebody else changed it, or has one of this name. */
export function isConflict(error: unknown): error is Problem {
  return error instanceof Problem && error.status === 409;
}

export function dashboardsHref(project: string): string {
  return href("/dashboards", { project });
}

export function dashboardHref(project: string, name: string, isEditing = false): string {
  return href("/dashboard", { project, name, edit: isEditing ? "1" : null });
}

/** What keeps a text from being the name of a dashboard; empty if it is one. */
export function nameFault(name: string): string {
  if (name.trim() === "") return "Give it a name.";
  return [...name].length > 200 ? "A name has 200 characters at most." : "";
}

/** A name beside which none of the others stands. */
export function freeName(wanted: string, taken: readonly string[]): string {
  const begin = [...wanted].slice(0, 190).join("");
  if (!taken.includes(begin)) return begin;
  for (let at = 2; ; at++) if (!taken.includes(`${begin} ${at}`)) return `${begin} ${at}`;
}
