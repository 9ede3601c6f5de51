import { firstFrom, type Range } from "./curve";
import type { Line } from "./lines";

// How much room is left above and below, of what is shown.
const ROOM = 0.06;
const LEAST_SHARE = 0.02;
// So many values say where most of them are.
const LOOKED_AT = 20_000;

/** Where a chart begins and ends, and what of its values it does not show. */
export interface Sight {
  x: Range;
  y: Range;
  /** Points that a logarithm has no place for. */
  without: number;
  /** Points above or below what is shown, where outliers are ignored. */
  outside: number;
}

export interface SightAsked {
  zoom: Range | null;
  height: Range | null;
  isLogX: boolean;
  isLogY: boolean;
  ignoresOutliers: boolean;
}

/** What of some lines is in sight. */
export function sightOf(lines: readonly Line[], asked: SightAsked): Sight {
  const x = asked.zoom && !(asked.isLogX && asked.zoom[0] <= 0) ? asked.zoom : wholeX(lines, asked);
  const found = valuesIn(lines, x, asked);
  let outside = 0;
  let range: Range | null = asked.height && !(asked.isLogY && asked.height[0] <= 0) ? asked.height : null;
  if (range === null && asked.ignoresOutliers) {
    const most = within(found.values);
    if (most) {
      range = roomy(most, asked.isLogY, ROOM * 2);
      outside = found.all((y) => y < (range?.[0] ?? y) || y > (range?.[1] ?? y));
    }
  }
  range ??= roomy([found.least, found.greatest], asked.isLogY, ROOM);
  return { x, y: range, without: found.without, outside };
}

function wholeX(lines: readonly Line[], { isLogX }: SightAsked): Range {
  let least = Infinity;
  let greatest = -Infinity;
  for (const { xs, odd } of lines) {
    const ends = [xs[isLogX ? firstFrom(xs, Number.MIN_VALUE) : 0], xs[xs.length - 1], odd[0]?.x, odd.at(-1)?.x];
    for (const x of ends) {
      if (x === undefined || (isLogX && x <= 0)) continue;
      least = Math.min(least, x);
      greatest = Math.max(greatest, x);
    }
  }
  if (least > greatest) return isLogX ? [1, 10] : [0, 1];
  if (least < greatest) return [least, greatest];
  return isLogX ? [least / 2, least * 2] : [least - 1, least + 1];
}

function valuesIn(lines: readonly Line[], [from, to]: Range, { isLogX, isLogY }: SightAsked) {
  let least = Infinity;
  let greatest = -Infinity;
  let without = 0;
  let total = 0;
  for (const line of lines) total += line.ys.length;
  const pace = Math.max(1, Math.floor(total / LOOKED_AT));
  const values: number[] = [];
  const each = (visit: (y: number) => void): void => {
    for (const { xs, ys, band } of lines) {
      // A line that only crosses the sight has its neighbours outside.
      const first = Math.max(0, firstFrom(xs, from) - 1);
      const last = Math.min(xs.length - 1, firstFrom(xs, to));
      for (let at = first; at <= last; at++) {
        const x = xs[at] ?? 0;
        if (isLogX && x <= 0) continue;
        if (band) {
          visit(band.low[at] ?? 0);
          visit(band.high[at] ?? 0);
        } else visit(ys[at] ?? 0);
      }
    }
  };
  let seen = 0;
  each((y) => {
    if (isLogY && y <= 0) {
      without += 1;
      return;
    }
    if (y < least) least = y;
    if (y > greatest) greatest = y;
    if (seen++ % pace === 0) values.push(y);
  });
  if (isLogX) for (const { xs } of lines) without += firstFrom(xs, Number.MIN_VALUE);
  const all = (is: (y: number) => boolean): number => {
    let count = 0;
    each((y) => {
      if ((!isLogY || y > 0) && is(y)) count += 1;
    });
    return count;
  };
  return { least, greatest, without, values, all };
}

/** From the second to the 98th of a hundred values; null where these are alike. */
function within(values: number[]): Range | null {
  const sorted = Float64Array.from(values).sort();
  const last = sorted.length - 1;
  const low = sorted[Math.floor(last * LEAST_SHARE)];
  const high = sorted[Math.ceil(last * (1 - LEAST_SHARE))];
  return low !== undefined && high !== undefined && low < high ? [low, high] : null;
}

function roomy([least, greatest]: Range, isLog: boolean, room: number): Range {
  if (least > greatest) return isLog ? [0.1, 10] : [0, 1];
  if (isLog) {
    const more = Math.max((greatest / least) ** room, 1.1);
    return [least / more, greatest * more];
  }
  const spread = greatest - least;
  if (spread === 0) return [least - (Math.abs(least) || 1) * 0.1, least + (Math.abs(least) || 1) * 0.1];
  return [least - spread * room, greatest + spread * room];
}
