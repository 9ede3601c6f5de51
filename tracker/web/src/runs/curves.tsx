import { signal } from "@preact/signals";
import { isAborted } from "../api/client";
import { asProblem } from "../api/problem";
import { keyText } from "../api/runs";
import type { PortionTold, Row } from "../api/schema";
import { readSeries } from "../api/series";

// A curve of some hundred pixels shows no more than this.
const POINTS = 48;
const WIDTH = 96;
const HEIGHT = 22;
const INSET = 2;
// Curves that are kept, by run, name and the time of the run's last change.
const KEPT = 3000;
// Scrolling rests so long, in milliseconds, before curves are asked for.
const REST = 80;

/** The points of a small curve. */
export type Curve = readonly (readonly [x: number, y: number])[];
const curves = new Map<string, Curve>();
const arrived = signal(0);
const wanted = new Map<string, Row>();
let timer = 0;

/** The small curve of a series in a row. */
export function Sparkline({ row, name }: { row: Row; name: string }) {
  void arrived.value;
  const curve = curves.get(mark(row, name)) ?? want(row, name);
  return <Line curve={curve ?? []} name={name} />;
}

/** A small curve. */
export function Line({ curve, name }: { curve: Curve; name: string }) {
  if (curve.length === 0) return null;
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`How ${name} went`}
    >
      <path d={pathOf(curve)} />
    </svg>
  );
}

function mark(row: Row, name: string): string {
  return `${keyText(row)} ${row.changed} ${name}`;
}

/** Ask for a curve with the others in sight; meanwhile the one before the last change is shown. */
function want(row: Row, name: string): Curve | undefined {
  wanted.set(mark(row, name), row);
  if (timer === 0) timer = window.setTimeout(() => void fetchWanted(), REST);
  return curves.get(`${keyText(row)} ${name}`);
}

async function fetchWanted(): Promise<void> {
  timer = 0;
  const asked = [...wanted];
  wanted.clear();
  const byName = new Map<string, Row[]>();
  for (const [text, row] of asked) {
    const name = text.slice(`${keyText(row)} ${row.changed} `.length);
    byName.set(name, [...(byName.get(name) ?? []), row]);
  }
  try {
    for (const [name, rows] of byName) await fetchCurves(name, rows);
  } catch (error) {
    if (!isAborted(error)) asProblem(error); // a cell without its curve is no reason for a notice each second
  }
  while (curves.size > KEPT) curves.delete(curves.keys().next().value ?? "");
  arrived.value += 1;
}

async function fetchCurves(name: string, rows: readonly Row[]): Promise<void> {
  const runs = rows.map(({ project, id }) => ({ project, id }));
  const portions = await readSeries({ runs, names: [name], points: POINTS });
  const found = new Map<string, Curve>();
  for (const one of portions) {
    const key = keyText({ project: one.project, id: one.run });
    found.set(key, [...(found.get(key) ?? []), ...pointsOf(one)]);
  }
  for (const row of rows) {
    const curve = found.get(keyText(row)) ?? [];
    curves.set(mark(row, name), curve);
    curves.set(`${keyText(row)} ${name}`, curve);
  }
}

/** The finite points of a portion. */
export function pointsOf({ steps, indices, values }: PortionTold): Curve {
  return values.flatMap((value, at) =>
    typeof value === "number" ? [[steps?.[at] ?? indices[at] ?? at, value] as const] : [],
  );
}

function pathOf(curve: Curve): string {
  const xs = curve.map(([x]) => x);
  const ys = curve.map(([, y]) => y);
  const place = (value: number, all: readonly number[], size: number): number => {
    const least = Math.min(...all);
    const spread = Math.max(...all) - least;
    return INSET + (spread === 0 ? 0.5 : (value - least) / spread) * (size - 2 * INSET);
  };
  return curve
    .map(
      ([x, y], at) =>
        `${at ? "L" : "M"}${place(x, xs, WIDTH).toFixed(1)} ${(HEIGHT - place(y, ys, HEIGHT)).toFixed(1)}`,
    )
    .join("");
}
