import { lazy } from "preact/compat";
import type { ComponentType } from "preact";
import type { IconName } from "../design/icons";
import { panelOf, type Kind, type Panel, type PanelSettings } from "./arrangement";
import type { Board } from "./board";

export interface KindOfPanel {
  kind: Kind;
  title: string;
  says: string;
  icon: IconName;
  width: number;
  height: number;
  settings: PanelSettings;
  View: ComponentType<{ board: Board; panel: Panel }>;
}

/** All kinds there are. Each comes in a file of its own, once one of it is near what is in sight. */
export const KINDS: readonly KindOfPanel[] = [
  {
    kind: "series",
    title: "Curves",
    says: "Series over steps or time",
    icon: "curve",
    width: 6,
    height: 320,
    settings: {},
    View: lazy(() => import("./kinds/series")),
  },
  {
    kind: "runs",
    title: "Table",
    says: "Runs with their values",
    icon: "table",
    width: 12,
    height: 360,
    settings: { rows: 10 },
    View: lazy(() => import("./kinds/runs")),
  },
  {
    kind: "value",
    title: "Number",
    says: "The best, mean or newest value",
    icon: "star",
    width: 3,
    height: 160,
    settings: { of: "best" },
    View: lazy(() => import("./kinds/value")),
  },
  {
    kind: "scatter",
    title: "Scatter",
    says: "Two fields against each other",
    icon: "scatter",
    width: 6,
    height: 320,
    settings: {},
    View: lazy(() => import("./kinds/scatter")),
  },
  {
    kind: "parallel",
    title: "Parallel coordinates",
    says: "Many fields side by side",
    icon: "parallel",
    width: 12,
    height: 320,
    settings: {},
    View: lazy(() => import("./kinds/parallel")),
  },
  {
    kind: "images",
    title: "Images",
    says: "The last image of each run",
    icon: "image",
    width: 12,
    height: 320,
    settings: {},
    View: lazy(() => import("./kinds/images")),
  },
  {
    kind: "text",
    title: "Text",
    says: "Words, as Markdown",
    icon: "log",
    width: 6,
    height: 200,
    settings: { text: "" },
    View: lazy(() => import("./kinds/text")),
  },
];

/** What a kind is; undefined for one of a later server. */
export function kindOf(kind: Kind): KindOfPanel | undefined {
  return KINDS.find((one) => one.kind === kind);
}

/** A new panel of a kind, as it begins. */
export function newPanel(kind: Kind, settings: PanelSettings = {}, part: Partial<Panel> = {}): Panel {
  const of = kindOf(kind);
  const { width = 6, height = 320 } = of ?? {};
  const { id } = panelOf({ kind });
  return { kind, title: "", width, height, ...part, id, settings: { ...of?.settings, ...settings } };
}

/** What stands over a panel that nobody gave a title. */
export function titleOf({ kind, title, settings }: Panel): string {
  if (title) return title;
  const { names, pattern, x, y, name } = settings;
  if (kind === "series" && Array.isArray(names) && names.length > 0) return names.join(", ");
  if (kind === "series" && typeof pattern === "string" && pattern) return pattern;
  if (kind === "scatter" && typeof x === "string" && typeof y === "string" && x && y) return `${y} over ${x}`;
  if (kind === "images" && typeof name === "string" && name) return name;
  return kindOf(kind)?.title ?? kind;
}
