import { colourAt, dashesAt } from "../design/palette";
import type { Odd } from "./curve";
import { extremes, surround, trace, xPlace, type Frame, type Pen } from "./draw";
import type { Line } from "./lines";

/** Something that is stroked or filled; a canvas and an SVG draw the same ones. */
export interface Shape {
  draw: (pen: Pen) => void;
  colour: string;
  opacity: number;
  /** Of the stroke; 0 fills. */
  width: number;
  dashes: readonly number[];
}

export interface Look {
  isDark: boolean;
  /** The line that somebody points at; the others step back. */
  highlight: string | null;
}

// Bands of so many lines lie over each other without hiding what is below.
const CLEAR = 3;
const LEAST_CLEAR = 0.006;
// So many lines are drawn thinner.
const MANY = 24;
// Marks that would cover each other are one, in pixels.
const APART = 5;
const MARK = 4;

/** All shapes of some lines, in the order in which they are drawn. */
export function shapesOf(lines: readonly Line[], frame: Frame, look: Look): Shape[] {
  const isAny = lines.some((line) => line.id === look.highlight);
  const last = isAny ? [...lines].sort((a, b) => Number(isChosen(a, look)) - Number(isChosen(b, look))) : lines;
  return [
    ...last.flatMap((line) => under(line, frame, look, isAny, lines.length)),
    ...last.flatMap((line) => over(line, frame, look, isAny, lines.length)),
  ];
}

function under(line: Line, frame: Frame, look: Look, isAny: boolean, count: number): Shape[] {
  const colour = colourAt(line.place, look.isDark);
  const isBehind = isAny && !isChosen(line, look);
  const clear = isAny && !isBehind ? 1 : Math.max(Math.min(1, CLEAR / count), LEAST_CLEAR / 0.2) * (isBehind ? 0.5 : 1);
  const { band, xs } = line;
  if (band) {
    const draw = (pen: Pen): void => surround(pen, xs, band.drawnLow, band.drawnHigh, frame);
    return [{ draw, colour, opacity: 0.2 * clear, width: 0, dashes: [] }];
  }
  if (line.drawn === line.ys) return [];
  if (line.isReduced) {
    const hidden = extremes(line, frame);
    const draw = (pen: Pen): void => surround(pen, hidden.xs, hidden.low, hidden.high, frame);
    return [{ draw, colour, opacity: 0.2 * clear, width: 0, dashes: [] }];
  }
  const draw = (pen: Pen): void => trace(pen, line, line.ys, frame);
  return [{ draw, colour, opacity: 0.28 * (isBehind ? 0.3 : 1), width: 1, dashes: [] }];
}

function over(line: Line, frame: Frame, look: Look, isAny: boolean, count: number): Shape[] {
  const chosen = isChosen(line, look);
  const colour = colourAt(line.place, look.isDark);
  const opacity = isAny && !chosen ? 0.22 : 1;
  const width = chosen && isAny ? 2.5 : count > MANY ? 1 : 1.6;
  const draw = (pen: Pen): void => trace(pen, line, line.drawn, frame);
  const shape = { draw, colour, opacity, width, dashes: dashesAt(line.place) };
  const odd = marked(line.odd, frame);
  if (odd.length === 0) return [shape];
  return [shape, { draw: (pen) => odd.forEach((one) => mark(pen, one)), colour, opacity, width: 1.6, dashes: [] }];
}

function isChosen(line: Line, look: Look): boolean {
  return line.id === look.highlight;
}

interface Mark {
  value: number;
  x: number;
  y: number;
}

/** Where what is not finite stands: greater than all at the upper edge, the others at the lower one. */
function marked(odd: readonly Odd[], frame: Frame): Mark[] {
  const x = xPlace(frame);
  const found: Mark[] = [];
  const last = { up: -Infinity, down: -Infinity, not: -Infinity };
  for (const { x: at, value } of odd) {
    if (at < frame.x[0] || at > frame.x[1]) continue;
    const kind = value === Infinity ? "up" : value === -Infinity ? "down" : "not";
    const place = Math.min(Math.max(x(at), frame.left + MARK + 1), frame.left + frame.width - MARK - 1);
    if (place - last[kind] < APART) continue;
    last[kind] = place;
    found.push({ value, x: place, y: kind === "up" ? frame.top + MARK + 1 : frame.top + frame.height - MARK - 1 });
  }
  return found;
}

/** A triangle up for an infinity, one down for a negative one, a cross for NaN. */
function mark(pen: Pen, { value, x, y }: Mark): void {
  if (Number.isNaN(value)) {
    pen.moveTo(x - MARK, y - MARK);
    pen.lineTo(x + MARK, y + MARK);
    pen.moveTo(x - MARK, y + MARK);
    pen.lineTo(x + MARK, y - MARK);
    return;
  }
  const tip = value > 0 ? -MARK : MARK;
  pen.moveTo(x - MARK, y - tip);
  pen.lineTo(x, y + tip);
  pen.lineTo(x + MARK, y - tip);
  pen.lineTo(x - MARK, y - tip);
}
