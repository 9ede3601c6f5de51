import { keyText } from "../api/runs";
import type { Points } from "../charts/curve";

/** A run of a report. */
export interface ReportRun {
  key: string;
  project: string;
  id: string;
  name: string;
  status: string | null;
  record: Readonly<Record<string, unknown>>;
}

/** The last image of a name. */
export interface ReportImage {
  run: string;
  name: string;
  writer: string;
  step: number | null;
  description: string | null;
  /** For an <img>, where no script in it runs. */
  address: string;
}

/** What a report shows. */
export interface Report {
  title: string;
  made: string;
  runs: readonly ReportRun[];
  curves: readonly Points[];
  images: readonly ReportImage[];
  /** What did not find room, a sentence each. */
  leftOut: readonly string[];
}

interface ToldRun {
  project: string;
  id: string;
  status: string | null;
  record: Record<string, unknown>;
}

interface ToldCurve {
  project: string;
  run: string;
  writer: string;
  name: string;
  count: number;
  indices: string | null;
  steps: string | null;
  times: string | null;
  values: string;
}

interface ToldImage {
  project: string;
  run: string;
  writer: string;
  name: string;
  step: number | null;
  description: string | null;
  type: string;
  data: string;
}

interface Told {
  form: number;
  title: string;
  made: string;
  runs: ToldRun[];
  curves: ToldCurve[];
  images: ToldImage[];
  left_out: string[];
}

/** What stands in the file: base64 of JSON that gzip made smaller. */
export async function readReport(text: string): Promise<Report> {
  const stream = new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
  const told = (await new Response(stream).json()) as Told;
  return {
    title: told.title,
    made: told.made,
    runs: told.runs.map(({ project, id, status, record }) => {
      const { name } = record;
      const said = typeof name === "string" && name ? name : id;
      return { key: keyText({ project, id }), project, id, name: said, status, record };
    }),
    curves: joined(told.curves),
    images: told.images.map(({ project, run, type, data, ...image }) => ({
      ...image,
      run: keyText({ project, id: run }),
      address: `data:${type};base64,${data}`,
    })),
    leftOut: told.left_out,
  };
}

/** Of a long series the points come in several portions, one behind the other. */
function joined(told: readonly ToldCurve[]): Points[] {
  const found: Points[] = [];
  for (const one of told) {
    const points = pointsOf(one);
    const last = found.at(-1);
    if (last && last.run === points.run && last.writer === points.writer && last.name === points.name) {
      found[found.length - 1] = behind(last, points);
    } else found.push(points);
  }
  return found;
}

function pointsOf({ project, run, writer, name, count, ...columns }: ToldCurve): Points {
  const values = numbersOf(columns.values);
  return {
    run: keyText({ project, id: run }),
    writer,
    name,
    count,
    indices: columns.indices === null ? Array.from(values, (_, at) => at) : Array.from(numbersOf(columns.indices)),
    steps: columnOf(columns.steps),
    times: columnOf(columns.times),
    values,
    smoothed: null,
  };
}

function behind(one: Points, next: Points): Points {
  const values = new Float64Array(one.values.length + next.values.length);
  values.set(one.values);
  values.set(next.values, one.values.length);
  const column = (first: Points["steps"], second: Points["steps"]): Points["steps"] =>
    first === null && second === null
      ? null
      : [...(first ?? Array.from(one.values, () => null)), ...(second ?? Array.from(next.values, () => null))];
  return {
    ...one,
    indices: [...one.indices, ...next.indices],
    steps: column(one.steps, next.steps),
    times: column(one.times, next.times),
    values,
  };
}

/** Steps or times: a point that has none has NaN in the file. */
function columnOf(text: string | null): (number | null)[] | null {
  return text === null ? null : Array.from(numbersOf(text), (one) => (Number.isNaN(one) ? null : one));
}

/** Little-endian doubles, on a machine of any kind. */
function numbersOf(text: string): Float64Array {
  const view = new DataView(bytesOf(text).buffer);
  return Float64Array.from({ length: view.byteLength / 8 }, (_, at) => view.getFloat64(at * 8, true));
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
}
