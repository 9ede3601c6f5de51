import type { RunTold } from "../api/schema";
import { sourcesOf, type OwnFile } from "./loaded";
import { finiteOf, objectOf, textOf, type Said } from "./said";

/** An artifact's file, or one that is elsewhere. */
export interface Listed {
  name: string;
  writer: string;
  /** The file, if the tracker has its bytes. */
  file: OwnFile | null;
  uri: string | null;
  bytes: number | null;
  sha256: string | null;
  mediaType: string | null;
  /** What the record says of it: kind, description, metadata. */
  said: Said;
}

/** A folder of names, or a file. */
export interface Branch {
  name: string;
  path: string;
  depth: number;
  listed: Listed | null;
  count: number;
  /** Of how many files the tracker has the bytes. */
  held: number;
  bytes: number;
}

/** All artifacts of whoever is looked at: files, files of directories, and those that are elsewhere. */
export function listedOf(run: RunTold, files: readonly OwnFile[], writer: string | null): Listed[] {
  const found: Listed[] = [];
  const together = objectOf(run.record["artifacts"]);
  for (const source of sourcesOf(run, writer)) {
    const said = objectOf(source.record["artifacts"]);
    const own = files.filter((one) => one.kind === "artifacts" && one.writer === source.writer);
    const covered = new Set<string>();
    // What was taken back is kept by the format as null, and is not shown; another writer may have taken it back.
    const isGone = (name: string): boolean => (writer === null ? together : said)[name] === null;
    for (const file of own) {
      const name = Object.hasOwn(said, file.name)
        ? file.name
        : (Object.keys(said).find((one) => file.name.startsWith(`${one}/`)) ?? file.name);
      if (isGone(name)) continue;
      covered.add(name);
      found.push({
        name: file.name,
        writer: source.writer,
        file,
        uri: null,
        bytes: file.bytes,
        sha256: file.sha256,
        mediaType: file.media_type,
        said: objectOf(said[name]),
      });
    }
    for (const [name, value] of Object.entries(said)) {
      if (covered.has(name) || isGone(name)) continue;
      found.push(elsewhere(name, source.writer, objectOf(value)));
    }
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function elsewhere(name: string, writer: string, said: Said): Listed {
  const data = textOf(said["data"]);
  const mediaType = textOf(said["media_type"]);
  const bytes = finiteOf(said["bytes"]) ?? (data === null ? null : Math.floor((data.length * 3) / 4));
  const sha256 = textOf(said["sha256"]);
  // Bytes that stand in the run file are served like those of a file.
  const file: OwnFile | null =
    data === null
      ? null
      : {
          kind: "artifacts",
          name,
          index: null,
          path: "",
          media_type: mediaType,
          sha256: "",
          bytes: bytes ?? 0,
          writer,
        };
  return { name, writer, file, uri: textOf(said["uri"]), bytes, sha256, mediaType, said };
}

/** The names as a tree, of which the closed folders are left out. */
export function branchesOf(all: readonly Listed[], closed: ReadonlySet<string>): Branch[] {
  const found: Branch[] = [];
  const folders = new Map<string, Branch>();
  for (const listed of all) {
    const parts = listed.name.split("/");
    const above: string[] = [];
    const held = listed.file === null ? 0 : 1;
    let isHidden = false;
    for (const part of parts.slice(0, -1)) {
      above.push(part);
      const path = `${above.join("/")}/`;
      let folder = folders.get(path);
      if (!folder) {
        folder = { name: part, path, depth: above.length, listed: null, count: 0, held: 0, bytes: 0 };
        folders.set(path, folder);
        if (!isHidden) found.push(folder);
      }
      folder.count += 1;
      folder.held += held;
      folder.bytes += listed.bytes ?? 0;
      isHidden ||= closed.has(path);
    }
    if (isHidden) continue;
    const name = parts[parts.length - 1] ?? listed.name;
    found.push({ name, path: idOf(listed), depth: parts.length, listed, count: 1, held, bytes: listed.bytes ?? 0 });
  }
  return found;
}

/** An artifact as the address names it. */
export function idOf(one: Listed): string {
  return one.writer === "" ? one.name : `${one.name}@${one.writer}`;
}
