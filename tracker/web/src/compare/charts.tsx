import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { Controls } from "../charts/controls";
import { Legend } from "../charts/legend";
import type { Shown } from "../charts/lines";
import { Panels } from "../charts/panels";
import { serverSource } from "../charts/server";
import { makeShared } from "../charts/shared";
import type { SeriesName } from "../charts/source";
import type { Compared } from "./told";

/** The curves of the runs over each other. */
export function ComparedCharts({ runs }: { runs: readonly Compared[] }) {
  const names = useSignal<readonly SeriesName[]>([]);
  const shared = useMemo(makeShared, []);
  // The place is that of the address, so that a run keeps its colour where another is gone.
  const shown = useMemo(
    () => runs.map(({ key, name, place }): Shown => ({ id: key, label: name, place, runs: [key], isGroup: false })),
    [runs.map((one) => `${one.key}\n${one.name}`).join("\n")],
  );
  return (
    <>
      <div class="compare-controls">
        <Controls names={names.value} />
      </div>
      <div class="charts">
        <div class="charts-side">
          <Legend shown={shown} shared={shared} />
        </div>
        <div class="charts-main">
          <Panels source={serverSource} shown={shown} shared={shared} onNames={(found) => (names.value = found)} />
        </div>
      </div>
    </>
  );
}
