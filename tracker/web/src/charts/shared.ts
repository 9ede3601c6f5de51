import { signal, type Signal } from "@preact/signals";

/** Where somebody points, in all charts that stand together. */
export interface Cursor {
  x: number;
  /** Of what it is a place, as `xText` names it: charts over something else have no such place. */
  on: string;
  /** The chart that is pointed at. */
  chart: string;
  /** From its upper edge in pixels; null by keys. */
  y: number | null;
}

export interface Shared {
  cursor: Signal<Cursor | null>;
  /** The run, or group, that is pointed at. */
  highlight: Signal<string | null>;
}

export function makeShared(): Shared {
  return { cursor: signal(null), highlight: signal(null) };
}
