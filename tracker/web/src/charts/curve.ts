/** Points as a source tells them, and curves as they are drawn: sorted by x, with what is not finite apart. */

/** What stands below a chart. */
export type X = { kind: "step" } | { kind: "relative" } | { kind: "time" } | { kind: "series"; name: string };

export type Range = readonly [least: number, greatest: number];

/** Points of a series of one writer of a run: all of them, or few that show all. */
export interface Points {
  run: string;
  writer: string;
  name: string;
  /** How many there really are. */
  count: number;
  indices: readonly number[];
  steps: readonly (number | null)[] | null;
  /** Seconds since 1970. */
  times: readonly (number | null)[] | null;
  values: Float64Array;
  /** Averages of all values up to each point; null where nothing is smoothed. */
  smoothed: Float64Array | null;
}

/** A point that is NaN or an infinity. */
export interface Odd {
  x: number;
  value: number;
}

export interface Curve {
  /** As `keyText` writes it. */
  run: string;
  /** Empty for a run with one writer that has no name. */
  writer: string;
  name: string;
  xs: Float64Array;
  ys: Float64Array;
  /** What is drawn in place of `ys` where it is smoothed. */
  smoothed: Float64Array | null;
  odd: readonly Odd[];
  /** How many points there really are. */
  count: number;
  isReduced: boolean;
  /** Points that have no place below this chart, such as those without a time. */
  unplaced: number;
}

/**
 * The curve of some points.
 *
 * @param start of the run in seconds since 1970, for times that count from it.
 * @param over the points of the series that stands below the chart, if one does.
 */
export function curveOf(points: Points, x: X, start: number, over: Points | null): Curve {
  const { values, smoothed } = points;
  const place = placer(points, x, start, over);
  const xs = new Float64Array(values.length);
  const ys = new Float64Array(values.length);
  const averages = smoothed && new Float64Array(values.length);
  const odd: Odd[] = [];
  let size = 0;
  let unplaced = 0;
  let isRising = true;
  for (let at = 0; at < values.length; at++) {
    const where = place(at);
    const value = values[at] ?? NaN;
    if (!Number.isFinite(where)) {
      unplaced += 1;
    } else if (!Number.isFinite(value)) {
      odd.push({ x: where, value });
    } else {
      if (size > 0 && where < (xs[size - 1] ?? 0)) isRising = false;
      xs[size] = where;
      ys[size] = value;
      if (averages) averages[size] = smoothed?.[at] ?? value;
      size += 1;
    }
  }
  odd.sort((one, other) => one.x - other.x);
  const order = isRising ? null : ascending(xs, size);
  const placed = (column: Float64Array): Float64Array =>
    order === null ? column.subarray(0, size) : Float64Array.from(order, (at) => column[at] ?? 0);
  return {
    run: points.run,
    writer: points.writer,
    name: points.name,
    xs: placed(xs),
    ys: placed(ys),
    smoothed: averages && placed(averages),
    odd,
    count: points.count,
    isReduced: points.count > values.length,
    unplaced,
  };
}

/** A point without a step stands at its index. */
export function stepOf(points: Points, at: number): number {
  return points.steps?.[at] ?? points.indices[at] ?? at;
}

/** The place of the first value that is not less, in ascending numbers. */
export function firstFrom(xs: ArrayLike<number>, wanted: number): number {
  let low = 0;
  let high = xs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((xs[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The place of the value that is nearest, in ascending numbers; -1 if there is none. */
export function nearestTo(xs: ArrayLike<number>, wanted: number): number {
  const at = firstFrom(xs, wanted);
  if (at === xs.length) return xs.length - 1;
  const before = at > 0 ? wanted - (xs[at - 1] ?? 0) : Infinity;
  return before < (xs[at] ?? 0) - wanted ? at - 1 : at;
}

/** A value between two neighbours, on the straight line through them; NaN outside of all. */
export function between(xs: ArrayLike<number>, ys: ArrayLike<number>, x: number): number {
  const at = firstFrom(xs, x);
  if (at === xs.length) return NaN;
  const right = xs[at] ?? NaN;
  if (right === x) return ys[at] ?? NaN;
  if (at === 0) return NaN;
  const left = xs[at - 1] ?? NaN;
  const from = ys[at - 1] ?? NaN;
  return from + (((ys[at] ?? NaN) - from) * (x - left)) / (right - left);
}

function placer(points: Points, x: X, start: number, over: Points | null): (at: number) => number {
  if (x.kind === "time") return (at) => points.times?.[at] ?? NaN;
  if (x.kind === "relative") return (at) => (points.times?.[at] ?? NaN) - start;
  if (x.kind === "step") return (at) => stepOf(points, at);
  if (over === null) return () => NaN;
  const bySteps = new Map<number, number>();
  over.values.forEach((value, at) => bySteps.set(stepOf(over, at), value));
  if (over.count === over.values.length) return (at) => bySteps.get(stepOf(points, at)) ?? NaN;
  // Few points of a long series: a step that is not among them lies between two that are.
  const known = [...bySteps].filter(([, value]) => Number.isFinite(value)).sort(([one], [other]) => one - other);
  const steps = known.map(([step]) => step);
  const values = known.map(([, value]) => value);
  return (at) => between(steps, values, stepOf(points, at));
}

/** The places of the first numbers in ascending order; those that are equal stay as they were. */
function ascending(xs: Float64Array, size: number): Uint32Array {
  return Uint32Array.from({ length: size }, (_, at) => at).sort(
    (one, other) => (xs[one] ?? 0) - (xs[other] ?? 0) || one - other,
  );
}
