// Values as this reader holds them: null, true, false, texts, arrays, objects without a prototype,
// Number for doubles and small integers, BigInt for integers beyond 2^53 - 1, Moment for times.

/** A moment, as its normalised text. */
export class Moment {
  constructor(text) {
    this.text = text;
  }
}

/** An object that may have a member of any name, `__proto__` too. */
export const bare = () => Object.create(null);

export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Moment);

export const isEmpty = (value) => typeof value === "object" && value !== null && Object.keys(value).length === 0;

/** null, {} and []: what says nothing where a member is optional. */
export const isNothing = (value) => value === undefined || value === null || isEmpty(value);

const isNumber = (value) => typeof value === "number" || typeof value === "bigint";

/** Section 5.2: two values are equal. JavaScript compares BigInt and Number exactly. */
export function equal(a, b) {
  if (isNumber(a) && isNumber(b)) return a == b || (Number.isNaN(a) && Number.isNaN(b));
  if (a instanceof Moment && b instanceof Moment) return a.text === b.text;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((entry, i) => equal(entry, b[i]));
  if (isObject(a) && isObject(b)) {
    const names = Object.keys(a);
    return names.length === Object.keys(b).length && names.every((name) => name in b && equal(a[name], b[name]));
  }
  return a === b;
}

/** Section 10: the canonical JSON text of a value (RFC 8785). */
export function canonical(value) {
  if (typeof value === "bigint") return `{"$int":"${value}"}`;
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : `{"$float":"${value}"}`;
  if (value instanceof Moment) return `{"$datetime":${JSON.stringify(value.text)}}`;
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  // JavaScript sorts texts by their UTF-16 code units, as RFC 8785 asks.
  const members = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${members.join()}}`;
}
