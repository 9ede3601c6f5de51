import { computed } from "@preact/signals";
import { address, go, href } from "../app/router";
import type { Range, X } from "./curve";
import type { BandKind } from "./groups";

/** How wide, in columns, and how high, in pixels, a panel is. */
export interface Size {
  span: number;
  height: number;
}

/** A part of an x, which `xText` names. */
export interface Zoom {
  on: string;
  range: Range;
}

/** How charts are drawn: all of it stands in the address. */
export interface Settings {
  /** What stands below; null for what each series says itself, or else steps. */
  x: X | null;
  isLogX: boolean;
  isLogY: boolean;
  /** From 0, the curves as they are, to less than 1. */
  smoothing: number;
  /** Whether a few values far from all others are left out of sight. */
  ignoresOutliers: boolean;
  band: BandKind;
  /** Of all charts over the same x: the part of it that is looked at. */
  zoom: Zoom | null;
  /** Of one chart: the part of y, by series. */
  heights: Readonly<Record<string, Range>>;
  sizes: Readonly<Record<string, Size>>;
  /** Other series that are drawn in the chart of one, by its name. */
  together: Readonly<Record<string, readonly string[]>>;
  /** Series that somebody put in an order; the others follow by name. */
  order: readonly string[];
  /** The series whose chart fills the window. */
  full: string | null;
  /** Runs, or groups, that are not drawn. */
  hidden: readonly string[];
  /** What names of series must contain, or as `/.../` match. */
  search: string;
  /** Namespaces whose charts are folded away. */
  folded: readonly string[];
}

export type ChangeSettings = (part: Partial<Settings>, options?: { replace?: boolean }) => void;

export const MOST_SMOOTHING = 0.99;
export const HEIGHT = 240;
const OWN = ["x", "log", "smooth", "outliers", "band", "zoom", "ysight", "size", "order", "full", "hide", "search"];
const NAMES = [...OWN, "folded", "with"];

/** The settings that the address says. */
export const settings = computed(() => readSettings(address.value.query));

/** Change parts of the settings; with `replace` it is no step to come back to. What else the address says stays. */
export const changeSettings: ChangeSettings = (part, { replace = false } = {}) => {
  const query = new URLSearchParams(address.value.query);
  for (const name of NAMES) query.delete(name);
  for (const [name, value] of writeSettings({ ...settings.value, ...part })) query.append(name, value);
  go(href(address.value.path, query), { replace });
};

export function readSettings(query: URLSearchParams): Settings {
  const smoothing = Number(query.get("smooth") ?? 0);
  return {
    x: readX(query.get("x")),
    isLogX: query.getAll("log").includes("x"),
    isLogY: query.getAll("log").includes("y"),
    smoothing: smoothing > 0 && smoothing <= MOST_SMOOTHING ? smoothing : 0,
    ignoresOutliers: query.get("outliers") === "0",
    band: query.get("band") === "extremes" ? "extremes" : "deviation",
    zoom: readZoom(query.get("zoom") ?? ""),
    heights: Object.fromEntries(query.getAll("ysight").flatMap(readHeight)),
    sizes: Object.fromEntries(query.getAll("size").flatMap(readSize)),
    together: Object.fromEntries(query.getAll("with").flatMap(readTogether)),
    order: query.getAll("order"),
    full: query.get("full"),
    hidden: query.getAll("hide"),
    search: query.get("search") ?? "",
    folded: query.getAll("folded"),
  };
}

export function writeSettings(one: Settings): [string, string][] {
  const all: [string, string][] = [];
  if (one.x) all.push(["x", xText(one.x)]);
  if (one.isLogX) all.push(["log", "x"]);
  if (one.isLogY) all.push(["log", "y"]);
  if (one.smoothing > 0) all.push(["smooth", String(one.smoothing)]);
  if (one.ignoresOutliers) all.push(["outliers", "0"]);
  if (one.band !== "deviation") all.push(["band", one.band]);
  if (one.zoom) all.push(["zoom", `${rangeText(one.zoom.range)} ${one.zoom.on}`]);
  for (const [name, range] of Object.entries(one.heights)) all.push(["ysight", `${rangeText(range)} ${name}`]);
  for (const [name, { span, height }] of Object.entries(one.sizes))
    all.push(["size", `${span}x${Math.round(height)} ${name}`]);
  for (const [name, others] of Object.entries(one.together))
    if (others.length > 0) all.push(["with", JSON.stringify([name, ...others])]);
  for (const name of one.order) all.push(["order", name]);
  if (one.full !== null) all.push(["full", one.full]);
  for (const id of one.hidden) all.push(["hide", id]);
  if (one.search) all.push(["search", one.search]);
  for (const name of one.folded) all.push(["folded", name]);
  return all;
}

/** What stands below as an address has it. */
export function xText(x: X): string {
  return x.kind === "series" ? `series:${x.name}` : x.kind;
}

export function readX(text: string | null): X | null {
  if (text === "step" || text === "relative" || text === "time") return { kind: text };
  return text?.startsWith("series:") ? { kind: "series", name: text.slice("series:".length) } : null;
}

function readRange(text: string): Range | null {
  const [least, greatest, more] = text.split(" ").map(Number);
  if (least === undefined || greatest === undefined || more !== undefined) return null;
  return Number.isFinite(least) && Number.isFinite(greatest) && least < greatest ? [least, greatest] : null;
}

/** Twelve digits: a pixel of a chart of ten million steps, and of times in microseconds. */
function rangeText([least, greatest]: Range): string {
  const digits = (value: number): string => String(Number(value.toPrecision(Math.abs(value) > 1e8 ? 16 : 12)));
  return `${digits(least)} ${digits(greatest)}`;
}

function readZoom(text: string): Zoom | null {
  const [, range, on] = /^(\S+ \S+) (.+)$/s.exec(text) ?? [];
  const found = readRange(range ?? "");
  return found && on ? { on, range: found } : null;
}

function readHeight(text: string): [string, Range][] {
  const [, range, name] = /^(\S+ \S+) (.+)$/s.exec(text) ?? [];
  const found = readRange(range ?? "");
  return found && name ? [[name, found]] : [];
}

function readTogether(text: string): [string, string[]][] {
  try {
    const found: unknown = JSON.parse(text);
    const names = Array.isArray(found) ? found.filter((one) => typeof one === "string") : [];
    const [name, ...others] = names;
    return name === undefined ? [] : [[name, others]];
  } catch {
    return []; // an address that somebody has mistyped
  }
}

function readSize(text: string): [string, Size][] {
  const [, span, height, name] = /^(\d)x(\d{2,4}) (.+)$/s.exec(text) ?? [];
  return span && height && name
    ? [[name, { span: Math.max(1, Number(span)), height: Math.max(120, Number(height)) }]]
    : [];
}
