import { useSignal } from "@preact/signals";
import { Swatch } from "../charts/readout";
import { lasting } from "../design/numbers";
import { briefTime, exactTime } from "../design/times";
import { valueCell, type Cell } from "../runs/cells";
import { Status } from "../runs/status";
import type { ReportRun } from "./data";

interface Column {
  path: string;
  cells: readonly Cell[];
  /** Whether runs have different values in it. */
  differs: boolean;
}

/** The runs, with the parameters and properties in which they differ; the others are shown when somebody asks. */
export function RunsOfReport({ runs }: { runs: readonly ReportRun[] }) {
  const showsAll = useSignal(runs.length === 1);
  const columns = [...columnsOf(runs, "parameters"), ...columnsOf(runs, "properties")];
  const shown = showsAll.value ? columns : columns.filter((one) => one.differs);
  const alike = columns.length - columns.filter((one) => one.differs).length;
  return (
    <section aria-label="Runs">
      <div class="report-table" tabIndex={0} role="group" aria-label="The runs and their parameters">
        <table>
          <thead>
            <tr>
              <th scope="col">Run</th>
              <th scope="col">Status</th>
              <th scope="col">Started</th>
              <th scope="col">Took</th>
              <th scope="col">Tags</th>
              {shown.map((one) => (
                <th key={one.path} scope="col" class={isNumeric(one) ? "is-number" : undefined}>
                  <bdi>{one.path}</bdi>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {runs.map((run, at) => (
              <tr key={run.key}>
                <th scope="row">
                  <Swatch place={at} isOff={false} /> <bdi>{run.name}</bdi>
                  <div class="hint">
                    <bdi>{run.key}</bdi>
                  </div>
                </th>
                <td>
                  <Status status={run.status} />
                </td>
                <td>{timeOf(run.record["started_at"])}</td>
                <td>{tookOf(run)}</td>
                <td>
                  <bdi>{tagsOf(run)}</bdi>
                </td>
                {shown.map(({ path, cells }) => (
                  <td key={path} class={cells[at]?.isNumber ? "is-number" : undefined} title={cells[at]?.title}>
                    <bdi>{cells[at]?.text}</bdi>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {alike > 0 && runs.length > 1 && (
        <button class="button is-quiet" onClick={() => (showsAll.value = !showsAll.value)}>
          {showsAll.value ? "Show only what differs" : `Show ${alike} more that are equal in all runs`}
        </button>
      )}
    </section>
  );
}

function isNumeric({ cells }: Column): boolean {
  return cells.some((one) => one.isNumber) && cells.every((one) => one.isNumber || one.text === "");
}

function columnsOf(runs: readonly ReportRun[], kind: "parameters" | "properties"): Column[] {
  const all = runs.map((run) => new Map(leaves(run.record[kind])));
  const paths = [...new Set(all.flatMap((one) => [...one.keys()]))];
  return paths.map((path) => {
    const cells = all.map((one) => valueCell(one.get(path)));
    const [first] = cells;
    return { path, cells, differs: cells.some((one) => one.exact !== first?.exact) };
  });
}

/** The values of a tree by their paths; what JSON lacks is an object with a tag, and a value. */
function leaves(value: unknown, path = ""): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return path ? [[path, value]] : [];
  const entries: [string, unknown][] = Object.entries(value);
  if (entries.length === 1 && entries[0]?.[0].startsWith("$")) return [[path, value]];
  return entries.flatMap(([name, inner]) => leaves(inner, path ? `${path}.${name}` : name));
}

function timeOf(said: unknown) {
  const seconds = secondsOf(said);
  return seconds === null ? "" : <span title={exactTime(seconds)}>{briefTime(seconds)}</span>;
}

function tookOf({ record }: ReportRun): string {
  const begun = secondsOf(record["started_at"]);
  const ended = secondsOf(record["ended_at"]);
  return begun === null || ended === null ? "" : lasting(ended - begun);
}

function tagsOf({ record }: ReportRun): string {
  const tags: unknown = record["tags"];
  return Array.isArray(tags) ? tags.join(", ") : "";
}

function secondsOf(said: unknown): number | null {
  const seconds = typeof said === "string" ? Date.parse(said) / 1000 : NaN;
  return Number.isFinite(seconds) ? seconds : null;
}
