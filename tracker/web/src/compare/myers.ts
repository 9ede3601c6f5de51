/** A stretch of two texts: lines `a0` to `a1` of the one stand where `b0` to `b1` of the other do. */
export interface Stretch {
  isSame: boolean;
  a0: number;
  a1: number;
  b0: number;
  b1: number;
}

export interface LineDiff {
  stretches: readonly Stretch[];
  added: number;
  removed: number;
  /** Whether fewer changes might say the same: the texts have so little in common that not all was tried. */
  isRough: boolean;
}

// A page answers within 50 ms: work is done in slices of less, and a hand comes in between.
const SLICE = 8;
const STEPS_BETWEEN_LOOKS = 4000;
// Behind so many differences in one stretch the way that came furthest is taken.
const MOST_DIFFERENCES = 2000;

/** What differs between two texts, by Myers' "An O(ND) Difference Algorithm" (1986), section 4b, in linear space. */
export async function lineDiff(
  one: readonly string[],
  other: readonly string[],
  signal: AbortSignal,
): Promise<LineDiff> {
  const work = compare(one, other);
  for (let until = performance.now() + SLICE; ;) {
    const { done, value } = work.next();
    if (done) return value;
    if (performance.now() < until) continue;
    await pause();
    signal.throwIfAborted();
    until = performance.now() + SLICE;
  }
}

/** Let the page do what is due. A message comes at once, where a timer waits for 4 ms. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

function* compare(one: readonly string[], other: readonly string[]): Generator<void, LineDiff> {
  const { a, b, inBoth } = numbered(one, other);
  yield;
  const removed = new Uint8Array(a.length);
  const added = new Uint8Array(b.length);
  // A line that the other text lacks can be part of no common one: it is a change at once, and much work less.
  const keptA = places(a, inBoth, removed);
  const keptB = places(b, inBoth, added);
  yield;
  const search = new Search(
    keptA.map((at) => a[at] ?? 0),
    keptB.map((at) => b[at] ?? 0),
  );
  yield* search.walk(0, keptA.length, 0, keptB.length);
  keptA.forEach((at, place) => (removed[at] = search.removed[place] ?? 0));
  keptB.forEach((at, place) => (added[at] = search.added[place] ?? 0));
  yield;
  return { ...stretchesOf(removed, added), isRough: search.isRough };
}

/** Lines as numbers, equal where the lines are. */
function numbered(one: readonly string[], other: readonly string[]) {
  const numbers = new Map<string, number>();
  const number = (line: string): number => {
    const known = numbers.get(line) ?? numbers.size;
    numbers.set(line, known);
    return known;
  };
  const a = Int32Array.from(one, number);
  const countA = numbers.size;
  const b = Int32Array.from(other, number);
  const inBoth = new Uint8Array(numbers.size);
  for (const line of b) if (line < countA) inBoth[line] = 1;
  return { a, b, inBoth };
}

function places(lines: Int32Array, inBoth: Uint8Array, changed: Uint8Array): Int32Array {
  const found: number[] = [];
  lines.forEach((line, at) => (inBoth[line] ? found.push(at) : (changed[at] = 1)));
  return Int32Array.from(found);
}

class Search {
  readonly removed: Uint8Array;
  readonly added: Uint8Array;
  isRough = false;
  /** By diagonal, how far the ways from the beginning and from the end came; -1 where none is. */
  readonly #ahead: Int32Array;
  readonly #back: Int32Array;
  readonly #middle: number;

  constructor(
    readonly a: Int32Array,
    readonly b: Int32Array,
  ) {
    this.removed = new Uint8Array(a.length);
    this.added = new Uint8Array(b.length);
    this.#middle = a.length + b.length + 2;
    this.#ahead = new Int32Array(2 * this.#middle + 1);
    this.#back = new Int32Array(2 * this.#middle + 1);
  }

  *walk(a0: number, a1: number, b0: number, b1: number): Generator<void, void> {
    const { a, b } = this;
    while (a0 < a1 && b0 < b1 && a[a0] === b[b0]) [a0, b0] = [a0 + 1, b0 + 1];
    while (a0 < a1 && b0 < b1 && a[a1 - 1] === b[b1 - 1]) [a1, b1] = [a1 - 1, b1 - 1];
    if (a0 === a1) this.added.fill(1, b0, b1);
    else if (b0 === b1) this.removed.fill(1, a0, a1);
    else {
      const [x, y] = yield* this.#split(a0, a1, b0, b1);
      yield* this.walk(a0, x, b0, y);
      yield* this.walk(x, a1, y, b1);
    }
  }

