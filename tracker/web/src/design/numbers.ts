/** Numbers as people read them, with a point in every language: as run files, filters and exports have them. */

const DIGITS = 4;
const WHOLE = 1e9;
const short = new Intl.NumberFormat("en", { maximumSignificantDigits: DIGITS, useGrouping: false });
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const MINUS = "−";

/** A number to four significant digits; whole ones whole, very great and very small ones with an exponent. */
export function brief(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < WHOLE) return signed(whole.format(value));
  if (size !== 0 && (size < 1e-3 || size >= 1e6))
    return signed(
      value
        .toExponential(DIGITS - 1)
        .replace(/\.?0+e/, "e")
        .replace("e+", "e"),
    );
  return signed(short.format(value));
}

/** How many there are. */
export function counted(value: number): string {
  return value < 10_000 ? whole.format(value) : compact.format(value);
}

/** How many there are, to the last one. */
export function exactCount(value: number): string {
  return whole.format(value);
}

/** A value and how it spreads, as `0.912 ± 0.003`: the spread to two digits, the value to as many places. */
export function withSpread(mean: number, spread: number | null): string {
  if (spread === null || !Number.isFinite(spread) || spread === 0) return brief(mean);
  const size = Math.max(Math.abs(mean), spread);
  if (size < 1e-3 || size >= 1e6) return `${brief(mean)} ± ${brief(Number(spread.toPrecision(2)))}`;
  const places = Math.min(Math.max(1 - Math.floor(Math.log10(spread)), 0), 6);
  return signed(`${mean.toFixed(places)} ± ${spread.toFixed(places)}`);
}

/** Seconds as people say them. */
export function lasting(seconds: number): string {
  const thousandths = Math.round(seconds * 1000);
  if (thousandths < 1000) return `${thousandths} ms`;
  const tenths = Math.round(seconds * 10);
  if (tenths < 100) return `${(tenths / 10).toFixed(1)} s`;
  const rounded = Math.round(seconds);
  if (rounded < 60) return `${rounded} s`;
  if (rounded < 3600) return `${Math.floor(rounded / 60)} min ${String(rounded % 60).padStart(2, "0")} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
  const hours = Math.round(seconds / 3600);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function signed(text: string): string {
  return text.replace(/^-/, MINUS);
}
