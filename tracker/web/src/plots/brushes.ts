import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Brush, Change } from "./brush";

/** Brushes with the one that a hand is drawing, which counts before it is kept. */
export function useBrushes(kept: readonly Brush[], onKeep: (brushes: readonly Brush[]) => void) {
  const held = useSignal<Change | null>(null);
  // A hand moves more often than a screen is drawn.
  const frame = useRef(0);
  useEffect(() => () => cancelAnimationFrame(frame.current), []);
  const hold = (change: Change | null): void => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => (held.value = change));
  };
  const keep = (changes: readonly Change[]): void => {
    cancelAnimationFrame(frame.current);
    held.value = null;
    onKeep(changed(kept, changes));
  };
  return { brushes: held.value === null ? kept : changed(kept, [held.value]), hold, keep };
}

function changed(brushes: readonly Brush[], changes: readonly Change[]): readonly Brush[] {
  const gone = new Set(changes.map((one) => (typeof one === "string" ? one : one.field)));
  const rest = brushes.filter((one) => !gone.has(one.field));
  return [...rest, ...changes.filter((one) => typeof one !== "string")];
}
