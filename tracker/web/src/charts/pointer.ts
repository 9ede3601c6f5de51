import type { Signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Range } from "./curve";
import { valueAt, type Frame } from "./draw";
import { aside, closer } from "./keys";
import type { Line } from "./lines";
import type { Shared } from "./shared";
import { valuesAt } from "./values";

/** What a hand has drawn a frame around, in pixels. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

interface Asked {
  id: string;
  on: string;
  shared: Shared;
  frame: Signal<Frame | null>;
  lines: readonly Line[];
  box: Signal<Box | null>;
  /** The part of y that is looked at, which stays while x moves. */
  sight: Range | null;
  moved: Signal<{ x: Range; y: Range | null } | null>;
  onZoom: (x: Range | null, y: Range | null, isStep: boolean) => void;
}

interface Drag {
  from: Spot;
  frame: Frame;
  isPan: boolean;
}

interface Spot {
  x: number;
  y: number;
}

/** Where two fingers began, as shares of the width of the plot, the left one first. */
interface Pinch {
  from: Range;
  frame: Frame;
}

// A hand that moves less than this, in pixels, has pressed and not drawn.
const LEAST = 5;
// A frame lower than this is drawn around a part of x alone.
const FLAT = 28;
// Fingers that are nearer to each other, as a share of the width, say no scale.
const CLOSEST = 0.02;
// A line that is nearer than this, in pixels, is pointed at.
const NEAR = 24;
const TURN = 0.002;
// A wheel says nothing when it ends: it has ended when it rests so long, in milliseconds.
const REST = 160;

/** What a mouse, a pen or a finger does in a chart: it reads values, draws around a part, and moves what is in sight. */
export function usePointer({ id, on, shared, frame, lines, box, sight, moved, onZoom }: Asked) {
  const drag = useRef<Drag | null>(null);
  const fingers = useRef(new Map<number, Spot>()).current;
  const pinch = useRef<Pinch | null>(null);
  const timer = useRef(0);

  function point(spot: Spot, now: Frame): void {
    if (spot.x < now.left - LEAST || spot.x > now.left + now.width + LEAST) return leave();
    const share = Math.min(Math.max((spot.x - now.left) / now.width, 0), 1);
    const x = valueAt(now.x, now.isLogX, share);
    shared.cursor.value = { chart: id, on, x, y: spot.y };
    const nearest = valuesAt(lines, x, spot.y, now)[0];
    const chosen = nearest && nearest.distance < NEAR ? nearest.line.id : null;
    if (lines.length > 1 && shared.highlight.value !== chosen) shared.highlight.value = chosen;
  }

  function leave(): void {
    if (shared.cursor.value?.chart !== id) return;
    shared.cursor.value = null;
    shared.highlight.value = null;
  }

  function touch(event: PointerEvent, now: Frame): void {
    fingers.set(event.pointerId, spotOf(event));
    pinch.current = fingers.size === 2 ? { from: sharesOf(fingers, now), frame: now } : null;
    if (fingers.size === 1) point(spotOf(event), now);
    else leave();
  }

  function lift(event: PointerEvent): void {
    fingers.delete(event.pointerId);
    if (pinch.current === null) return;
    pinch.current = null;
    if (moved.value) onZoom(moved.value.x, null, true);
  }

  function move(event: PointerEvent): void {
    const now = frame.value;
    if (!now) return;
    const spot = spotOf(event);
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, spot);
    if (pinch.current !== null) {
      const x = pinched(pinch.current, sharesOf(fingers, pinch.current.frame));
      if (x !== null) moved.value = { x, y: sight };
      return;
    }
    const begun = drag.current;
    if (!begun) return point(spot, now);
    if (begun.isPan) {
      leave();
      const by = (begun.from.x - spot.x) / begun.frame.width;
      moved.value = { x: aside(begun.frame, by), y: sight };
      return;
    }
    box.value = boxOf(begun, spot);
  }

  function end(event: PointerEvent): void {
    if (fingers.has(event.pointerId)) return lift(event);
    const begun = drag.current;
    drag.current = null;
    if (!begun) return;
    if (begun.isPan) {
      if (moved.value) onZoom(moved.value.x, null, false);
      return;
    }
    const drawn = boxOf(begun, spotOf(event));
    box.value = null;
    if (!drawn) return;
    const { left, width, top, height, isLogX, isLogY, x, y } = begun.frame;
    const across = (at: number): number => valueAt(x, isLogX, (at - left) / width);
    const up = (at: number): number => valueAt(y, isLogY, 1 - (at - top) / height);
    const isFlat = drawn.height === height;
    const below: Range = [up(drawn.top + drawn.height), up(drawn.top)];
    onZoom([across(drawn.left), across(drawn.left + drawn.width)], isFlat ? null : below, true);
  }

  return {
    onPointerMove: move,
    onPointerLeave: () => {
      if (!drag.current) leave();
    },
    onPointerDown: (event: PointerEvent) => {
      const now = frame.value;
      if (!now || (event.button !== 0 && event.button !== 1) || !(event.currentTarget instanceof HTMLElement)) return;
      // A finger reads values and scrolls; two come closer, and move.
      if (event.pointerType === "touch") return touch(event, now);
      event.currentTarget.setPointerCapture(event.pointerId);
      if (event.button === 1) event.preventDefault();
      drag.current = { from: spotOf(event), frame: now, isPan: event.shiftKey || event.button === 1 };
    },
    onPointerUp: end,
    onPointerCancel: () => {
      drag.current = null;
      pinch.current = null;
      fingers.clear();
      box.value = null;
      moved.value = null;
    },
    onDblClick: () => onZoom(null, null, false),
    onWheel: (event: WheelEvent) => {
      const now = frame.value;
      const isAside = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
      if (!now || (!isAside && !event.ctrlKey)) return;
      event.preventDefault();
      const turned = event.deltaX || event.deltaY;
      const at = shared.cursor.value?.x ?? null;
      const range = isAside ? aside(now, turned / now.width) : closer(now, at, Math.exp(event.deltaY * TURN * 2));
      moved.value = { x: range, y: sight };
      frame.value = { ...now, x: range };
      window.clearTimeout(timer.current);
      timer.current = window.setTimeout(() => onZoom(range, null, false), REST);
    },
  };
}

