import { nearestTo } from "./curve";
import { xPlace, yPlace, type Frame } from "./draw";
import type { Line } from "./lines";

/** What a line has where somebody points. */
export interface Value {
  line: Line;
  x: number;
  value: number;
  /** What the line is drawn through, if it is smoothed. */
  smooth: number | null;
  /** Around a mean, and of how many runs. */
  band: { low: number; high: number; count: number } | null;
  /** From the pointer, in pixels. */
  distance: number;
}

// So far beyond its ends, in pixels, a line is still meant.
const NEAR = 14;

/** The values of lines at a place: the nearest lines first, or by keys the greatest values. */
export function valuesAt(lines: readonly Line[], x: number, y: number | null, frame: Frame): Value[] {
  const placeX = xPlace(frame);
  const placeY = yPlace(frame);
  const wanted = placeX(x);
  const found = lines.flatMap((line): Value[] => {
    const at = nearestTo(line.xs, x);
    const odd = line.odd[nearestTo(placesOf(line), x)];
    const here = line.xs[at];
    const isOdd = odd !== undefined && (here === undefined || Math.abs(odd.x - x) < Math.abs(here - x));
    if (isOdd && Math.abs(placeX(odd.x) - wanted) <= NEAR)
      return [{ line, x: odd.x, value: odd.value, smooth: null, band: null, distance: Infinity }];
    if (here === undefined || isBeyond(line, x, wanted, placeX)) return [];
    const value = line.ys[at] ?? NaN;
    const drawn = line.drawn[at] ?? NaN;
    const { band } = line;
    const around = band && { low: band.low[at] ?? NaN, high: band.high[at] ?? NaN, count: band.counts[at] ?? 0 };
    const distance = y === null ? -drawn : Math.abs(placeY(drawn) - y);
    return [{ line, x: here, value, smooth: line.drawn === line.ys ? null : drawn, band: around, distance }];
  });
  return found.sort((one, other) => one.distance - other.distance || one.line.place - other.line.place);
}

/** The place of the next point of a line, to the right or the left. */
export function nextPlace(lines: readonly Line[], x: number, frame: Frame, isRight: boolean): number | null {
  const placeX = xPlace(frame);
  let found: number | null = null;
  for (const line of lines) {
    for (const places of [line.xs, placesOf(line)]) {
      // A step of less than a pixel shows nothing new.
      let at = nearestTo(places, x);
      const direction = isRight ? 1 : -1;
      while (at >= 0 && at < places.length && (placeX(places[at] ?? 0) - placeX(x)) * direction < 1) at += direction;
      const next = places[at];
      if (next === undefined || next < frame.x[0] || next > frame.x[1]) continue;
      if (found === null || (next - found) * direction < 0) found = next;
    }
  }
  return found;
}

const oddPlaces = new WeakMap<Line, Float64Array>();

function placesOf(line: Line): Float64Array {
  const kept = oddPlaces.get(line) ?? Float64Array.from(line.odd, (one) => one.x);
  oddPlaces.set(line, kept);
  return kept;
}

function isBeyond(line: Line, x: number, wanted: number, placeX: (x: number) => number): boolean {
  const first = line.xs[0] ?? 0;
  const last = line.xs[line.xs.length - 1] ?? 0;
  if (x < first) return placeX(first) - wanted > NEAR;
  return x > last && wanted - placeX(last) > NEAR;
}
