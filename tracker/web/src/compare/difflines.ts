import type { LineDiff } from "./myers";

/** A row of a difference: lines of the two texts by their places, or a fold over lines that are the same. */
export type DiffRow =
  | { kind: "same" | "changed"; left: number | null; right: number | null; isFirst: boolean }
  | { kind: "fold"; id: number; count: number };

// Around a change so many lines are shown.
const CONTEXT = 3;
// A fold over fewer lines takes more room than it gives.
const LEAST_FOLD = 4;

/** The rows of a difference; `isSplit` has lines that were changed beside each other. */
export function diffRows({ stretches }: LineDiff, open: ReadonlySet<number>, isSplit: boolean): DiffRow[] {
  const rows: DiffRow[] = [];
  stretches.forEach(({ isSame, a0, a1, b0, b1 }, at) => {
    if (!isSame) {
      const [n, m] = [a1 - a0, b1 - b0];
      if (isSplit) {
        for (let one = 0; one < Math.max(n, m); one++) {
          rows.push({
            kind: "changed",
            left: one < n ? a0 + one : null,
            right: one < m ? b0 + one : null,
            isFirst: one === 0,
          });
        }
        return;
      }
      for (let one = 0; one < n; one++) rows.push({ kind: "changed", left: a0 + one, right: null, isFirst: one === 0 });
      for (let one = 0; one < m; one++)
        rows.push({ kind: "changed", left: null, right: b0 + one, isFirst: one === 0 && n === 0 });
      return;
    }
    const count = a1 - a0;
    const before = at === 0 ? 0 : CONTEXT;
    const after = at === stretches.length - 1 ? 0 : CONTEXT;
    const hidden = open.has(at) ? 0 : count - before - after;
    const isFolded = hidden >= LEAST_FOLD;
    for (let one = 0; one < count; one++) {
      if (isFolded && one === before) {
        rows.push({ kind: "fold", id: at, count: hidden });
        one += hidden - 1;
        continue;
      }
      rows.push({ kind: "same", left: a0 + one, right: b0 + one, isFirst: false });
    }
  });
  return rows;
}

/** What of a line that was changed differs: behind what both begin with, before what both end with. */
export function innerChange(one: string, other: string): { from: number; one: number; other: number } | null {
  const most = Math.min(one.length, other.length);
  let from = 0;
  while (from < most && one[from] === other[from]) from++;
  let end = 0;
  while (end < most - from && one[one.length - 1 - end] === other[other.length - 1 - end]) end++;
  // Lines that share little are told apart as a whole.
  if (from + end < Math.max(one.length, other.length) / 4) return null;
  return { from, one: one.length - end, other: other.length - end };
}
