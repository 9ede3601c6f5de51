import { keyOf } from "../api/runs";
import type { Points } from "./curve";
import { saveBlob } from "./save";
import type { SeriesSource } from "./source";

const HEAD = "project,run,writer,series,index,step,time,value\r\n";

/** Save all points of series, none left out, as CSV (RFC 4180). Times are in seconds since 1970. */
export async function saveCsv(
  name: string,
  source: SeriesSource,
  runs: readonly string[],
  names: readonly string[],
): Promise<void> {
  // Part by part into blobs, which a browser keeps outside of the page's memory.
  const parts: Blob[] = [new Blob([HEAD])];
  for await (const points of source.all({ runs, names }, new AbortController().signal))
    parts.push(new Blob([linesOf(points)]));
  saveBlob(name, new Blob(parts, { type: "text/csv;charset=utf-8" }));
}

function linesOf(points: Points): string {
  const { project, id } = keyOf(points.run);
  const head = [project, id, points.writer, points.name].map(cell).join(",");
  const lines: string[] = [];
  points.values.forEach((value, at) => {
    const step = points.steps?.[at] ?? "";
    lines.push(`${head},${points.indices[at] ?? at},${step},${points.times?.[at] ?? ""},${value}\r\n`);
  });
  return lines.join("");
}

/** A text in a cell: what a spreadsheet would run as a formula stands behind an apostrophe. */
function cell(text: string): string {
  const tame = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame;
}
