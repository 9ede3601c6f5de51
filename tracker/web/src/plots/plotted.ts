import type { Signal } from "@preact/signals";
import type { Row } from "../api/schema";
import type { Brush, Change } from "./brush";

/** Runs as plots draw them; all lists are in the order of `rows`. */
export interface Plotted {
  rows: readonly Row[];
  brushes: readonly Brush[];
  /** Those that are within all brushes. */
  isIn: readonly boolean[];
  colours: readonly string[];
  /** Of their lines; without it all are solid. */
  dashes?: readonly (readonly number[])[];
  /** Those that are pointed at elsewhere: beside them the others are faint. Null where none is. */
  isLit?: readonly boolean[] | null;
}

/** What a hand does in plots. */
export interface Handled {
  /** The place of the run that is pointed at. */
  pointed: Signal<number | null>;
  /** Told what a hand draws, as it moves. */
  hold: (change: Change | null) => void;
  keep: (changes: readonly Change[]) => void;
  /** Where a press on a run opens it. */
  open?: (run: number) => void;
}

/** Those that are drawn in their colours; of the others there is but a trace. */
export function drawnOf({ isIn, isLit }: Plotted): readonly boolean[] {
  return isLit ? isIn.map((is, at) => is && isLit[at] === true) : isIn;
}

/** The run that is nearest to a hand among those that can be pointed at; null where none is near. */
export function nearestOf({ isIn }: Plotted, most: number, far: (run: number) => number): number | null {
  let best: number | null = null;
  let nearest = most;
  isIn.forEach((is, run) => {
    const own = is ? far(run) : Infinity;
    if (own < nearest) [nearest, best] = [own, run];
  });
  return best;
}
