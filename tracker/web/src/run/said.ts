/** Reading what a run says: any JSON, of which nothing is taken on trust. */

export type Said = Readonly<Record<string, unknown>>;

/** An object, or one without members where there is none. */
export function objectOf(value: unknown): Said {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

/** A text, or null. */
export function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** A finite number, or null. */
export function finiteOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** The texts of an array. */
export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

/** A time text in seconds since 1970, or null. */
export function timeOf(value: unknown): number | null {
  const found = typeof value === "string" ? Date.parse(value) / 1000 : NaN;
  return Number.isNaN(found) ? null : found;
}
