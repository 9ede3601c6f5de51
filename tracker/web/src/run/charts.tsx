import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { keyText } from "../api/runs";
import { Controls } from "../charts/controls";
import type { Shown as Curves } from "../charts/lines";
import { Panels } from "../charts/panels";
import { serverSource } from "../charts/server";
import type { SeriesName, SeriesSource } from "../charts/source";
import { columnsOf, isHardware } from "./loaded";
import type { Shown } from "./page";
import { place } from "./place";
import { SeriesTable } from "./summary";
import "./charts.css";

/** The curves of a run, but for those of the hardware. */
export default function Charts({ run }: Shown) {
  const columns = columnsOf(run, place.value.writer, "series").filter((one) => !isHardware(one.name));
  return <CurvesOf run={run} names={columns.map((one) => one.name)} />;
}

/** What the machine did meanwhile, as the conventions name it. */
export function Hardware({ run }: Shown) {
  const columns = columnsOf(run, place.value.writer, "series").filter((one) => isHardware(one.name));
  return (
    <>
      <CurvesOf run={run} names={columns.map((one) => one.name)} />
      <section class="run-page">
        <SeriesTable run={run} columns={columns} label="Hardware" isPlain />
      </section>
    </>
  );
}

/** What one writer of runs wrote, where somebody wants to see no others. */
function ofWriter(source: SeriesSource, writer: string): SeriesSource {
  return {
    read: async (asked, signal) => (await source.read(asked, signal)).filter((one) => one.writer === writer),
    names: (runs, signal) => source.names(runs, signal),
    describe: (runs, signal) => source.describe(runs, signal),
    async *all(asked, signal) {
      for await (const one of source.all(asked, signal)) if (one.writer === writer) yield one;
    },
    follow: (runs, told) => source.follow(runs, told),
  };
}

function CurvesOf({ run, names }: { run: Shown["run"]; names: readonly string[] }) {
  const told = useSignal<readonly SeriesName[]>([]);
  const key = keyText(run);
  const { name } = run.record;
  const label = typeof name === "string" && name ? name : run.id;
  const shown = useMemo<readonly Curves[]>(
    () => [{ id: key, label, place: 0, runs: [key], isGroup: false }],
    [key, label],
  );
  const { writer } = place.value;
  const source = useMemo(() => (writer === null ? serverSource : ofWriter(serverSource, writer)), [writer]);
  return (
    <section class="run-charts" aria-label="Charts">
      <Controls names={told.value.filter((one) => names.includes(one.name))} />
      <Panels source={source} shown={shown} names={names} onNames={(found) => (told.value = found)} />
    </section>
  );
}
