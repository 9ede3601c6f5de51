import { post } from "../api/client";
import { keyText } from "../api/runs";
import type { Row } from "../api/schema";
import { candidates, fieldOf, labelOf, quoted } from "../runs/fields";
import { serverSource } from "../charts/server";
import type { Arrangement, Panel } from "./arrangement";
import { newPanel } from "./kinds";

/** What a new dashboard may begin with. */
export const BEGINNINGS = [
  {
    name: "overview",
    title: "Overview",
    says: "The best values, curves of all goals, a table, and what made the difference",
  },
  { name: "sweep", title: "Parameters", says: "How parameters and the best value belong together" },
  { name: "empty", title: "Empty", says: "Put it together yourself" },
] as const;
export type Beginning = (typeof BEGINNINGS)[number]["name"];

const EMPTY: Arrangement = { where: "", sort: [], by: [], most: 20, panels: [] };
// The newest runs say what a project measures.
const LOOKED_AT = 20;
const MOST_GOALS = 4;
const MOST_PARAMETERS = 6;
// A parameter over more than thirty times its least value is seen by its logarithm.
const WIDE = Math.log(30);

/** A beginning as it fits the runs of a project. */
export async function beginWith(beginning: Beginning, project: string): Promise<Arrangement> {
  if (beginning === "empty") return EMPTY;
  const signal = new AbortController().signal;
  const asked = { project, limit: LOOKED_AT, columns: ["parameters.*"] };
  const page = await post("/api/v1/runs/search", asked, signal);
  const series = await serverSource.names(page.rows.map(keyText), signal);
  const goals = series.filter((one) => one.goal !== null);
  const measured = (goals.length > 0 ? goals : series.filter((one) => !one.name.startsWith("system/"))).slice(
    0,
    MOST_GOALS,
  );
  const best = measured.map((one) => {
    const statistic = one.goal === null ? "last" : one.goal === "maximize" ? "max" : "min";
    return { ...one, field: `series.${quoted(one.name)}.${statistic}` };
  });
  // Those that tell the runs apart, numbers first.
  const differing = page.columns.filter(
    (text) => new Set(page.rows.map((row) => JSON.stringify(row.values[text] ?? null))).size > 1,
  );
  const parameters = differing.sort((one, other) => spread(page.rows, other) - spread(page.rows, one));
  const [parameter] = parameters;
  const [first] = best.toReversed();
  const values = best
    .filter((one) => one.goal !== null)
    .map((one) =>
      newPanel(
        "value",
        { field: one.field },
        { width: 12 / Math.max(goals.slice(0, MOST_GOALS).length, 2), height: 132 },
      ),
    );
  const scatter: Panel[] =
    first && parameter
      ? [
          newPanel(
            "scatter",
            { x: parameter, y: first.field, x_scale: spread(page.rows, parameter) > WIDE ? "log" : null },
            { title: `${labelOf(fieldOf(parameter))} and ${first.name}` },
          ),
        ]
      : [];
  const parallel: Panel[] =
    first && parameters.length > 0
      ? [
          newPanel(
            "parallel",
            { fields: [...parameters.slice(0, MOST_PARAMETERS), first.field] },
            { title: "Parameters" },
          ),
        ]
      : [];
  const curves = measured.map((one) => newPanel("series", { names: [one.name] }));
  const columns = candidates([]).filter((one) => ["status", "started", "duration"].includes(one));
  const table = newPanel(
    "runs",
    {
      rows: 10,
      columns: [
        "status",
        ...best.map((one) => one.field),
        ...parameters.slice(0, MOST_PARAMETERS),
        ...columns.slice(1),
      ],
    },
    { title: "Newest runs" },
  );
  if (beginning === "sweep") return { ...EMPTY, most: 100, panels: [...parallel, ...scatter, ...values] };
  const pairs = [...curves, ...scatter];
  // One that would stand alone in its row fills it.
  const last = pairs.length % 2 === 1 ? pairs.pop() : undefined;
  if (last) pairs.push({ ...last, width: 12 });
  return { ...EMPTY, panels: [...values, ...pairs, table] };
}

/** Over how many powers a parameter goes: one that was chosen so widely most often makes a difference. */
function spread(rows: readonly Row[], text: string): number {
  const numbers = rows.flatMap((row) => (typeof row.values[text] === "number" ? [row.values[text]] : []));
  if (numbers.length === 0) return -1;
  const positive = numbers.filter((one) => one > 0);
  return positive.length < numbers.length ? 0 : Math.log(Math.max(...positive) / Math.min(...positive));
}
