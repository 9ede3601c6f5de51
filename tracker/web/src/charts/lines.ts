import type { Curve, Odd } from "./curve";
import { COLOURS } from "../design/palette";
import { together, type BandKind } from "./groups";

/** A run, or several that are taken together, as it is drawn in all charts. */
export interface Shown {
  /** The run's key, or what tells the group apart. */
  id: string;
  label: string;
  /** Its place in the list, which is that of its colour. */
  place: number;
  runs: readonly string[];
  isGroup: boolean;
}

/** What lies around a mean, and of how many runs; it is drawn around the mean of smoothed curves where that is drawn. */
export interface Band {
  low: Float64Array;
  high: Float64Array;
  drawnLow: Float64Array;
  drawnHigh: Float64Array;
  counts: Uint16Array;
}

/** What is drawn of one curve. */
export interface Line {
  id: string;
  label: string;
  place: number;
  xs: Float64Array;
  /** As they are, or their mean. */
  ys: Float64Array;
  /** What the line is drawn through: the same, or smoothed. */
  drawn: Float64Array;
  /** Around a mean. */
  band: Band | null;
  /** Whether points were left out, so that a band between their extremes says what a line hides. */
  isReduced: boolean;
  odd: readonly Odd[];
  unplaced: number;
}

/**
 * The lines of curves: one for each writer of a run, or one for a group. Of several series those of one run are of one
 * colour, with dashes of their own; where there is but one run they are of several colours.
 */
export function linesOf(
  shown: readonly Shown[],
  curves: readonly Curve[],
  kind: BandKind,
  names: readonly string[],
  isAlone: boolean,
): readonly Line[] {
  return shown.flatMap((run) =>
    names.flatMap((name, at) => {
      const own = curves.filter((curve) => curve.name === name && run.runs.includes(curve.run));
      if (own.length === 0) return [];
      const label = names.length === 1 ? run.label : isAlone ? name : `${run.label} · ${name}`;
      const one = { ...run, label, place: run.place + at * (isAlone ? 1 : COLOURS) };
      if (one.isGroup) return [groupLine(one, own, kind)];
      return own.map((curve) => runLine(one, curve, own.length > 1));
    }),
  );
}

function runLine(one: Shown, curve: Curve, isOneOfMany: boolean): Line {
  const { xs, ys, smoothed, odd, isReduced, unplaced, writer } = curve;
  const label = isOneOfMany ? `${one.label} · ${writer || "no writer"}` : one.label;
  const { id, place } = one;
  return { id, label, place, xs, ys, drawn: smoothed ?? ys, band: null, isReduced, odd, unplaced };
}

function groupLine(one: Shown, curves: readonly Curve[], kind: BandKind): Line {
  const { xs, mean, low, high, counts } = together(curves, kind);
  const isSmoothed = curves.some((one) => one.smoothed !== null);
  const even = curves.map((one) => ({ ...one, ys: one.smoothed ?? one.ys }));
  const drawn = isSmoothed ? together(even, kind) : { mean, low, high };
  return {
    id: one.id,
    label: one.label,
    place: one.place,
    xs,
    ys: mean,
    drawn: drawn.mean,
    band: { low, high, drawnLow: drawn.low, drawnHigh: drawn.high, counts },
    isReduced: false,
    odd: curves.flatMap((curve) => curve.odd).sort((a, b) => a.x - b.x),
    unplaced: curves.reduce((sum, curve) => sum + curve.unplaced, 0),
  };
}
