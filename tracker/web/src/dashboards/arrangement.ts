import type { Arrangement as Told, Panel as PanelTold } from "../api/schema";

/** What a dashboard shows: which runs, and panels about them. */
export interface Arrangement {
  where: string;
  sort: readonly string[];
  by: readonly string[];
  most: number;
  panels: readonly Panel[];
}

export type Kind = PanelTold["kind"];
export type Setting = boolean | number | string | string[] | null;
/** Those that nobody here knows are kept: a later viewer may have written them. */
export type PanelSettings = Readonly<Record<string, Setting>>;

export interface Panel {
  /** Of this window alone. */
  id: number;
  kind: Kind;
  title: string;
  /** In twelfths of the page. */
  width: number;
  /** In pixels. */
  height: number;
  settings: PanelSettings;
}

export const MOST_RUNS = 1000;
export const WIDTHS = [1, 12] as const;
export const HEIGHTS = [80, 4000] as const;
const PANELS = 500;

let last = 0;

/** A panel with an id of its own. */
export function panelOf(told: PanelTold): Panel {
  last += 1;
  const { kind, title = "", width = 6, height = 320, settings = {} } = told;
  return { id: last, kind, title, width, height, settings };
}

/** What the server tells of a dashboard. */
export function arrangementOf({ where = "", sort = [], by = [], most = 20, panels = [] }: Told): Arrangement {
  return { where, sort, by, most, panels: panels.map(panelOf) };
}

/** As it is sent to the server. */
export function toldOf({ where, sort, by, most, panels }: Arrangement): Told {
  return {
    where,
    sort: [...sort],
    by: [...by],
    most,
    panels: panels.map(({ kind, title, width, height, settings }) => ({ kind, title, width, height, settings })),
  };
}

/** Whether two say the same. */
export function isSame(one: Arrangement, other: Arrangement): boolean {
  return JSON.stringify(toldOf(one)) === JSON.stringify(toldOf(other));
}

export function changed(all: Arrangement, id: number, part: Partial<Panel>): Arrangement {
  return { ...all, panels: all.panels.map((one) => (one.id === id ? { ...one, ...part } : one)) };
}

/** With a panel before another one; at the end without one. */
export function moved(all: Arrangement, id: number, before: number | null): Arrangement {
  const panel = all.panels.find((one) => one.id === id);
  if (!panel || id === before) return all;
  const rest = all.panels.filter((one) => one.id !== id);
  const at = rest.findIndex((one) => one.id === before);
  rest.splice(at < 0 ? rest.length : at, 0, panel);
  return { ...all, panels: rest };
}

/** With one more panel, behind another one or at the end. */
export function added(all: Arrangement, panel: Panel, behind: number | null = null): Arrangement {
  if (all.panels.length >= PANELS) return all;
  const at = all.panels.findIndex((one) => one.id === behind);
  const panels = [...all.panels];
  panels.splice(at < 0 ? panels.length : at + 1, 0, panel);
  return { ...all, panels };
}

export function without(all: Arrangement, id: number): Arrangement {
  return { ...all, panels: all.panels.filter((one) => one.id !== id) };
}

/** A number within its bounds. */
export function within(value: number, [least, most]: readonly [number, number]): number {
  return Math.min(Math.max(Math.round(value), least), most);
}
