import type { Row } from "../api/schema";
import { NOWHERE, textAt, type Axis } from "./axis";

const WIDEST = 200;
const GAP = 4;

/** The name of an axis in words, and what of a series it shows. */
export function nameOf({ label, aside }: Axis): string {
  return aside ? `${label} ${aside}` : label;
}

/** The name of an axis over its line. */
export function AxisName({ axis }: { axis: Axis }) {
  const aside = asideOf(axis);
  return (
    <>
      <bdi>{axis.label}</bdi> {aside && <small>{aside}</small>}
    </>
  );
}

/** What of a series an axis shows, and whether by its logarithm. */
export function asideOf({ aside, isLog }: Axis): string {
  return [aside, isLog && "log"].filter(Boolean).join(" ");
}

/** Where a name stands that is in the middle over its line. No transform: a popover within would be placed by it. */
export function headPlace(left: number, wide: number): Record<string, string> {
  const half = Math.min(wide, WIDEST, 2 * left) / 2 - GAP;
  return { left: `${left - half}px`, width: `${2 * half}px` };
}

/** The run that is pointed at, with its values. */
export function RunSaid({ row, run, axes }: { row: Row; run: number; axes: readonly Axis[] }) {
  return (
    <>
      <b>
        <bdi>{row.name ?? row.id}</bdi>
      </b>{" "}
      <bdi class="run-values">
        {axes.map((one) => `${nameOf(one)} ${one.texts[run] || textAt(one, NOWHERE)}`).join(" · ")}
      </bdi>
    </>
  );
}
