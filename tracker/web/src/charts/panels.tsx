import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { isAborted } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import { isNarrow } from "../app/sidebar";
import { Empty, Failed, Waiting } from "../app/states";
import { Icon } from "../design/icons";
import { exactCount } from "../design/numbers";
import { useDrop } from "../design/ordering";
import type { Shown } from "./lines";
import { moved, ordered, searched, type Namespace } from "./order";
import { Panel } from "./panel";
import { changeSettings, HEIGHT, settings as ofAddress, type ChangeSettings, type Settings } from "./settings";
import { makeShared, type Shared } from "./shared";
import type { SeriesName, SeriesSource } from "./source";
import "./charts.css";

export interface PanelsProps {
  source: SeriesSource;
  shown: readonly Shown[];
  /** The series that are wanted; all of the runs by default. */
  names?: readonly string[];
  /** What the address says by default. */
  settings?: Settings;
  change?: ChangeSettings;
  /** What other parts of the page point at too. */
  shared?: Shared;
  /** Told the series of the runs, once they are known. */
  onNames?: (names: readonly SeriesName[]) => void;
}

// As wide as a chart is at least, in pixels, and what lies between two.
const LEAST_WIDTH = 340;
const GAP = 12;
// Few charts share the width, but none is drawn wider than it is easily read.
const MOST_WIDTH = 1000;

/** The charts of some runs, by namespace. Only those near what is in sight are drawn. */
export function Panels(props: PanelsProps) {
  const { source, shown, names, settings = ofAddress.value, change = changeSettings } = props;
  const own = useMemo(makeShared, []);
  const shared = props.shared ?? own;
  const version = useSignal(0);
  const { found, problem, again } = useNames(source, shown, version.value);
  useFollow(source, shown, () => (version.value += 1));
  useEffect(() => {
    if (found) props.onNames?.(found);
  }, [found]);
  const grid = useRef<HTMLDivElement>(null);
  const room = useWidth(grid);
  const matches = searched(settings.search);
  const wanted = (found ?? []).filter((one) => (names ? names.includes(one.name) : true));
  const series = matches ? wanted.filter((one) => matches(one.name)) : wanted;
  const shownProps = { source, all: found ?? [], shown, settings, change, shared, version: version.value };
  const full = wanted.find((one) => one.name === settings.full);
  return (
    <div class="namespaces" ref={grid}>
      {/* What is shown stays while a server is away for a moment. */}
      {found === null && problem && <Failed problem={problem} again={again} />}
      {found === null && !problem && <Waiting what="the series" />}
      {matches === null && (
        <p class="fault" role="alert">
          What stands between the slashes is no regular expression.
        </p>
      )}
      {found !== null && wanted.length === 0 && <NoSeries names={names} isOne={shown.length === 1} />}
      {wanted.length > 0 && series.length === 0 && matches && (
        <Empty icon="search" title="No series is called so">
          <button class="button" onClick={() => change({ search: "" })}>
            Show all {exactCount(wanted.length)}
          </button>
        </Empty>
      )}
      {room > 0 &&
        ordered(series, settings.order).map((one) => (
          <Folder key={one.name} namespace={one} {...shownProps} {...columnsOf(room, one.series.length)} />
        ))}
      {full && <Full series={full} {...shownProps} columns={1} width={innerWidth} />}
    </div>
  );
}

/** How many charts stand beside each other, and how wide each is. */
function columnsOf(room: number, count: number): { columns: number; width: number } {
  const most = Math.max(1, Math.floor((room + GAP) / (LEAST_WIDTH + GAP)));
  const columns = Math.min(most, Math.max(count, Math.ceil(room / MOST_WIDTH)));
  return { columns, width: (room + GAP) / columns - GAP };
}

type Given = Omit<Parameters<typeof Panel>[0], "series" | "size" | "move" | "isFull">;

function Folder({ namespace, ...rest }: Given & { namespace: Namespace }) {
  const { settings, change, columns } = rest;
  const { name, series } = namespace;
  const isFolded = settings.folded.includes(name) && settings.search === "";
  const others = settings.folded.filter((one) => one !== name);
  const put = (one: string, before: string | null): void => {
    const own = new Set(series.map((each) => each.name));
    change({ order: [...settings.order.filter((each) => !own.has(each)), ...moved(series, one, before)] });
  };
  return (
    <section class="namespace" aria-label={`Series of ${name}`}>
      <h2>
        <button
          class="fold"
          aria-expanded={!isFolded}
          onClick={() => change({ folded: isFolded ? others : [...others, name] }, { replace: true })}
        >
          <Icon name="fold" size={12} />
          <bdi>{name}</bdi>
          <span class="count">{exactCount(series.length)}</span>
        </button>
      </h2>
      {!isFolded && (
        <div class="panels" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
          {series.map((one, at) => {
            const before = series[at - 1];
            const after = series[at + 1];
            const move = {
              earlier: before ? () => put(one.name, before.name) : null,
              later: after ? () => put(one.name, series[at + 2]?.name ?? null) : null,
            };
            return <Lazy key={one.name} {...rest} series={one} move={move} put={put} />;
          })}
        </div>
      )}
    </section>
  );
}

