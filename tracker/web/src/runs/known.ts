import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get, isAborted, Latest } from "../api/client";
import { follow } from "../api/follow";
import { asProblem, type Problem } from "../api/problem";

/** The fields of a project, which filters, sorts and columns may name; null until they are known. */
export const fields = signal<readonly string[] | null>(null);
export const fieldsProblem = signal<Problem | null>(null);

// New fields are rare, and a run that is followed changes each second.
const PACE = 10_000;
const latest = new Latest();

/** Know the fields of a project as long as a component is shown. */
export function useFields(project: string | null): void {
  useEffect(() => {
    fields.value = null;
    const stop = follow({
      concerns: (change) => project === null || change.project === project,
      does: () => loadFields(project),
      pace: PACE,
      atOnce: true,
    });
    return () => {
      stop();
      latest.stop();
    };
  }, [project]);
}

/** Ask for the fields again. */
export async function loadFields(project: string | null): Promise<void> {
  try {
    const found = (await get("/api/v1/fields", { project }, latest.next())).fields;
    fieldsProblem.value = null;
    // The same ones again change nothing that is shown.
    if (found.join("\0") !== fields.value?.join("\0")) fields.value = found;
  } catch (error) {
    if (!isAborted(error)) fieldsProblem.value = asProblem(error);
  }
}
