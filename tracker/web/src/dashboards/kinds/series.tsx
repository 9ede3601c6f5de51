import { useSignal } from "@preact/signals";
import { searched } from "../../charts/order";
import { Panels } from "../../charts/panels";
import { serverSource } from "../../charts/server";
import {
  changeSettings,
  readX,
  settings as ofAddress,
  type ChangeSettings,
  type Settings,
} from "../../charts/settings";
import type { Board } from "../board";
import type { Panel } from "../arrangement";
import { seriesSettings } from "../settings";

// Above and below a chart in its panel, in pixels: the heading, and what a chart says of points it does not show.
const AROUND = 50;
// Of several charts in a panel each is so high.
const EACH = 200;
const MANY = 12;

/** Curves of the runs. Which are hidden, and which part is looked at, is the same in all panels of the page. */
export default function SeriesPanel({ board, panel }: { board: Board; panel: Panel }) {
  const said = seriesSettings(panel.settings);
  const names = useSignal<readonly string[]>([]);
  const own = useSignal<Pick<Settings, "full" | "order" | "folded">>({ full: null, order: [], folded: [] });
  const asked = said.names.length > 0 ? said.names : said.pattern === "" ? names.value.slice(0, MANY) : undefined;
  const matches = searched(said.pattern);
  const found = names.value.filter((name) => (asked ? asked.includes(name) : matches?.(name)));
  const [first, ...others] = found;
  const isTogether = said.isTogether && first !== undefined && others.length > 0;
  const shown = isTogether ? [first] : found;
  const wanted = isTogether ? shown : asked;
  const isSingle = shown.length < 2;
  const height = isSingle ? Math.max(80, panel.height - AROUND) : EACH;
  const { hidden, zoom, heights, together } = ofAddress.value;
  const settings: Settings = {
    ...own.value,
    x: readX(said.x),
    isLogX: said.isLogX,
    isLogY: said.isLogY,
    smoothing: said.smoothing,
    ignoresOutliers: said.ignoresOutliers,
    band: said.band,
    hidden,
    zoom,
    heights,
    sizes: Object.fromEntries(shown.map((name) => [name, { span: 1, height }])),
    together: isTogether ? { [first]: together[first] ?? others } : together,
    search: said.names.length > 0 ? "" : said.pattern,
  };
  const change: ChangeSettings = (part, options) => {
    const { full = own.value.full, order = own.value.order, folded = own.value.folded } = part;
    own.value = { full, order, folded };
    if ("zoom" in part || "heights" in part || "hidden" in part || "together" in part) {
      const seen = { zoom, heights, hidden, together, ...part };
      const kept = { zoom: seen.zoom, heights: seen.heights, hidden: seen.hidden, together: seen.together };
      changeSettings(kept, options);
    }
  };
  return (
    <div class={isSingle ? "board-series is-single" : "board-series"}>
      <Panels
        source={serverSource}
        shown={board.shown}
        names={wanted}
        settings={settings}
        change={change}
        shared={board.shared}
        onNames={(found) => (names.value = found.map((one) => one.name))}
      />
    </div>
  );
}