  /** A place on a shortest way through two texts whose first lines differ, and whose last ones do. */
  *#split(a0: number, a1: number, b0: number, b1: number): Generator<void, [number, number]> {
    const { a, b } = this;
    const [ahead, back, middle] = [this.#ahead, this.#back, this.#middle];
    const [n, m] = [a1 - a0, b1 - b0];
    const off = n - m;
    const isOdd = off % 2 !== 0;
    const most = Math.ceil((n + m) / 2);
    const reach = Math.min(most, MOST_DIFFERENCES) + 2;
    ahead.fill(-1, middle - reach, middle + reach + 1);
    back.fill(-1, middle - reach, middle + reach + 1);
    ahead[middle + 1] = 0;
    back[middle + 1] = 0;
    const within = (diagonal: number): boolean => diagonal > -reach && diagonal < reach;
    let steps = 0;
    for (let d = 0; d <= most && d <= MOST_DIFFERENCES; d++) {
      for (let k = -d; k <= d; k += 2) {
        let x = next(ahead, middle + k, k, n, m);
        if (x >= 0) while (x < n && x - k < m && a[a0 + x] === b[b0 + x - k]) x++;
        ahead[middle + k] = x;
        if (!isOdd || x < 0 || !within(off - k)) continue;
        const met = back[middle + off - k] ?? -1;
        if (Math.abs(off - k) < d && met >= 0 && x + met >= n) return [a0 + x, b0 + x - k];
      }
      for (let k = -d; k <= d; k += 2) {
        let x = next(back, middle + k, k, n, m);
        if (x >= 0) while (x < n && x - k < m && a[a1 - 1 - x] === b[b1 - 1 - x + k]) x++;
        back[middle + k] = x;
        if (isOdd || x < 0 || !within(off - k)) continue;
        const met = ahead[middle + off - k] ?? -1;
        if (Math.abs(off - k) <= d && met >= 0 && x + met >= n) return [a1 - x, b1 - x + k];
      }
      steps += 2 * d + 2;
      if (steps > STEPS_BETWEEN_LOOKS) {
        steps = 0;
        yield;
      }
    }
    this.isRough = true;
    return this.#furthest(a0, b0);
  }

  #furthest(a0: number, b0: number): [number, number] {
    let best: [number, number] = [a0, b0];
    for (let k = -MOST_DIFFERENCES; k <= MOST_DIFFERENCES; k++) {
      const x = this.#ahead[this.#middle + k] ?? -1;
      if (x >= 0 && 2 * x - k > best[0] - a0 + best[1] - b0) best = [a0 + x, b0 + x - k];
    }
    return best;
  }
}

/** How far one more difference leads on a diagonal, within n lines by m; -1 if nowhere. */
function next(ways: Int32Array, at: number, k: number, n: number, m: number): number {
  const before = ways[at - 1] ?? -1;
  const behind = ways[at + 1] ?? -1;
  const across = before >= 0 && before < n ? before + 1 : -1;
  const down = behind >= 0 && behind - k <= m ? behind : -1;
  return Math.max(across, down);
}

function stretchesOf(removed: Uint8Array, added: Uint8Array): Omit<LineDiff, "isRough"> {
  const stretches: Stretch[] = [];
  const counts = { added: 0, removed: 0 };
  for (let [a, b] = [0, 0]; a < removed.length || b < added.length;) {
    const [a0, b0] = [a, b];
    while (a < removed.length && b < added.length && !removed[a] && !added[b]) [a, b] = [a + 1, b + 1];
    if (a > a0) stretches.push({ isSame: true, a0, a1: a, b0, b1: b });
    const [a2, b2] = [a, b];
    while (removed[a]) a++;
    while (added[b]) b++;
    if (a > a2 || b > b2) stretches.push({ isSame: false, a0: a2, a1: a, b0: b2, b1: b });
    counts.removed += a - a2;
    counts.added += b - b2;
    // Both sides end together, since what is the same is so many lines of each; this only guards the loop.
    if (a === a0 && b === b0) break;
  }
  return { stretches, ...counts };
}
