import { brief, lasting } from "../design/numbers";
import { valueCell } from "../runs/cells";
import type { FieldRow } from "./fieldrows";

/** Whether two values mean the same: NaN is NaN, and a time is the same in another zone. */
export function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  const time = timeOf(one);
  if (time !== null && time === timeOf(other)) return true;
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Whether the runs say different things of a field. */
export function isDiffering({ values }: FieldRow): boolean {
  return values.some((value) => !isSame(value, values[0]));
}

const MINUS = "−";
// Beyond this a factor says more than a percentage.
const MOST_PERCENT = 1000;

/** How a value is off that of the baseline, in a word: `+12 %`, `×100`, `≠`; empty where it is the same. */
export function changeOf(base: unknown, value: unknown, field = ""): string {
  if (isSame(base, value)) return "";
  const then = timeOf(base);
  const later = timeOf(value);
  if (then !== null && later !== null) {
    return signed(later - then, lasting);
  }
  const before = numberIn(base);
  const now = numberIn(value);
  if (before === null || now === null || before === now) return "≠";
  if (before === 0) return signed(now, field === "duration" ? lasting : brief);
  const percent = ((now - before) / Math.abs(before)) * 100;
  if (!Number.isFinite(percent)) return "≠";
  if (percent >= MOST_PERCENT && before > 0) return `×${brief(Number((now / before).toPrecision(3)))}`;
  const size = Math.abs(percent);
  if (size < 0.01) return signed(now - before, brief);
  return signed(percent, (one) => `${one < 10 ? Number(one.toPrecision(2)) : Math.round(one)} %`);
}

function signed(by: number, text: (size: number) => string): string {
  return `${by < 0 ? MINUS : "+"}${text(Math.abs(by))}`;
}

/** The runs whose value is the best one, where the series says what is better and not all are alike. */
export function bestOf({ values, goal }: FieldRow): ReadonlySet<number> {
  if (goal === null) return new Set();
  const numbers = values.map(numberIn);
  const known = numbers.filter((one) => one !== null);
  const best = goal === "minimize" ? Math.min(...known) : Math.max(...known);
  if (known.length < 2 || known.every((one) => one === best)) return new Set();
  return new Set(numbers.flatMap((one, at) => (one === best ? [at] : [])));
}

/** The finite number of a value. */
export function numberIn(value: unknown): number | null {
  if (typeof value === "number") return value;
  return typeof value === "object" && value !== null ? valueCell(value).number : null;
}

function timeOf(value: unknown): number | null {
  if (typeof value !== "object" || value === null || !("$datetime" in value)) return null;
  const seconds = Date.parse(String(value.$datetime)) / 1000;
  return Number.isFinite(seconds) ? seconds : null;
}
