/** Reading a difference between two states of files, as git and diff -u write it. */

/** A file that differs. */
export interface Changed {
  name: string;
  added: number;
  removed: number;
  lines: readonly DiffLine[];
}

export interface DiffLine {
  kind: "added" | "removed" | "same" | "place" | "note";
  text: string;
  /** Its number in the state before and in the one after; null where it is in none. */
  before: number | null;
  after: number | null;
}

/** The files of a difference. */
export function changedOf(text: string): Changed[] {
  const files: { name: string; lines: DiffLine[] }[] = [];
  let [before, after, left, right] = [0, 0, 0, 0];
  const file = (name: string): void => void files.push({ name, lines: [] });
  const add = (kind: DiffLine["kind"], line: string, old: number | null, now: number | null): void => {
    if (files.length === 0) file("");
    files[files.length - 1]?.lines.push({ kind, text: line, before: old, after: now });
  };
  for (const line of text.replace(/\n$/, "").split(/\r?\n/)) {
    // Within a hunk everything is a line of a file, such as the removed line "-- x", which looks like a heading.
    if (left > 0 || right > 0) {
      const [sign, rest] = [line[0] ?? " ", line.slice(1)];
      if (sign === "+") {
        add("added", rest, null, after++);
        right -= 1;
      } else if (sign === "-") {
        add("removed", rest, before++, null);
        left -= 1;
      } else if (sign === "\\") add("note", line, null, null);
      else {
        add("same", rest, before++, after++);
        left -= 1;
        right -= 1;
      }
      continue;
    }
    const hunk = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    const git = /^diff --git (?:"?a\/)?(.+?)"? "?b\/(.+?)"?$/.exec(line);
    if (hunk) {
      [before, left] = [Number(hunk[1]), Number(hunk[2] ?? 1)];
      [after, right] = [Number(hunk[3]), Number(hunk[4] ?? 1)];
      add("place", line, null, null);
    } else if (git) file(git[2] ?? line);
    else if (line.startsWith("+++ ") || line.startsWith("--- ")) {
      const name = line
        .slice(4)
        .replace(/\t.*$/, "")
        .replace(/^[ab]\//, "");
      const last = files[files.length - 1];
      // Without the line of git, the two names are the heading.
      if (line.startsWith("--- ") && (!last || last.lines.some((one) => one.kind === "place"))) file(name);
      else if (line.startsWith("+++ ") && last && name !== "/dev/null") last.name = name;
    } else if (/^(index|similarity|dissimilarity) /.test(line) || line === "") continue;
    else add("note", line, null, null);
  }
  return files.map(({ name, lines }) => ({
    name,
    lines,
    added: lines.filter((one) => one.kind === "added").length,
    removed: lines.filter((one) => one.kind === "removed").length,
  }));
}
