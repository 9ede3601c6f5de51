import { brief, lasting } from "../design/numbers";

/** What kind of numbers stand below a chart. */
export type Along = "number" | "time" | "relative";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How far apart lasting times are written, in seconds. */
export const LASTING = [
  ...[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((one) => one * MINUTE),
  ...[1, 2, 3, 6, 12].map((one) => one * HOUR),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].map((one) => one * DAY),
];

const second = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const minute = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 4 });

/** Numbers beside an axis, so many digits as tell them apart. */
export function numberLabels(ticks: readonly (number | null)[], apart: number): string[] {
  const greatest = Math.max(...ticks.map((tick) => Math.abs(tick ?? 0)));
  return ticks.map((tick) => {
    if (tick === null) return "";
    if (tick !== 0 && apart > 0 && greatest < 1e6 && apart >= 1e-4) {
      const digits = digitsOf(apart);
      if (greatest < 1e4 || digits > 0) return tick.toFixed(digits).replace(/^-/, "−");
    }
    if (greatest >= 1e4 && greatest < 1e15) return compact.format(tick).replace(/^-/, "−");
    return brief(Number(tick.toPrecision(12)));
  });
}

/** Where a logarithmic axis is labelled: at powers of ten, and between them where these are few. */
export function logTicks(least: number, greatest: number): number[] {
  const first = Math.floor(Math.log10(least));
  const last = Math.ceil(Math.log10(greatest));
  const decades = Math.log10(greatest / least);
  const pace = Math.max(1, Math.ceil((last - first) / MOST_POWERS));
  const within = decades > 3 ? [1] : decades > 0.7 ? [1, 2, 5] : [1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9];
  const found: number[] = [];
  for (let power = first; power <= last; power += pace) {
    for (const one of within) {
      const tick = Number(`${one}e${power}`);
      if (tick >= least && tick <= greatest) found.push(tick);
    }
  }
  // Within a small part of a power the ends alone say where it is.
  return found.length > 1 ? found : [least, greatest].map((end) => Number(end.toPrecision(4)));
}

const MOST_POWERS = 7;

/** How many digits behind the point a distance has. */
function digitsOf(apart: number): number {
  for (let digits = 0; digits < 6; digits++) {
    const scaled = apart * 10 ** digits;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6) return digits;
  }
  return 6;
}

/** Times of day, with the date where a new one begins. */
export function timeLabels(ticks: readonly (number | null)[], apart: number): string[] {
  let before = "";
  return ticks.map((tick) => {
    if (tick === null) return "";
    const time = new Date(tick * 1000);
    const date = day.format(time);
    const isNew = date !== before;
    before = date;
    if (apart >= DAY) return date;
    const clock = (apart < MINUTE ? second : minute).format(time);
    return isNew ? `${clock}\n${date}` : clock;
  });
}

export function lastingLabels(ticks: readonly (number | null)[]): string[] {
  return ticks.map((tick) => {
    if (tick === null) return "";
    if (tick < 0) return `−${short(-tick)}`;
    return short(tick);
  });
}

/** A place below a chart as its readout has it. */
export function placeText(value: number, along: Along): string {
  if (along === "time") return exact.format(new Date(value * 1000));
  if (along === "relative") return value < 0 ? `−${lasting(-value)}` : lasting(value);
  return Number.isInteger(value) ? String(value).replace(/^-/, "−") : brief(value);
}

function short(seconds: number): string {
  if (seconds === 0) return "0";
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < MINUTE) return `${brief(seconds)} s`;
  if (seconds < HOUR) return parts(seconds, MINUTE, "min", 1, "s");
  if (seconds < 2 * DAY) return parts(seconds, HOUR, "h", MINUTE, "min");
  return parts(seconds, DAY, "d", HOUR, "h");
}

function parts(seconds: number, large: number, of: string, small: number, rest: string): string {
  const whole = Math.floor(seconds / large);
  const left = Math.round((seconds - whole * large) / small);
  return left === 0 ? `${whole} ${of}` : `${whole} ${of} ${left} ${rest}`;
}
