import { firstFrom, type Range } from "./curve";
import type { Line } from "./lines";

/** Where numbers stand in a picture. */
export interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
  x: Range;
  y: Range;
  isLogX: boolean;
  isLogY: boolean;
}

/** What draws a path: a canvas, or a text of SVG. */
export interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

/** Values of one side of a frame as pixels. */
export function placer(from: Range, isLog: boolean, start: number, size: number): (value: number) => number {
  const [least, greatest] = isLog ? [Math.log10(from[0]), Math.log10(from[1])] : from;
  const scale = size / (greatest - least);
  return isLog ? (value) => start + (Math.log10(value) - least) * scale : (value) => start + (value - least) * scale;
}

export function xPlace(frame: Frame): (value: number) => number {
  return placer(frame.x, frame.isLogX, frame.left, frame.width);
}

export function yPlace(frame: Frame): (value: number) => number {
  return placer(frame.y, frame.isLogY, frame.top + frame.height, -frame.height);
}

/** The value that stands at a pixel. */
export function valueAt(from: Range, isLog: boolean, share: number): number {
  if (!isLog) return from[0] + (from[1] - from[0]) * share;
  return from[0] * (from[1] / from[0]) ** share;
}

/**
 * Draw a line through values.
 *
 * It is broken where a point in between is not finite. Of points that share a pixel the least and the greatest are
 * drawn, so that a line of many points costs no more than it shows.
 */
export function trace(pen: Pen, line: Line, ys: Float64Array, frame: Frame): void {
  const { xs, odd } = line;
  const x = xPlace(frame);
  const y = clampedY(frame);
  const first = Math.max(0, firstFrom(xs, frame.x[0]) - 1);
  const last = Math.min(xs.length - 1, firstFrom(xs, frame.x[1]));
  const isDense = last - first > 3 * frame.width;
  let broken = 0;
  let isDown = false;
  let isAlone = false;
  let lastX = 0;
  let lastY = 0;
  let column = NaN;
  let low = 0;
  let high = 0;
  const lift = (): void => {
    // A point between two breaks is a dot.
    if (isAlone) diamond(pen, lastX, lastY);
    isDown = false;
    isAlone = false;
  };
  const flush = (): void => {
    if (!Number.isNaN(column) && low !== high) {
      pen.lineTo(lastX, low);
      pen.lineTo(lastX, high);
      pen.lineTo(lastX, lastY);
    }
    column = NaN;
  };
  for (let at = first; at <= last; at++) {
    const here = xs[at] ?? 0;
    const value = ys[at] ?? NaN;
    if ((frame.isLogX && here <= 0) || (frame.isLogY && value <= 0)) continue;
    while (broken < odd.length && (odd[broken]?.x ?? 0) < here) {
      if (isDown) {
        flush();
        lift();
      }
      broken += 1;
    }
    const px = x(here);
    const py = y(value);
    if (!isDown) {
      pen.moveTo(px, py);
      isDown = isAlone = true;
    } else if (isDense && Math.floor(px) === column) {
      low = Math.min(low, py);
      high = Math.max(high, py);
      isAlone = false;
    } else {
      flush();
      pen.lineTo(px, py);
      isAlone = false;
    }
    if (isDense && Math.floor(px) !== column) {
      column = Math.floor(px);
      low = high = py;
    }
    lastX = px;
    lastY = py;
  }
  if (isDown) {
    flush();
    lift();
  }
}

const DOT = 1.6;

function diamond(pen: Pen, x: number, y: number): void {
  pen.moveTo(x - DOT, y);
  pen.lineTo(x, y - DOT);
  pen.lineTo(x + DOT, y);
  pen.lineTo(x, y + DOT);
  pen.lineTo(x - DOT, y);
}

/** Draw around what lies between two values at each place, for filling. */
export function surround(pen: Pen, xs: Float64Array, low: Float64Array, high: Float64Array, frame: Frame): void {
  const x = xPlace(frame);
  const y = clampedY(frame);
  const first = Math.max(0, firstFrom(xs, frame.x[0]) - 1);
  const last = Math.min(xs.length - 1, firstFrom(xs, frame.x[1]));
  const isShown = (at: number): boolean =>
    !(frame.isLogX && (xs[at] ?? 0) <= 0) && !(frame.isLogY && (high[at] ?? 0) <= 0);
  for (let from = first; from <= last; from++) {
    if (!isShown(from)) continue;
    let to = from;
    while (to < last && isShown(to + 1)) to += 1;
    pen.moveTo(x(xs[from] ?? 0), y(low[from] ?? 0));
    for (let at = from; at <= to; at++) pen.lineTo(x(xs[at] ?? 0), y(high[at] ?? 0));
    for (let at = to; at >= from; at--) pen.lineTo(x(xs[at] ?? 0), y(low[at] ?? 0));
    from = to;
  }
}

// As wide as a stretch of which the least and the greatest are known, in pixels.
const COLUMN = 3;

/** The least and the greatest value of each few pixels: what a smoothed line of few points hides. */
export function extremes(line: Line, frame: Frame): { xs: Float64Array; low: Float64Array; high: Float64Array } {
  const x = xPlace(frame);
  const { xs, ys } = line;
  const places: number[] = [];
  const low: number[] = [];
  const high: number[] = [];
  let column = NaN;
  const first = Math.max(0, firstFrom(xs, frame.x[0]) - 1);
  const last = Math.min(xs.length - 1, firstFrom(xs, frame.x[1]));
  for (let at = first; at <= last; at++) {
    const here = xs[at] ?? 0;
    if (frame.isLogX && here <= 0) continue;
    const now = Math.floor(x(here) / COLUMN);
    const value = ys[at] ?? 0;
    const end = places.length - 1;
    if (now === column) {
      low[end] = Math.min(low[end] ?? value, value);
      high[end] = Math.max(high[end] ?? value, value);
    } else {
      places.push(here);
      low.push(value);
      high.push(value);
      column = now;
    }
  }
  return { xs: Float64Array.from(places), low: Float64Array.from(low), high: Float64Array.from(high) };
}

/** Far outside a picture it does not matter where, and great numbers are drawn wrongly. */
function clampedY(frame: Frame): (value: number) => number {
  const y = yPlace(frame);
  const above = frame.top - 4 * frame.height;
  const below = frame.top + 5 * frame.height;
  return (value) => {
    if (frame.isLogY && value <= 0) return below;
    return Math.min(Math.max(y(value), above), below);
  };
}