/** A panel that is drawn as long as it is near what is in sight. */
function Lazy({ put, ...props }: LazyProps) {
  const root = useRef<HTMLDivElement>(null);
  const isNear = useSignal(false);
  const { series, settings, columns } = props;
  const { isOver, takes } = useDrop("series", series.name, (name) => put(name, series.name));
  const size = settings.sizes[series.name] ?? { span: 1, height: HEIGHT };
  useEffect(() => {
    if (!root.current) return undefined;
    const watch = new IntersectionObserver(([entry]) => (isNear.value = entry?.isIntersecting ?? false), {
      rootMargin: "300px",
    });
    watch.observe(root.current);
    return () => watch.disconnect();
  }, []);
  return (
    <div
      ref={root}
      class={isOver ? "place is-over" : "place"}
      style={{ gridColumn: `span ${Math.min(size.span, columns)}`, minHeight: `${size.height + HEAD}px` }}
      {...takes}
    >
      {isNear.value ? <Panel {...props} size={size} /> : <p class="unseen">{series.name}</p>}
    </div>
  );
}

type LazyProps = Omit<Parameters<typeof Panel>[0], "size" | "isFull"> & {
  put: (name: string, before: string | null) => void;
};

// What stands above and below a chart in its panel, in pixels.
const HEAD = 40;
const FULL_HEAD = 76;
// On a narrow window the values stand below.
const FULL_BELOW = 320;

/** One chart that fills the window. */
function Full({ series, ...rest }: Given & { series: SeriesName }) {
  const ref = useRef<HTMLDialogElement>(null);
  const height = useSignal(innerHeight);
  const { change } = rest;
  useEffect(() => {
    const dialog = ref.current;
    const measure = (): void => void (height.value = innerHeight);
    dialog?.showModal();
    addEventListener("resize", measure);
    return () => {
      removeEventListener("resize", measure);
      dialog?.close();
    };
  }, []);
  const size = { span: 1, height: Math.max(200, height.value - (isNarrow() ? FULL_BELOW : FULL_HEAD)) };
  return (
    <dialog
      ref={ref}
      class="full"
      aria-label={series.name}
      onCancel={(event) => {
        event.preventDefault();
        change({ full: null }, { replace: true });
      }}
    >
      <Panel {...rest} series={series} size={size} isFull move={{ earlier: null, later: null }} />
    </dialog>
  );
}

function NoSeries({ names, isOne }: { names?: readonly string[]; isOne: boolean }) {
  if (names && names.length > 0) {
    return (
      <Empty title="These runs have no such series">
        <p>
          {names.slice(0, 5).map((name) => (
            <code key={name}>{name} </code>
          ))}
        </p>
      </Empty>
    );
  }
  return (
    <Empty title={isOne ? "This run has no series" : "These runs have no series"}>
      <p>
        A series begins with the first number that is logged:{" "}
        <code>
          run.log({"{"}"loss": 0.3{"}"}, step=1)
        </code>
        .
      </p>
    </Empty>
  );
}

function useNames(source: SeriesSource, shown: readonly Shown[], version: number) {
  const found = useSignal<readonly SeriesName[] | null>(null);
  const problem = useSignal<Problem | null>(null);
  const turn = useSignal(0);
  const runs = [...new Set(shown.flatMap((one) => one.runs))];
  useEffect(() => {
    const controller = new AbortController();
    source
      .names(runs, controller.signal)
      .then((names) => {
        found.value = names;
        problem.value = null;
      })
      .catch((error: unknown) => {
        if (!isAborted(error)) problem.value = asProblem(error);
      });
    return () => controller.abort();
  }, [source, runs.join("\n"), version, turn.value]);
  return { found: found.value, problem: problem.value, again: () => (turn.value += 1) };
}

function useFollow(source: SeriesSource, shown: readonly Shown[], told: () => void): void {
  const runs = shown.flatMap((one) => one.runs);
  useEffect(() => source.follow(runs, told), [source, runs.join("\n")]);
}

function useWidth(of: { current: HTMLElement | null }): number {
  const width = useSignal(0);
  useLayoutEffect(() => {
    if (!of.current) return undefined;
    const watch = new ResizeObserver(([entry]) => (width.value = Math.floor(entry?.contentRect.width ?? 0)));
    watch.observe(of.current);
    return () => watch.disconnect();
  }, []);
  return width.value;
}
