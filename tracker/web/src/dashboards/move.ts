import type { Signal } from "@preact/signals";
import { changed, HEIGHTS, moved, WIDTHS, within, type Arrangement, type Panel } from "./arrangement";
import type { Draft } from "./draft";

/** A panel that a hand moves or resizes at this moment. */
export interface Hand {
  id: number;
  /** Before which panel it would stand; null for the end; undefined while it is resized. */
  before?: number | null;
  width?: number;
  height?: number;
}

// A hand and the arrow keys change heights by so much, in pixels.
const STEP = 20;
const COLUMNS = 12;

/** Move a panel by keys: what it does is said aloud. Empty for other keys. */
export function moveByKey(draft: Draft, panel: Panel, key: string): string {
  const all = draft.content.value;
  const at = all.panels.findIndex((one) => one.id === panel.id);
  const to = { ArrowLeft: at - 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowDown: at + 1, Home: 0 }[key];
  const place = key === "End" ? all.panels.length - 1 : to;
  if (place === undefined) return "";
  if (place < 0 || place >= all.panels.length || place === at) return "It stands at the end already.";
  const rest = all.panels.filter((one) => one.id !== panel.id);
  draft.change(moved(all, panel.id, rest[place]?.id ?? null), `move ${panel.id}`);
  return `Moved to place ${place + 1} of ${all.panels.length}.`;
}

/** Resize a panel by keys. */
export function resizeByKey(draft: Draft, panel: Panel, key: string): string {
  const wider = { ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0;
  const higher = { ArrowUp: -STEP, ArrowDown: STEP }[key] ?? 0;
  if (wider === 0 && higher === 0) return "";
  const width = within(panel.width + wider, WIDTHS);
  const height = within(panel.height + higher, HEIGHTS);
  draft.change(changed(draft.content.value, panel.id, { width, height }), `size ${panel.id}`);
  return `${width} of 12 wide, ${height} pixels high.`;
}

/** Follow a hand that drags a panel by its handle, until it lets go; Escape leaves all as it was. */
export function dragPanel(event: PointerEvent, draft: Draft, panel: Panel, hand: Signal<Hand | null>): void {
  follow(
    event,
    ({ clientX, clientY }) => {
      hand.value = { id: panel.id, before: placeUnder(draft.content.value, panel.id, clientX, clientY) };
    },
    (isKept) => {
      const before = hand.value?.before;
      hand.value = null;
      if (isKept && before !== undefined) draft.change(moved(draft.content.value, panel.id, before));
    },
  );
}

/** Follow a hand that resizes a panel by its corner. */
export function resizePanel(event: PointerEvent, draft: Draft, panel: Panel, hand: Signal<Hand | null>): void {
  const element = event.target instanceof Element ? event.target.closest("[data-panel]") : null;
  const grid = element?.parentElement;
  if (!element || !grid) return;
  const box = element.getBoundingClientRect();
  const gap = parseFloat(getComputedStyle(grid).columnGap) || 0;
  const column = (grid.clientWidth + gap) / COLUMNS;
  follow(
    event,
    ({ clientX, clientY }) => {
      const width = within((clientX - box.left + gap) / column, WIDTHS);
      const height = within(Math.round((clientY - box.top) / STEP) * STEP, HEIGHTS);
      hand.value = { id: panel.id, width, height };
    },
    (isKept) => {
      const { width = panel.width, height = panel.height } = hand.value ?? {};
      hand.value = null;
      const isOther = width !== panel.width || height !== panel.height;
      if (isKept && isOther) draft.change(changed(draft.content.value, panel.id, { width, height }));
    },
  );
}

function follow(event: PointerEvent, moves: (event: PointerEvent) => void, ends: (isKept: boolean) => void): void {
  if (event.button !== 0) return;
  event.preventDefault();
  const controller = new AbortController();
  const { signal } = controller;
  const end = (isKept: boolean): void => {
    controller.abort();
    ends(isKept);
  };
  addEventListener("pointermove", moves, { signal });
  addEventListener("pointerup", () => end(true), { signal });
  addEventListener("pointercancel", () => end(false), { signal });
  addEventListener("keydown", ({ key }) => key === "Escape" && end(false), { signal });
}

/** The panel before which one would stand that is let go at a place; undefined where it would stay. */
function placeUnder(all: Arrangement, id: number, x: number, y: number): number | null | undefined {
  const under = document.elementFromPoint(x, y)?.closest("[data-panel]");
  const over = all.panels.findIndex((one) => String(one.id) === under?.getAttribute("data-panel"));
  if (!under || over < 0 || all.panels[over]?.id === id) return undefined;
  const box = under.getBoundingClientRect();
  const isBehind = x > box.left + box.width / 2;
  return all.panels[isBehind ? over + 1 : over]?.id ?? null;
}
