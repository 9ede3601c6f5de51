/**
 * A curve smoothed as TensorBoard has it: an exponential moving average that begins without a bias.
 *
 * `last = last·w + (1 - w)·y`, drawn as `last / (1 - w^n)`, over the finite values alone, so that NaN does not bend it.
 * A curve that never changes stays as it is.
 */
export function smoothed(ys: Float64Array, weight: number): Float64Array {
  const first = ys[0];
  if (weight <= 0 || ys.every((y) => y === first)) return ys;
  const found = new Float64Array(ys.length);
  let last = 0;
  let bias = 1;
  ys.forEach((y, at) => {
    last = last * weight + (1 - weight) * y;
    bias *= weight;
    found[at] = last / (1 - bias);
  });
  return found;
}
