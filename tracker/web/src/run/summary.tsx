import { signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { isAborted } from "../api/client";
import { asProblem } from "../api/problem";
import type { RunTold } from "../api/schema";
import { numberOf, readSeries } from "../api/series";
import { brief, counted } from "../design/numbers";
import { Line, pointsOf, type Curve } from "../runs/curves";
import { writerText, type Column } from "./loaded";
import { finiteOf, textOf } from "./said";

// A small curve shows no more than this.
const POINTS = 48;
// Curves of so many series are asked for at once.
const AT_ONCE = 100;

interface Props {
  run: RunTold;
  columns: readonly Column[];
  label: string;
  /** Whether least, best and the like are left out: what a machine did has no best. */
  isPlain?: boolean;
}

/** Series in a table: the last value, the least and the greatest, and how it went. */
export function SeriesTable({ run, columns, label, isPlain = false }: Props) {
  const curves = useCurves(run, columns);
  return (
    <div class="table-scroll">
      <table class="plain-table series-table" aria-label={label}>
        <thead>
          <tr>
            <th scope="col">Series</th>
            <th scope="col" class="is-curve">
              Curve
            </th>
            <th scope="col" class="is-number">
              {isPlain ? "Now" : "Last"}
            </th>
            <th scope="col" class="is-number">
              Min
            </th>
            <th scope="col" class="is-number">
              Max
            </th>
            <th scope="col" class="is-number">
              Points
            </th>
          </tr>
        </thead>
        <tbody>
          {columns.map((one) => {
            const { summary, said, name, writer } = one;
            const unit = textOf(said["unit"]);
            const goal = said["goal"];
            const at = JSON.stringify([writer, name]);
            return (
              <tr key={at}>
                <th scope="row" title={textOf(said["description"]) ?? name}>
                  <bdi>{name}</bdi>
                  {unit && unit !== "1" && (
                    <span class="unit">
                      <bdi>{unit === "Cel" ? "°C" : unit}</bdi>
                    </span>
                  )}
                  {writer !== "" && <span class="unit">{writerText(writer)}</span>}
                </th>
                <td class="is-curve">
                  <Line curve={curves.get(at) ?? []} name={name} />
                </td>
                <td class="is-number is-last" title={summary ? String(lastOf(summary.last)) : ""}>
                  {summary && brief(lastOf(summary.last))}
                </td>
                <Extreme value={summary?.minimum} isBest={goal === "minimize"} />
                <Extreme value={summary?.maximum} isBest={goal === "maximize"} />
                <td class="is-number">
                  {counted(one.count)}
                  {summary && summary.nonfinite > 0 && (
                    <span class="unit" title="NaN or infinite">
                      {counted(summary.nonfinite)} not finite
                    </span>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** The last value of a series with points; JSON has no NaN, so that it comes as null. */
function lastOf(told: number | string | null): number {
  return told === null ? NaN : numberOf(told);
}

function Extreme({ value, isBest }: { value: number | null | undefined; isBest: boolean }) {
  const found = finiteOf(value);
  return (
    <td class={isBest ? "is-number is-best" : "is-number"} title={found === null ? "" : String(found)}>
      {isBest && found !== null && <span class="unseen">best </span>}
      {found === null ? "" : isBest ? <mark>{brief(found)}</mark> : brief(found)}
    </td>
  );
}

/** The small curves of series, by writer and name; those before the last change stay until the new are there. */
function useCurves(run: RunTold, columns: readonly Column[]): ReadonlyMap<string, Curve> {
  const curves = useMemo(() => signal<ReadonlyMap<string, Curve>>(new Map()), [run.project, run.id]);
  const asked = columns.map((one) => `${one.writer} ${one.name} ${one.number} ${one.count}`).join("\0");
  useEffect(() => {
    const controller = new AbortController();
    const names = [...new Set(columns.map((one) => one.name))];
    const load = async (): Promise<void> => {
      const found = new Map<string, Curve>();
      for (let at = 0; at < names.length; at += AT_ONCE) {
        const runs = [{ project: run.project, id: run.id }];
        const portions = await readSeries(
          { runs, names: names.slice(at, at + AT_ONCE), points: POINTS },
          controller.signal,
        );
        for (const one of portions) {
          const key = JSON.stringify([one.writer, one.name]);
          found.set(key, [...(found.get(key) ?? []), ...pointsOf(one)]);
        }
        curves.value = new Map([...curves.peek(), ...found]);
      }
    };
    load().catch((error: unknown) => {
      if (!isAborted(error)) asProblem(error); // the numbers stand there without their curves
    });
    return () => controller.abort();
  }, [asked]);
  return curves.value;
}
