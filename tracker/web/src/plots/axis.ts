import type { Row } from "../api/schema";
import { logTicks, numberLabels } from "../charts/ticks";
import { brief, lasting } from "../design/numbers";
import { briefTime } from "../design/times";
import { cellOf } from "../runs/cells";
import { asideOf, fieldOf, labelOf, type Field } from "../runs/fields";

/** Where the runs stand that say nothing, or no finite number: below the axis, which goes from 0 to 1. */
export const NOWHERE = -0.1;

export interface Tick {
  at: number;
  label: string;
}

/** A field as an axis: each run has a place on it. */
export interface Axis {
  field: string;
  label: string;
  /** What of a series. */
  aside: string;
  kind: "number" | "time" | "category";
  isLog: boolean;
  /** Whether it can be logarithmic. */
  canLog: boolean;
  least: number;
  greatest: number;
  categories: readonly string[];
  hasNowhere: boolean;
  /** The place of each run, in their order. */
  places: readonly number[];
  /** The numbers of runs; null for what is none, and for categories. */
  numbers: readonly (number | null)[];
  texts: readonly string[];
  ticks: readonly Tick[];
}

const TIMES = new Set(["created", "changed", "started", "ended"]);
// A parameter that goes over so many powers was chosen by its logarithm.
const WIDE = 300;
const MOST_TICKS = 6;
const natural = new Intl.Collator(undefined, { numeric: true });

/** The axis of a field. `scale` is as somebody chose it; null where the values say it. */
export function axisOf(field: string, rows: readonly Row[], scale: "log" | "linear" | null): Axis {
  const of = fieldOf(field);
  const said = rows.map((row) => read(row, of));
  const isNumber = said.some((one) => one.number !== null) && said.every((one) => one.isNumber || one.text === "");
  const numbers = said.map((one) => (isNumber ? one.number : null));
  const finite = numbers.filter((one) => one !== null);
  const positive = finite.filter((one) => one > 0);
  const isTime = said.some((one) => one.isTime);
  const canLog = !isTime && positive.length > 0;
  const isWide = positive.length === finite.length && max(finite) / min(finite) >= WIDE;
  const isLog = canLog && (scale === "log" || (scale === null && isWide && of.kind !== "run"));
  const known = isLog ? positive : finite;
  const least = min(known);
  const greatest = max(known);
  const categories = isNumber ? [] : [...new Set(said.map((one) => one.text).filter(Boolean))].sort(natural.compare);
  const at = new Map(categories.map((one, place) => [one, categoryPlace(place, categories.length)]));
  const through = (value: number): number => numberPlace(value, least, greatest, isLog);
  const places = said.map(({ text }, row) => {
    if (!isNumber) return at.get(text) ?? NOWHERE;
    const number = numbers[row] ?? null;
    return number === null || (isLog && number <= 0) ? NOWHERE : through(number);
  });
  const kind = !isNumber ? "category" : isTime ? "time" : "number";
  return {
    field,
    label: labelOf(of),
    aside: asideOf(of),
    kind,
    isLog,
    canLog,
    least,
    greatest,
    categories,
    hasNowhere: places.includes(NOWHERE),
    places,
    numbers,
    texts: said.map((one) => one.text),
    ticks: isNumber
      ? known.length === 0
        ? []
        : ticksOf(known, [least, greatest], isLog, isTime, field).map(([value, label]) => ({
            at: through(value),
            label,
          }))
      : categories.map((label, place) => ({ at: categoryPlace(place, categories.length), label })),
  };
}

/** The same axis with some of its runs alone, by their places in the rows. */
export function ofRuns(axis: Axis, runs: readonly number[]): Axis {
  const places = runs.map((one) => axis.places[one] ?? NOWHERE);
  return {
    ...axis,
    hasNowhere: places.includes(NOWHERE),
    places,
    numbers: runs.map((one) => axis.numbers[one] ?? null),
    texts: runs.map((one) => axis.texts[one] ?? ""),
  };
}

/** The value at a place of an axis of numbers, to as many digits as a hand can mean. */
export function valueAt({ least, greatest, isLog }: Axis, place: number): number {
  if (place <= 0) return least;
  if (place >= 1) return greatest;
  const value = isLog ? least * (greatest / least) ** place : least + (greatest - least) * place;
  const digits = Math.max(3, Math.ceil(Math.log10(Math.abs(value) / Math.max(greatest - least, 1e-300))) + 4);
  return Number(value.toPrecision(Math.min(isLog ? 4 : digits, 17)));
}

