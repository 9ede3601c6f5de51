import type { PanelSettings } from "./arrangement";

/** What the settings of each kind of panel mean. Whatever else was written is taken for the default. */

export interface SeriesSettings {
  names: readonly string[];
  /** What other names contain, or as `/.../` match; only where none are named. */
  pattern: string;
  /** As an address has it: `step`, `time`, `relative`, `series:NAME`; empty for what each series says. */
  x: string;
  isLogX: boolean;
  isLogY: boolean;
  smoothing: number;
  ignoresOutliers: boolean;
  band: "deviation" | "extremes";
  /** Whether all of them are drawn in one chart. */
  isTogether: boolean;
}

export function seriesSettings(of: PanelSettings): SeriesSettings {
  const log = texts(of["log"]);
  return {
    names: texts(of["names"]),
    pattern: text(of["pattern"]),
    x: text(of["x"]),
    isLogX: log.includes("x"),
    isLogY: log.includes("y"),
    smoothing: number(of["smoothing"], 0, [0, 0.99]),
    ignoresOutliers: of["ignore_outliers"] === true,
    band: of["band"] === "extremes" ? "extremes" : "deviation",
    isTogether: of["together"] === true,
  };
}

export interface RunsSettings {
  /** Empty for those that a project begins with. */
  columns: readonly string[];
  /** Empty for the order of the dashboard. */
  sort: readonly string[];
  rows: number;
}

export const MOST_ROWS = 200;

export function runsSettings(of: PanelSettings): RunsSettings {
  const rows = Math.round(number(of["rows"], 10, [1, MOST_ROWS]));
  return { columns: texts(of["columns"]), sort: texts(of["sort"]), rows };
}

export const FIGURES = ["best", "mean", "last"] as const;
export type Figure = (typeof FIGURES)[number];
export type Goal = "minimize" | "maximize";

export interface ValueSettings {
  field: string;
  of: Figure;
  /** Null for what the series itself says. */
  goal: Goal | null;
}

export function valueSettings(of: PanelSettings): ValueSettings {
  return {
    field: text(of["field"]),
    of: FIGURES.find((one) => one === of["of"]) ?? "best",
    goal: of["goal"] === "minimize" || of["goal"] === "maximize" ? of["goal"] : null,
  };
}

export type Scale = "log" | "linear" | null;

export interface ScatterSettings {
  x: string;
  y: string;
  /** Null for what the values say. */
  scaleX: Scale;
  scaleY: Scale;
}

export function scatterSettings(of: PanelSettings): ScatterSettings {
  return { x: text(of["x"]), y: text(of["y"]), scaleX: scale(of["x_scale"]), scaleY: scale(of["y_scale"]) };
}

export function parallelSettings(of: PanelSettings): { fields: readonly string[] } {
  return { fields: texts(of["fields"]) };
}

export interface ImagesSettings {
  name: string;
  /** Of so many runs. */
  runs: number;
}

export const MOST_IMAGES = 48;

export function imagesSettings(of: PanelSettings): ImagesSettings {
  return { name: text(of["name"]), runs: Math.round(number(of["runs"], 12, [1, MOST_IMAGES])) };
}

export function textSettings(of: PanelSettings): { text: string } {
  return { text: text(of["text"]) };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string" && one !== "") : [];
}

function number(value: unknown, otherwise: number, [least, most]: readonly [number, number]): number {
  return typeof value === "number" && Number.isFinite(value) ? Math.min(Math.max(value, least), most) : otherwise;
}

function scale(value: unknown): Scale {
  return value === "log" || value === "linear" ? value : null;
}
