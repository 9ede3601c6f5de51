import { signal } from "@preact/signals";
import { get, isAborted, Latest } from "../api/client";
import { follow } from "../api/follow";
import type { Project } from "../api/schema";
import { session } from "../api/session";
import { tellFault } from "./notices";

/** The projects that may be read; null until they are known. */
export const projects = signal<readonly Project[] | null>(null);

/** Whether runs of a project may be tracked and edited; null means: of any project. */
export function mayEdit(project: string | null): boolean {
  if (!session.value?.writes || projects.value === null) return false;
  return projects.value.some((one) => (project === null || one.name === project) && one.role !== "viewer");
}

/** Whether one says who is a member of a project. */
export function owns(project: string): boolean {
  return session.value?.writes === true && projects.value?.find((one) => one.name === project)?.role === "owner";
}

// Changes come in bursts; the counts follow them at this pace.
const PACE = 2000;
const latest = new Latest();

/** Load the projects now, and again when runs change, until the function that is returned is called. */
export function watchProjects(): () => void {
  const stop = follow({ concerns: () => true, does: loadProjects, pace: PACE, atOnce: true });
  return () => {
    stop();
    latest.stop();
  };
}

/** Ask for the projects again. */
export async function loadProjects(): Promise<void> {
  try {
    projects.value = (await get("/api/v1/projects", { empty: true }, latest.next())).projects;
  } catch (error) {
    if (!isAborted(error)) tellFault(error);
  }
}