/** What stands at a place, in words. */
export function textAt(axis: Axis, place: number): string {
  if (place < 0) return "none";
  if (axis.kind === "category") return axis.categories[categoryAt(axis, place)] ?? "";
  return numberText(axis, valueAt(axis, place));
}

export function numberText({ kind, field }: Pick<Axis, "kind" | "field">, value: number): string {
  if (kind === "time") return briefTime(value);
  return field === "duration" ? lasting(value) : brief(value);
}

/** The places that keys go through: those of the values where these are few. */
export function stopsOf(axis: Axis): readonly number[] {
  const own = [...new Set(axis.places)].sort((one, other) => one - other);
  if (own.length <= MOST_STOPS) return own;
  const even = Array.from({ length: MOST_STOPS + 1 }, (_, at) => at / MOST_STOPS);
  return axis.hasNowhere ? [NOWHERE, ...even] : even;
}

const MOST_STOPS = 50;

export function categoryAt({ categories }: Axis, place: number): number {
  return categories.length < 2 ? 0 : Math.round(place * (categories.length - 1));
}

export function placeOf(axis: Axis, value: number): number {
  return numberPlace(value, axis.least, axis.greatest, axis.isLog);
}

function categoryPlace(at: number, count: number): number {
  return count < 2 ? 0.5 : at / (count - 1);
}

function numberPlace(value: number, least: number, greatest: number, isLog: boolean): number {
  if (!(greatest > least)) return 0.5;
  const place = isLog ? Math.log(value / least) / Math.log(greatest / least) : (value - least) / (greatest - least);
  return Math.max(0, Math.min(1, place));
}

function read(row: Row, field: Field) {
  const cell = cellOf(row, field);
  if (field.kind === "run" && TIMES.has(field.text)) {
    const value: unknown = row[field.text as keyof Row];
    const number = typeof value === "number" ? value : null;
    return { text: cell.text, number, isNumber: number !== null, isTime: true };
  }
  const value = row.values[field.text];
  if (typeof value === "object" && value !== null && "$datetime" in value) {
    const number = Date.parse(String(value.$datetime)) / 1000;
    return { text: cell.text, number: Number.isFinite(number) ? number : null, isNumber: true, isTime: true };
  }
  // A field that a run lacks comes as null.
  const isMissing = field.kind !== "run" && value === null;
  return { text: isMissing ? "" : cell.text, number: cell.number, isNumber: cell.isNumber, isTime: false };
}

function ticksOf(
  known: readonly number[],
  [least, greatest]: readonly [number, number],
  isLog: boolean,
  isTime: boolean,
  field: string,
): [number, string][] {
  if (least === greatest) return [[least, numberText({ kind: isTime ? "time" : "number", field }, least)]];
  const few = [...new Set(known)].sort((one, other) => one - other);
  if (!isTime && few.length <= MOST_TICKS && areApart(few, least, greatest, isLog)) {
    return few.map((one) => [one, numberText({ kind: "number", field }, one)]);
  }
  if (isLog) return logTicks(least, greatest).map((one) => [one, brief(one)]);
  if (isTime || field === "duration") {
    const kind = isTime ? "time" : "number";
    const all = [0, 1, 2, 3].map((at) => least + ((greatest - least) * at) / 3);
    return all.map((one) => [one, numberText({ kind, field }, one)]);
  }
  const rough = (greatest - least) / (MOST_TICKS - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const apart = ([1, 2, 5, 10].find((one) => one * power >= rough) ?? 10) * power;
  const first = Math.ceil(least / apart - 1e-9);
  const count = Math.floor(greatest / apart + 1e-9) - first + 1;
  const all = Array.from({ length: Math.max(count, 0) }, (_, at) => Number(((first + at) * apart).toPrecision(12)));
  const labels = numberLabels(all, apart);
  return all.map((one, at) => [one, labels[at] ?? ""]);
}

/** Whether labels at these values have room beside each other. */
function areApart(values: readonly number[], least: number, greatest: number, isLog: boolean): boolean {
  const places = values.map((one) => numberPlace(one, least, greatest, isLog));
  return places.every((one, at) => at === 0 || one - (places[at - 1] ?? 0) > LEAST_APART);
}

const LEAST_APART = 0.055;

function min(all: readonly number[]): number {
  return all.reduce((least, one) => Math.min(least, one), Infinity);
}

function max(all: readonly number[]): number {
  return all.reduce((greatest, one) => Math.max(greatest, one), -Infinity);
}
