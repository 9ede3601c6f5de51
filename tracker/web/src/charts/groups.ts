import { between, type Curve } from "./curve";

/** The curves of runs that are one: their mean at each place, and how they spread around it. */
export interface Together {
  xs: Float64Array;
  mean: Float64Array;
  low: Float64Array;
  high: Float64Array;
  /** How many of them have a value at each place. */
  counts: Uint16Array;
}

export type BandKind = "deviation" | "extremes";

// More places than a plot has pixels say nothing more.
const MOST = 3000;

/**
 * Curves taken together.
 *
 * At each place of any of them the others are read between their own neighbours, never beyond their first or last
 * point. The band is one sample standard deviation to each side, or from the least to the greatest.
 */
export function together(curves: readonly Curve[], kind: BandKind): Together {
  const xs = places(curves);
  const size = xs.length;
  const mean = new Float64Array(size);
  const low = new Float64Array(size).fill(Infinity);
  const high = new Float64Array(size).fill(-Infinity);
  const squares = new Float64Array(size);
  const counts = new Uint16Array(size);
  for (const curve of curves) {
    xs.forEach((x, at) => {
      const y = between(curve.xs, curve.ys, x);
      if (!Number.isFinite(y)) return;
      // Welford's way: the squares of small differences stay exact.
      const count = (counts[at] = (counts[at] ?? 0) + 1);
      const before = mean[at] ?? 0;
      const now = (mean[at] = before + (y - before) / count);
      squares[at] = (squares[at] ?? 0) + (y - before) * (y - now);
      low[at] = Math.min(low[at] ?? y, y);
      high[at] = Math.max(high[at] ?? y, y);
    });
  }
  if (kind === "deviation") {
    mean.forEach((middle, at) => {
      const count = counts[at] ?? 0;
      const spread = count > 1 ? Math.sqrt((squares[at] ?? 0) / (count - 1)) : 0;
      low[at] = middle - spread;
      high[at] = middle + spread;
    });
  }
  return { xs, mean, low, high, counts };
}

function places(curves: readonly Curve[]): Float64Array {
  const all = new Set<number>();
  for (const { xs } of curves) xs.forEach((x) => all.add(x));
  const sorted = Float64Array.from(all).sort();
  if (sorted.length <= MOST) return sorted;
  const pace = (sorted.length - 1) / (MOST - 1);
  return Float64Array.from({ length: MOST }, (_, at) => sorted[Math.round(at * pace)] ?? 0);
}
