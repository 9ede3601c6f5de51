import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { RunTold } from "../api/schema";
import { Failed } from "../app/states";
import { StepSlider } from "../pictures/slider";
import { brief } from "../design/numbers";
import { useEntries, type Entry } from "./entries";
import { stepText } from "./images";
import { columnsOf, writerText, type Column } from "./loaded";
import type { Shown } from "./page";
import { place } from "./place";
import { objectOf } from "./said";
import { nameOf } from "./texts";

const WIDTH = 320;
const HEIGHT = 120;
// So many steps, and so many bins of each, the picture over all steps has.
const STEPS = 64;
const BINS = 32;

/** The histograms of a run: one step as bars, and all steps as a picture beneath. */
export default function Histograms({ run }: Shown) {
  const columns = columnsOf(run, place.value.writer, "histograms");
  return (
    <div class="images-page">
      <div class="gallery is-wide">
        {columns.map((one) => (
          <Card key={nameOf(one)} run={run} column={one} />
        ))}
      </div>
    </div>
  );
}

interface Histogram {
  edges: number[];
  counts: number[];
}

function Card({ run, column }: { run: RunTold; column: Column }) {
  const entries = useEntries(run, column);
  const own = useSignal<number | null>(null);
  const count = entries.count.value;
  void entries.version.value;
  useEffect(() => entries.need(0, count - 1), [entries, count, entries.version.value]);
  const known = useMemo(() => {
    const found: Entry[] = [];
    for (let at = 0; at < count; at++) {
      const entry = entries.at(at);
      if (entry) found.push(entry);
    }
    return found;
  }, [entries, count, entries.version.value]);
  const at = Math.min(own.value ?? known.length - 1, known.length - 1);
  const entry = known[at];
  const problem = entries.problem.value;
  if (problem) return <Failed problem={problem} again={() => entries.retry()} />;
  return (
    <figure class="shot">
      <figcaption>
        <span class="shot-name" title={column.name}>
          <bdi>{column.name}</bdi>
        </span>
        {column.writer !== "" && <span class="unit">{writerText(column.writer)}</span>}
        <span class="count">{entry ? stepText(entry) : ""}</span>
      </figcaption>
      {entry ? (
        <Bars one={histogramOf(entry)} label={`${column.name}, ${stepText(entry)}`} />
      ) : (
        <span class="bars blank" />
      )}
      {known.length > 1 && (
        <>
          <Heat known={known} at={at} name={column.name} />
          <StepSlider
            label={`Step of ${column.name}`}
            steps={known.map((one) => one.step)}
            at={at}
            onChange={(now) => (own.value = now)}
          />
        </>
      )}
    </figure>
  );
}

function Bars({ one, label }: { one: Histogram; label: string }) {
  const [least, most] = rangeOf([one]);
  const highest = Math.max(...one.counts.filter(Number.isFinite), 0);
  const x = (value: number): number => ((Math.min(Math.max(value, least), most) - least) / (most - least || 1)) * WIDTH;
  return (
    <>
      <svg class="bars" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
        {one.counts.map((count, at) => {
          const [from, to] = [x(one.edges[at] ?? least), x(one.edges[at + 1] ?? most)];
          // What is less than nothing, or no number, has no bar; its words say so.
          const height = count > 0 && highest > 0 ? Math.min(count / highest, 1) * HEIGHT : 0;
          return (
            <rect key={at} x={from} y={HEIGHT - height} width={Math.max(to - from - 0.6, 0.6)} height={height}>
              <title>{`${brief(one.edges[at] ?? NaN)} to ${brief(one.edges[at + 1] ?? NaN)}: ${brief(count)}`}</title>
            </rect>
          );
        })}
      </svg>
      <p class="bars-ends">
        <span>{brief(one.edges[0] ?? NaN)}</span>
        <span>{brief(one.counts.filter(Number.isFinite).reduce((sum, count) => sum + count, 0))} in all</span>
        <span>{brief(one.edges[one.edges.length - 1] ?? NaN)}</span>
      </p>
    </>
  );
}

/** All steps beside each other, the values upwards: the fuller, the darker. */
function Heat({ known, at, name }: { known: readonly Entry[]; at: number; name: string }) {
  const [cells, columns] = useMemo(() => {
    const every = Math.max(Math.ceil(known.length / STEPS), 1);
    const some = known.filter((_, place) => place % every === 0).map(histogramOf);
    const range = rangeOf(some);
    return [some.map((one) => binned(one, range)), some.length] as const;
  }, [known]);
  const size = known.length / columns;
  return (
    <svg
      class="heat"
      viewBox={`0 0 ${columns} ${BINS}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${name} over ${known.length} steps`}
    >
      {cells.map((bins, column) =>
        bins.map((share, bin) =>
          share > 0.01 ? (
            <rect
              key={`${column} ${bin}`}
              x={column}
              y={BINS - 1 - bin}
              width="1.02"
              height="1.02"
              fill-opacity={share}
            />
          ) : null,
        ),
      )}
      <line x1={(at + 0.5) / size} x2={(at + 0.5) / size} y1="0" y2={BINS} />
    </svg>
  );
}

function histogramOf(entry: Entry): Histogram {
  const { edges, counts } = objectOf(entry.value);
  const numbers = (value: unknown): number[] => (Array.isArray(value) ? value.map(Number) : []);
  return { edges: numbers(edges), counts: numbers(counts) };
}

/** From the least to the greatest finite edge. */
function rangeOf(all: readonly Histogram[]): [number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (const { edges } of all)
    for (const edge of edges)
      if (Number.isFinite(edge)) {
        least = Math.min(least, edge);
        most = Math.max(most, edge);
      }
  return least < most ? [least, most] : Number.isFinite(least) ? [least - 0.5, least + 0.5] : [0, 1];
}

/** The shares of a histogram in bins of equal width, the fullest of them 1. */
function binned({ edges, counts }: Histogram, [least, most]: readonly [number, number]): number[] {
  const bins = new Array<number>(BINS).fill(0);
  const place = (value: number): number => ((Math.min(Math.max(value, least), most) - least) / (most - least)) * BINS;
  counts.forEach((count, at) => {
    if (!(count > 0) || !Number.isFinite(count)) return;
    const [from, to] = [place(edges[at] ?? least), place(edges[at + 1] ?? most)];
    const width = Math.max(to - from, 1e-9);
    for (let bin = Math.floor(from); bin < Math.min(Math.ceil(to), BINS); bin++) {
      const part = Math.min(to, bin + 1) - Math.max(from, bin);
      bins[bin] = (bins[bin] ?? 0) + (count * part) / width;
    }
  });
  const highest = Math.max(...bins);
  return highest > 0 ? bins.map((one) => one / highest) : bins;
}
