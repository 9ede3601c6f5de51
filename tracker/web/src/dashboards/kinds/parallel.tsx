import type { Row } from "../../api/schema";
import { exactCount } from "../../design/numbers";
import { AxisName, headPlace, nameOf } from "../../plots/names";
import { Parallel } from "../../plots/parallel";
import type { Panel } from "../arrangement";
import { readRows, usePanel, type Board } from "../board";
import { parallelSettings } from "../settings";
import { usePlot } from "./plot";
import { PointedPlot } from "./pointed";
import { Nothing, PanelProblem } from "./states";

/** Each run as a line through its values of several fields. */
export default function ParallelPanel({ board, panel }: { board: Board; panel: Panel }) {
  const { fields } = parallelSettings(panel.settings);
  const asked = usePanel(board, async (signal) => (fields.length < 2 ? [] : await readRows(board, fields, signal)), [
    fields,
  ]);
  if (fields.length < 2) return <Nothing>Choose two fields or more in the settings of this panel.</Nothing>;
  if (asked.problem) return <PanelProblem problem={asked.problem} again={() => void asked.again()} />;
  if (asked.value === null) return null;
  return <Drawn board={board} rows={asked.value} fields={fields} />;
}

function Drawn({ board, rows, fields }: { board: Board; rows: readonly Row[]; fields: readonly string[] }) {
  const plot = usePlot(
    board,
    rows,
    fields.map((field) => ({ field, scale: null })),
  );
  const { runs, marks, axes } = plot;
  if (marks.length === 0) return <Nothing>No run is shown.</Nothing>;
  return (
    <PointedPlot
      plot={plot}
      order={marks.map((_, at) => at)}
      label={`${axes.map(nameOf).join(", ")} of ${exactCount(marks.length)} runs`}
    >
      <Parallel
        runs={runs}
        axes={axes}
        {...plot.handled}
        head={(axis, _, left, wide) => (
          <div key={axis.field} class="axis-head is-still" style={headPlace(left, wide)}>
            <span class="axis-name" title={nameOf(axis)}>
              <AxisName axis={axis} />
            </span>
          </div>
        )}
      />
    </PointedPlot>
  );
}
