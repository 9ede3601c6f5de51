import { addressOf } from "../api/client";
import { problemOf } from "../api/problem";
import type { RunKey, RunTold } from "../api/schema";
import type { OwnFile } from "./loaded";

/** The address of a file; with its digest, so that the browser keeps it. */
export function fileAddress(
  run: RunKey,
  file: Pick<OwnFile, "kind" | "name" | "index" | "writer"> & { sha256?: string },
): string {
  const { kind, name, index, writer } = file;
  return addressOf("/api/v1/file", {
    project: run.project,
    id: run.id,
    kind,
    name,
    writer,
    index: index ?? undefined,
    sha256: file.sha256 || undefined,
  });
}

/** The address of all files whose names begin so, as one .zip; of a writer alone, or of all. */
export function folderAddress(run: RunTold, name: string, writer: string | null): string {
  const isKnown = run.sources.some((one) => one.writer === writer);
  const { project, id } = run;
  return addressOf("/api/v1/folder", { project, id, name, writer: isKnown ? writer : undefined });
}

/** The bytes of a file from its beginning, and whether these are all. */
export interface Head {
  bytes: Uint8Array<ArrayBuffer>;
  isWhole: boolean;
}

/** Read a file until so many bytes are there. */
export async function readHead(address: string, most: number, signal: AbortSignal): Promise<Head> {
  const answer = await fetch(address, { credentials: "same-origin", signal });
  if (!answer.ok) throw await problemOf(answer);
  const reader = answer.body?.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const read = await reader?.read();
    if (!read || read.done) break;
    parts.push(read.value);
    size += read.value.length;
    if (size > most) {
      await reader?.cancel();
      break;
    }
  }
  const all = new Uint8Array(Math.min(size, most));
  let at = 0;
  for (const part of parts) {
    const room = part.subarray(0, all.length - at);
    all.set(room, at);
    at += room.length;
  }
  return { bytes: all, isWhole: size <= most };
}

/** Bytes as an address that an image may have: what is in it is drawn, and never run. */
export function dataAddress(bytes: Uint8Array, mediaType: string): string {
  let text = "";
  const PIECE = 0x8000; // as many arguments as every browser takes
  for (let at = 0; at < bytes.length; at += PIECE) text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return `data:${mediaType};base64,${btoa(text)}`;
}

const TYPES: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  svg: "image/svg+xml",
  bmp: "image/bmp",
  avif: "image/avif",
  ico: "image/x-icon",
};
/** Those that the server sends as what they are. */
const INLINE = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/** The end of a name, in small letters. */
export function endOf(name: string): string {
  return /\.([^./]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
}

/** The type of an image that browsers draw; null for others. */
export function imageType(mediaType: string | null, name: string): string | null {
  const said = mediaType?.split(";")[0]?.trim().toLowerCase().replace("image/jpg", "image/jpeg") ?? "";
  if (Object.values(TYPES).includes(said)) return said;
  return said === "" || said === "application/octet-stream" ? (TYPES[endOf(name)] ?? null) : null;
}

/** Whether the server sends such an image as one. */
export function isInline(type: string): boolean {
  return INLINE.has(type);
}

/** Bytes as people read them. */
export function sizeText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let at = 0;
  let size = bytes;
  while (size >= 1000 && at < units.length - 1) {
    size /= 1000;
    at += 1;
  }
  return `${at === 0 || size >= 100 ? Math.round(size) : size.toPrecision(2)} ${units[at] ?? ""}`;
}
