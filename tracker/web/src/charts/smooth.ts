import type { Points } from "./curve";

/**
 * A series smoothed as TensorBoard has it: an exponential moving average that begins without a bias.
 *
 * `last = last·w + (1 - w)·y`, told as `last / (1 - w^n)`, over the finite values alone, so that NaN does not bend it.
 * Where points were left out each stands for those before it. A series that never changes stays as it is.
 *
 * @returns the average at each point; NaN before the first finite value.
 */
export function averagesOf({ values, indices, count }: Points, weight: number): Float64Array {
  const first = values[0];
  if (values.every((value) => value === first)) return values;
  const isReduced = count > values.length;
  const found = new Float64Array(values.length).fill(NaN);
  let last = 0;
  let bias = 1;
  let before = -1;
  values.forEach((value, at) => {
    if (Number.isFinite(value)) {
      const index = indices[at] ?? at;
      const kept = isReduced && before >= 0 ? weight ** (index - before) : weight;
      last = last * kept + (1 - kept) * value;
      bias *= kept;
      before = index;
    }
    if (bias < 1) found[at] = last / (1 - bias);
  });
  return found;
}

/** Points with their averages: those of a server, or here where all points from the first one on are. */
export function evened(points: Points, weight: number): Points {
  if (weight <= 0) return points.smoothed === null ? points : { ...points, smoothed: null };
  const { length } = points.values;
  const isFromFirst = points.indices[0] === 0 && points.indices[length - 1] === length - 1;
  return isFromFirst || points.smoothed === null ? { ...points, smoothed: averagesOf(points, weight) } : points;
}
