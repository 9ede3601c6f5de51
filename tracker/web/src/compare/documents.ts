import { addressOf } from "../api/client";
import { problemOf } from "../api/problem";
import { countOf, namesOf } from "./entries";
import type { Compared } from "./told";

/** What has lines: a series of texts, or a file that is text. */
export interface Document {
  /** As the address has it. */
  id: string;
  kind: "text" | "artifacts";
  name: string;
  /** How many runs have it. */
  runs: number;
}

/** The lines of a document, and whether these are all. */
export interface Lines {
  lines: readonly string[];
  isCut: boolean;
}

export const MOST_LINES = 50_000;
export const MOST_BYTES = 4_000_000;
const ENDINGS =
  /(^|\/)(diff|README|LICENSE|Makefile|Dockerfile)$|\.(txt|log|md|csv|tsv|json|jsonl|ya?ml|toml|ini|cfg|conf|xml|html?|css|py|ipynb|r|jl|js|ts|tsx|sh|c|cc|cpp|h|hpp|rs|go|java|kt|rb|pl|lua|sql|tex|diff|patch)$/i;
const TYPES = /^(text\/|application\/(json|jsonl|yaml|x-yaml|toml|xml|x-sh|javascript)\b)/i;

/** What can be compared line by line: the texts, then the files, the changes of the source first among them. */
export function documentsOf(runs: readonly Compared[]): Document[] {
  const texts = namesOf(runs, "text").map((name): Document => ({
    id: `text:${name}`,
    kind: "text",
    name,
    runs: countOf(runs, "text", name),
  }));
  const files = runs.flatMap(({ told }) => told.sources.flatMap((one) => one.files ?? []));
  const names = new Set(
    files
      .filter((one) => one.kind === "artifacts" && isText(one.name, one.path, one.media_type))
      .map((one) => one.name),
  );
  const sorted = [...names].sort(
    (one, other) => Number(isSource(other)) - Number(isSource(one)) || one.localeCompare(other),
  );
  return [
    ...texts,
    ...sorted.map((name): Document => ({
      id: `file:${name}`,
      kind: "artifacts",
      name,
      runs: files.filter((one) => one.kind === "artifacts" && one.name === name).length,
    })),
  ];
}

function isSource(name: string): boolean {
  return name.startsWith("source/");
}

function isText(name: string, path: string, type: string | null): boolean {
  return type !== null && type !== "application/octet-stream" ? TYPES.test(type) : ENDINGS.test(path || name);
}

/** The lines of texts one behind another. */
export function linesOf(texts: readonly string[]): Lines {
  const all: string[] = [];
  for (const text of texts) {
    for (const line of text.replace(/\r?\n$/, "").split(/\r?\n/)) all.push(line);
    if (all.length > MOST_LINES) return { lines: all.slice(0, MOST_LINES), isCut: true };
  }
  return { lines: all, isCut: false };
}

/** The lines of a file of a run; null if it has none of this name. */
export async function readFile(run: Compared, name: string, signal: AbortSignal): Promise<Lines | null> {
  const { project, id, sources } = run.told;
  for (const { writer, files } of sources) {
    const file = files?.find((one) => one.kind === "artifacts" && one.name === name);
    if (!file) continue;
    const address = addressOf("/api/v1/file", { project, id, kind: "artifacts", name, writer, sha256: file.sha256 });
    // A range of a file that is shorter is all of it; an empty one has no range.
    const headers = { Range: `bytes=0-${MOST_BYTES - 1}` };
    const answer = await fetch(address, { credentials: "same-origin", headers, signal });
    if (answer.status === 416) return { lines: [], isCut: false };
    if (!answer.ok) throw await problemOf(answer);
    const text = await answer.text();
    const total = Number(/\/(\d+)$/.exec(answer.headers.get("Content-Range") ?? "")?.[1] ?? 0);
    const { lines, isCut } = linesOf([text]);
    return { lines, isCut: isCut || total > MOST_BYTES };
  }
  return null;
}
