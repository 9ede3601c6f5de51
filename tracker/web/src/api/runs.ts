import { get, post } from "./client";
import { Problem } from "./problem";
import type { RunKey, RunTold } from "./schema";

// The server tells of so many runs at once.
const AT_ONCE = 100;

/** A run as an address has it: an id holds no `/`, a project may. */
export function keyText(run: RunKey): string {
  return `${run.project}/${run.id}`;
}

/** The run that a text of `keyText` means. */
export function keyOf(text: string): RunKey {
  const at = text.lastIndexOf("/");
  return { project: text.slice(0, at), id: text.slice(at + 1) };
}

/** What the server tells of some runs, in their order; those that are not there are left out. */
export async function readRuns(keys: readonly RunKey[], signal: AbortSignal): Promise<RunTold[]> {
  const found: RunTold[] = [];
  for (let first = 0; first < keys.length; first += AT_ONCE) {
    found.push(...(await readSome(keys.slice(first, first + AT_ONCE), signal)));
  }
  return found;
}

/** What a run is called: its name, or else its id. */
export function nameOf({ id, record: { name } }: RunTold): string {
  return typeof name === "string" && name ? name : id;
}

/** What some runs are called beside each other: of one name, by their ids too, and of one id by their projects. */
export function toldApart(runs: readonly { key: string; name: string }[]): string[] {
  const names = counts(runs.map(({ name }) => name));
  const ids = counts(runs.map(({ key, name }) => `${name}\n${keyOf(key).id}`));
  return runs.map(({ key, name }) => {
    const { id } = keyOf(key);
    if ((names.get(name) ?? 0) < 2) return name;
    return (ids.get(`${name}\n${id}`) ?? 0) < 2 ? `${name} · ${id}` : `${name} · ${key}`;
  });
}

function counts(texts: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const text of texts) found.set(text, (found.get(text) ?? 0) + 1);
  return found;
}

async function readSome(keys: readonly RunKey[], signal: AbortSignal): Promise<readonly RunTold[]> {
  try {
    return (await post("/api/v1/runs/read", { runs: [...keys] }, signal)).runs;
  } catch (error) {
    // One run that is gone refuses all: those that are there are asked for alone.
    if (!isGone(error)) throw error;
    const found = await Promise.all(keys.map((key) => readAlone(key, signal)));
    return found.filter((one) => one !== null);
  }
}

async function readAlone(key: RunKey, signal: AbortSignal): Promise<RunTold | null> {
  try {
    return await get("/api/v1/run", key, signal);
  } catch (error) {
    if (!isGone(error)) throw error;
    return null;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Problem && error.status === 404;
}
