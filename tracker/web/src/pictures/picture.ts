import type { FileTold, RunKey, RunTold } from "../api/schema";
import { fileAddress, imageType } from "../run/files";
import { finiteOf, objectOf, textOf } from "../run/said";

/** An image of a run: where it is, and how it is drawn. */
export interface Picture {
  address: string;
  /** Its media type; null where browsers do not draw it. */
  type: string | null;
  /** Kept elsewhere, so that there is nothing to draw. */
  uri: string | null;
  path: string;
  /** What is said of it. */
  says: string;
  /** As it was logged, in pixels. */
  width: number | null;
}

interface Entry {
  value: unknown;
  index: number;
  writer: string;
}

/** What an entry of images says, with what the server knows of its file. */
export function pictureOf(run: RunKey, name: string, { value, index, writer }: Entry, file: FileTold | null): Picture {
  const said = objectOf(value);
  const path = file?.path || textOf(said["path"]) || textOf(value) || "";
  const of = { kind: "images" as const, name, index, writer, sha256: file?.sha256 };
  return {
    address: fileAddress(run, of),
    type: imageType(file?.media_type ?? textOf(said["media_type"]), path),
    uri: textOf(said["uri"]),
    path,
    says: textOf(said["description"]) ?? "",
    width: finiteOf(said["width"]),
  };
}

/** What a run tells of the file of an entry; null for runs with so many files that they are asked for alone. */
export function fileOf({ sources }: RunTold, name: string, { index, writer }: Entry): FileTold | null {
  const files = sources.find((one) => one.writer === writer)?.files ?? [];
  return files.find((one) => one.kind === "images" && one.name === name && one.index === index) ?? null;
}

/** Whether it is here, and browsers draw it. */
export function isDrawable(picture: Picture): picture is Picture & { type: string } {
  return picture.uri === null && picture.type !== null;
}
