import type { Signal } from "@preact/signals";
import { brief } from "../design/numbers";
import type { Range } from "./curve";
import { valueAt, xPlace, type Frame } from "./draw";
import type { Line } from "./lines";
import type { Shared } from "./shared";
import { placeText, type Along } from "./ticks";
import { nextPlace, valuesAt } from "./values";

interface Asked {
  id: string;
  on: string;
  shared: Shared;
  frame: Signal<Frame | null>;
  lines: readonly Line[];
  /** What is read out. */
  said: Signal<string>;
  along: Along;
  xLabel: string;
  onZoom: (x: Range | null, y: Range | null, isStep: boolean) => void;
}

const CLOSER = 0.5;
const ASIDE = 0.25;
// So many values are read out.
const SAID = 4;

/** What keys do in a chart: they read values, look closer, and move. */
export function chartKeys(asked: Asked): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const frame = asked.frame.value;
    if (!frame || !act(event, asked, frame)) return;
    event.preventDefault();
    event.stopPropagation();
  };
}

function act(event: KeyboardEvent, asked: Asked, frame: Frame): boolean {
  const { shared, id, onZoom } = asked;
  const isRight = event.key === "ArrowRight";
  const isUp = event.key === "ArrowUp";
  if (event.key === "ArrowLeft" || isRight) {
    if (event.shiftKey) onZoom(aside(frame, isRight ? ASIDE : -ASIDE), null, false);
    else step(asked, frame, isRight);
    return true;
  }
  if (event.key === "ArrowDown" || isUp) {
    const upright: Frame = { ...frame, x: frame.y, isLogX: frame.isLogY };
    const y = event.shiftKey
      ? aside(upright, isUp ? ASIDE : -ASIDE)
      : closer(upright, null, isUp ? CLOSER : 1 / CLOSER);
    onZoom(null, y, false);
    return true;
  }
  const own = shared.cursor.value?.chart === id ? shared.cursor.value.x : null;
  if (event.key === "Home" || event.key === "End") {
    read(asked, frame, event.key === "Home" ? frame.x[0] : frame.x[1]);
  } else if (event.key === "+" || event.key === "=") {
    onZoom(closer(frame, own, CLOSER), null, false);
  } else if (event.key === "-") {
    onZoom(closer(frame, own, 1 / CLOSER), null, false);
  } else if (event.key === "0") {
    onZoom(null, null, false);
  } else if (event.key === "Escape" && own !== null) {
    shared.cursor.value = null;
  } else return false;
  return true;
}

function step(asked: Asked, frame: Frame, isRight: boolean): void {
  const { shared, id, lines } = asked;
  const own = shared.cursor.value?.chart === id ? shared.cursor.value.x : null;
  if (own === null) {
    read(asked, frame, isRight ? frame.x[0] : frame.x[1]);
    return;
  }
  const next = nextPlace(lines, own, frame, isRight);
  if (next !== null) read(asked, frame, next);
}

function read({ shared, id, on, lines, said, along, xLabel }: Asked, frame: Frame, x: number): void {
  const values = valuesAt(lines, x, null, frame);
  const place = values[0]?.x ?? x;
  shared.cursor.value = { chart: id, on, x: place, y: null };
  const spoken = values.slice(0, SAID).map(({ line, value }) => `${line.label} ${brief(value)}`);
  const more = values.length > SAID ? `, and ${values.length - SAID} more` : "";
  said.value = `${xLabel} ${placeText(place, along)}: ${spoken.join(", ") || "no values"}${more}`;
}

/** A part of what is in sight, or more than it, around a place. */
export function closer(frame: Frame, around: number | null, share: number): Range {
  const place = around === null ? 0.5 : (xPlace(frame)(around) - frame.left) / frame.width;
  const at = Math.min(Math.max(place, 0), 1);
  const part = (edge: number): number => valueAt(frame.x, frame.isLogX, at + (edge - at) * share);
  return [part(0), part(1)];
}

/** What stands beside what is in sight. */
export function aside(frame: Frame, share: number): Range {
  return [valueAt(frame.x, frame.isLogX, share), valueAt(frame.x, frame.isLogX, 1 + share)];
}
