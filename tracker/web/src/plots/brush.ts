import { categoryAt, NOWHERE, placeOf, valueAt, type Axis } from "./axis";

/** What of a field is wanted: numbers from one to another, or categories; and whether runs that say nothing are. */
export interface Brush {
  field: string;
  range: readonly [number, number] | null;
  names: readonly string[];
  nowhere: boolean;
}

/** A brush that comes, in place of the one of its field, or the field whose brush goes. */
export type Change = Brush | string;

/** A part of an axis, from place to place. */
export type Span = readonly [number, number];

/** The brush that covers a part of an axis; null where that is all of it. */
export function brushOf(axis: Axis, [from, to]: Span): Brush | null {
  const lowest = axis.hasNowhere ? NOWHERE : 0;
  if (from <= lowest && to >= 1) return null;
  const nowhere = from < NOWHERE / 2;
  const [low, high] = [Math.max(from, 0), Math.min(to, 1)];
  const isNumber = axis.kind !== "category";
  if (high < low) return { field: axis.field, range: null, names: [], nowhere };
  if (isNumber) return { field: axis.field, range: [valueAt(axis, low), valueAt(axis, high)], names: [], nowhere };
  const places = axis.categories.map((_, at) => (axis.categories.length < 2 ? 0.5 : at / (axis.categories.length - 1)));
  const within = axis.categories.filter((_, at) => (places[at] ?? 0) >= low - 1e-9 && (places[at] ?? 0) <= high + 1e-9);
  const nearest = axis.categories[categoryAt(axis, (low + high) / 2)];
  const names = within.length > 0 || nearest === undefined ? within : [nearest];
  return { field: axis.field, range: null, names, nowhere };
}

/** The part of an axis that a brush covers. */
export function spanOf(axis: Axis, brush: Brush): Span {
  const places: number[] = brush.nowhere ? [NOWHERE] : [];
  if (axis.kind === "category") {
    const count = axis.categories.length;
    for (const name of brush.names) {
      const at = axis.categories.indexOf(name);
      if (at >= 0) places.push(count < 2 ? 0.5 : at / (count - 1));
    }
  } else if (brush.range) places.push(placeOf(axis, brush.range[0]), placeOf(axis, brush.range[1]));
  return places.length > 0 ? [Math.min(...places), Math.max(...places)] : [0, 0];
}

/** Which runs all brushes want. */
export function brushed(axes: ReadonlyMap<string, Axis>, brushes: readonly Brush[], count: number): boolean[] {
  return Array.from({ length: count }, (_, at) =>
    brushes.every((brush) => {
      const axis = axes.get(brush.field);
      if (!axis) return true;
      if ((axis.places[at] ?? NOWHERE) < 0) return brush.nowhere;
      if (axis.kind === "category") return brush.names.includes(axis.texts[at] ?? "");
      const number = axis.numbers[at] ?? null;
      return brush.range !== null && number !== null && number >= brush.range[0] && number <= brush.range[1];
    }),
  );
}

/** A brush as an address has it. */
export function brushText({ field, range, names, nowhere }: Brush): string {
  return JSON.stringify(range ? [field, ...range, nowhere] : [field, names, nowhere]);
}

export function readBrush(text: string): Brush[] {
  let told: unknown;
  try {
    told = JSON.parse(text);
  } catch {
    return [];
  }
  if (!Array.isArray(told)) return [];
  const [field, first, second, third]: unknown[] = told;
  if (typeof field !== "string") return [];
  if (typeof first === "number" && typeof second === "number")
    return [{ field, range: [first, second], names: [], nowhere: third === true }];
  if (!Array.isArray(first)) return [];
  const names = first.filter((one) => typeof one === "string");
  return [{ field, range: null, names, nowhere: second === true }];
}
