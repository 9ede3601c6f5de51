// Opens the files that a record names (section 7.1). Nothing outside the folder of the run file is opened.

import { createHash } from "node:crypto";
import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";

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
  const real = followed(join(folder, file.path));
  if (!inside(folder, real)) reader.fail("RJ302", at, "the file lies outside the folder of the run file");
  const stat = statSync(real, { throwIfNoEntry: false });
  if (stat === undefined) reader.fail("RJ301", at, "the file is missing");
  if (stat.isDirectory() && at[0] === "artifacts") {
    for (const below of readdirSync(real, { recursive: true }))
      if (!inside(folder, followed(join(real, below)))) reader.fail("RJ302", at, "a file below the directory lies outside the folder of the run file");
    return;
  }
  if (!stat.isFile()) reader.fail("RJ305", at, "not a regular file");
  reader.checkBytes(file, at, stat.size, () => sha256OfFile(real));
  if (at[0] === "images") checkImage(reader, file, head(real), at, at);
}

// Where a path leads after every symbolic link, whether anything is there or not.
function followed(path) {
  for (let links = 0; links < 40; links += 1) {
    try {
      return realpathSync(path);
    } catch {
      const folder = dirname(path) === path ? path : followed(dirname(path));
      path = join(folder, basename(path));
      if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return path;
      path = resolve(folder, readlinkSync(path));
    }
  }
  return path;
}

const inside = (folder, real) => real === folder || real.startsWith(folder.endsWith(sep) ? folder : folder + sep);

/** Warns of an image that is none. */
export function checkImage(reader, file, bytes, at, place) {
  const type = file.media_type?.split(";")[0].trim().toLowerCase().replace(/^image\/jpg$/, "image/jpeg");
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
