import { isAlone } from "../api/session";

/** The command that tracks a run file here, in a project if one is named. */
export function uploadCommand(project: string | null, file = "run.json"): string {
  const to = isAlone.value ? "" : ` --to ${location.origin}`;
  return `runjson upload ${file}${to}${project === null ? "" : ` --project ${shellWord(project)}`}`;
}

/** A text as one word of a shell's command, whatever is in it. */
export function shellWord(text: string): string {
  return /^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
