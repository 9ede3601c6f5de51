import type { SeriesName } from "./source";

/** Series under one heading: what stands before the last `/` of their names. */
export interface Namespace {
  name: string;
  series: readonly SeriesName[];
}

export const OTHER = "Other";
// What a machine did is looked at last.
const LAST = /^system(\/|$)/;

/** Series by namespace, those that were put in an order first. */
export function ordered(series: readonly SeriesName[], order: readonly string[]): Namespace[] {
  const place = new Map(order.map((name, at) => [name, at]));
  const sorted = [...series].sort((one, other) => {
    const by = (place.get(one.name) ?? Infinity) - (place.get(other.name) ?? Infinity);
    return Number.isNaN(by) || by === 0 ? natural.compare(one.name, other.name) : by;
  });
  const found = new Map<string, SeriesName[]>();
  for (const one of sorted) {
    const at = one.name.lastIndexOf("/");
    const name = at > 0 ? one.name.slice(0, at) : OTHER;
    found.set(name, [...(found.get(name) ?? []), one]);
  }
  return [...found]
    .map(([name, own]) => ({ name, series: own }))
    .sort((one, other) => rank(one.name) - rank(other.name) || natural.compare(one.name, other.name));
}

const natural = new Intl.Collator(undefined, { numeric: true });

function rank(name: string): number {
  if (name === OTHER) return 1;
  return LAST.test(name) ? 2 : 0;
}

/** The order of a namespace after one of its series was put before another; null for its end. */
export function moved(own: readonly SeriesName[], name: string, before: string | null): string[] {
  const rest = own.map((one) => one.name).filter((one) => one !== name);
  const at = before === null ? rest.length : rest.indexOf(before);
  return [...rest.slice(0, at), name, ...rest.slice(at)];
}

/**
 * What a search means: names that contain it, or match what stands between slashes. Null if that is no regular
 * expression.
 */
export function searched(search: string): ((name: string) => boolean) | null {
  const between = /^\/(.+)\/$/s.exec(search);
  if (!between) {
    const wanted = search.toLowerCase();
    return (name) => name.toLowerCase().includes(wanted);
  }
  try {
    const pattern = new RegExp(between[1] ?? "", "i");
    return (name) => pattern.test(name);
  } catch {
    return null;
  }
}
