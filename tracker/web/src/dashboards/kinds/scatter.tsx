import type { Row } from "../../api/schema";
import { exactCount } from "../../design/numbers";
import { nameOf } from "../../plots/names";
import { Scatter } from "../../plots/scatter";
import type { Panel } from "../arrangement";
import { readRows, usePanel, type Board } from "../board";
import { scatterSettings, type ScatterSettings } from "../settings";
import { usePlot } from "./plot";
import { PointedPlot } from "./pointed";
import { Nothing, PanelProblem } from "./states";

/** Each run as a point, at its values of two fields. */
export default function ScatterPanel({ board, panel }: { board: Board; panel: Panel }) {
  const settings = scatterSettings(panel.settings);
  const { x, y } = settings;
  const asked = usePanel(board, async (signal) => (x === "" || y === "" ? [] : await readRows(board, [x, y], signal)), [
    x,
    y,
  ]);
  if (x === "" || y === "") return <Nothing>Choose two fields in the settings of this panel.</Nothing>;
  if (asked.problem) return <PanelProblem problem={asked.problem} again={() => void asked.again()} />;
  if (asked.value === null) return null;
  return <Drawn board={board} rows={asked.value} settings={settings} />;
}

function Drawn({ board, rows, settings }: { board: Board; rows: readonly Row[]; settings: ScatterSettings }) {
  const { x, y, scaleX, scaleY } = settings;
  const wanted = [
    { field: x, scale: scaleX },
    { field: y, scale: scaleY },
  ];
  const plot = usePlot(board, rows, wanted, true);
  const { marks, axes, missing } = plot;
  const [across, up] = axes;
  if (!across || !up || marks.length === 0) return <Nothing>{`No run that is shown has both ${x} and ${y}.`}</Nothing>;
  const order = marks.map((_, at) => at).sort((one, other) => (across.places[one] ?? 0) - (across.places[other] ?? 0));
  return (
    <PointedPlot
      plot={plot}
      order={order}
      label={`${nameOf(up)} over ${nameOf(across)}, ${exactCount(marks.length)} runs`}
    >
      <Scatter runs={plot.runs} across={across} up={up} isNamed {...plot.handled} />
      {missing > 0 && (
        <p class="board-missing">
          {exactCount(missing)} {missing === 1 ? "run lacks" : "runs lack"} one of the two
        </p>
      )}
    </PointedPlot>
  );
}