function spotOf(event: PointerEvent): Spot {
  const target = event.currentTarget;
  const at = target instanceof HTMLElement ? target.getBoundingClientRect() : new DOMRect();
  return { x: event.clientX - at.left, y: event.clientY - at.top };
}

/** Where two fingers are, the left one first, as shares of the width of the plot. */
function sharesOf(fingers: ReadonlyMap<number, Spot>, { left, width }: Frame): Range {
  const [one = 0, other = 0] = [...fingers.values()].map(({ x }) => (x - left) / width).sort((a, b) => a - b);
  return [one, other];
}

/** The part of x that has the same values below two fingers as before they moved; null where they are too near. */
function pinched({ from, frame }: Pinch, to: Range): Range | null {
  if (from[1] - from[0] < CLOSEST || to[1] - to[0] < CLOSEST) return null;
  const scale = (from[1] - from[0]) / (to[1] - to[0]);
  const begin = from[0] - to[0] * scale;
  return [valueAt(frame.x, frame.isLogX, begin), valueAt(frame.x, frame.isLogX, begin + scale)];
}

/** What a hand has drawn around, within the plot; null before it has moved. A flat frame is as high as the plot. */
function boxOf({ from, frame }: Drag, to: Spot): Box | null {
  const within = (value: number, start: number, size: number): number => Math.min(Math.max(value, start), start + size);
  const [x1, x2] = [from.x, to.x].map((x) => within(x, frame.left, frame.width)).sort((a, b) => a - b);
  const [y1, y2] = [from.y, to.y].map((y) => within(y, frame.top, frame.height)).sort((a, b) => a - b);
  if (x1 === undefined || x2 === undefined || y1 === undefined || y2 === undefined || x2 - x1 < LEAST) return null;
  if (y2 - y1 < FLAT) return { left: x1, top: frame.top, width: x2 - x1, height: frame.height };
  return { left: x1, top: y1, width: x2 - x1, height: y2 - y1 };
}
