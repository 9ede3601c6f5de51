// Opens the files that a record names (section 7.1). Nothing outside the folder of the run file is opened.

import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";

const FORMATS = [
  ["image/png", /^\x89PNG\r\n\x1a\n/],
  ["image/jpeg", /^\xff\xd8\xff/],
  ["image/gif", /^GIF8[79]a/],
  ["image/webp", /^RIFF....WEBP/s],
  ["image/bmp", /^BM/],
  ["image/tiff", /^(II\*\0|MM\0\*)/],
  ["image/avif", /^....ftypavi[fs]/s],
  ["image/svg+xml", /^(\xef\xbb\xbf)?\s*<(\?xml|!--|!DOCTYPE svg|svg)/i],
];

/** Checks the file of a path. `reader` says which folder it is in, and takes the findings. */
export function checkFile(reader, file, at) {
  const folder = realpathSync(reader.folder);
  let real, stat;
  try {
    real = realpathSync(join(folder, file.path));
    stat = statSync(real);
  } catch {
    reader.fail("RJ301", at, "the file is missing");
  }
  if (real !== folder && !real.startsWith(folder.endsWith(sep) ? folder : folder + sep)) reader.fail("RJ302", at, "the file lies outside the folder of the run file");
  if (stat.isDirectory() && at[0] === "artifacts") return;
  if (!stat.isFile()) reader.fail("RJ305", at, "not a regular file");
  reader.checkBytes(file, at, stat.size, () => sha256OfFile(real));
  if (at[0] === "images") checkImage(reader, file, head(real), at, at);
}

/** Warns of an image that is none. */
export function checkImage(reader, file, bytes, at, place) {
  const type = file.media_type?.split(";")[0].trim().toLowerCase();
  if (at[0] !== "images" || (type !== undefined && !type.startsWith("image/"))) return;
  const begin = bytes.toString("latin1", 0, 256);
  const found = FORMATS.find(([, pattern]) => pattern.test(begin))?.[0];
  if (found === undefined || (FORMATS.some(([name]) => name === type) && found !== type)) reader.warn("RJ306", place, "not an image of this format");
}

function* chunks(path) {
  const descriptor = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(1 << 16);
    for (let size; (size = readSync(descriptor, buffer)) > 0; ) yield buffer.subarray(0, size);
  } finally {
    closeSync(descriptor);
  }
}

function sha256OfFile(path) {
  const hash = createHash("sha256");
  for (const chunk of chunks(path)) hash.update(chunk);
  return hash.digest("hex");
}

function head(path) {
  for (const chunk of chunks(path)) return chunk;
  return Buffer.alloc(0);
}
