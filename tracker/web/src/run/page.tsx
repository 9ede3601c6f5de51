import { lazy, Suspense } from "preact/compat";
import type { ComponentType } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { keyText } from "../api/runs";
import type { RunTold } from "../api/schema";
import { Empty, Failed, Waiting } from "../app/states";
import { pageTitle } from "../app/title";
import { Icon } from "../design/icons";
import { Console } from "./console";
import { RunHeader } from "./header";
import { listedOf } from "./listed";
import { columnsOf, isConsole, isHardware, recordOf, useLoaded, type Loaded } from "./loaded";
import { Overview } from "./overview";
import { key, place } from "./place";
import { objectOf, textOf } from "./said";
import { RunTabs, type Tab } from "./tabs";
import { Texts } from "./texts";
import { Values } from "./values";
import "../runs/runs.css";
import "./run.css";
import "./overview.css";
import "./tree.css";
import "./markdown.css";
import "./log.css";
import "./artifacts.css";
import "./diff.css";
import "./images.css";
import "./narrow.css";

/** What a tab shows of a run. */
export interface Shown {
  loaded: Loaded;
  run: RunTold;
}

// What not every run has comes in files of its own.
const Charts = lazy(() => import("./charts"));
const Hardware = lazy(async () => ({ default: (await import("./charts")).Hardware }));
const Images = lazy(() => import("./images"));
const Histograms = lazy(() => import("./histograms"));
const Artifacts = lazy(() => import("./artifacts"));
const Code = lazy(() => import("./code"));
const Raw = lazy(() => import("./raw"));

const VIEWS: Record<string, ComponentType<Shown>> = {
  overview: Overview,
  charts: Charts,
  values: Values,
  hardware: Hardware,
  images: Images,
  histograms: Histograms,
  texts: Texts,
  console: Console,
  artifacts: Artifacts,
  code: Code,
  raw: Raw,
};

/** The page of the run that the address names. */
export default function RunPage() {
  if (keyText(key.value) === place.value.run && key.value.project !== "" && key.value.id !== "") return <Named />;
  return (
    <Empty icon="warning" title="The address names no run" isPage>
      <p>It may have been cut off on its way. The table leads to each run.</p>
      <a class="button" href="/runs">
        <Icon name="table" /> Show the runs
      </a>
    </Empty>
  );
}

function Named() {
  const loaded = useLoaded(key.value);
  const run = loaded.run.value;
  const problem = loaded.problem.value;
  const files = loaded.files.value;
  const { writer } = place.value;
  const artifacts = useMemo(() => (run ? listedOf(run, files ?? [], writer).length : 0), [run, files, writer]);
  const title = run ? (textOf(run.record["name"]) ?? run.id) : null;
  useEffect(() => {
    pageTitle.value = title;
  }, [title]);
  useEffect(() => () => void (pageTitle.value = null), []);
  if (problem && (!run || problem.status === 404)) return <Missing loaded={loaded} />;
  if (!run) return <Waiting what="the run" />;
  const tabs = tabsOf(run, artifacts);
  const chosen = tabs.find((one) => one.name === place.value.tab);
  const View = chosen ? VIEWS[chosen.name] : undefined;
  return (
    <>
      <RunHeader loaded={loaded} run={run} />
      <RunTabs tabs={tabs} chosen={chosen?.name ?? ""} />
      <div
        class={`run-panel is-${chosen?.name ?? "none"}`}
        id="run-panel"
        role="tabpanel"
        aria-labelledby={chosen ? `tab-${chosen.name}` : undefined}
        aria-label={chosen ? undefined : "Nothing"}
        tabIndex={0}
      >
        {problem && (
          <p class="fault" role="alert">
            {problem.message}
          </p>
        )}
        {View ? (
          <Suspense fallback={<Waiting what={chosen?.title.toLowerCase() ?? "it"} />}>
            <View key={`${place.value.writer ?? "all"}`} loaded={loaded} run={run} />
          </Suspense>
        ) : (
          <Empty title="The run has nothing of this kind">
            <p>It may come while the run goes on. The tabs above list what there is.</p>
          </Empty>
        )}
      </div>
    </>
  );
}

function Missing({ loaded }: { loaded: Loaded }) {
  const problem = loaded.problem.value;
  if (!problem) return null;
  return (
    <>
      <Failed problem={problem} again={() => void loaded.load()} />
      <p class="waiting">
        <a class="button" href="/runs">
          Show the runs
        </a>
      </p>
    </>
  );
}

function tabsOf(run: RunTold, artifacts: number): Tab[] {
  const { writer } = place.value;
  const names = (kind: "series" | "images" | "histograms" | "text"): string[] => [
    ...new Set(columnsOf(run, writer, kind).map((one) => one.name)),
  ];
  const [series, texts] = [names("series"), names("text")];
  const record = recordOf(run, writer);
  const hasCode =
    Object.keys(objectOf(record["source"])).length > 0 ||
    Object.keys(objectOf(record["artifacts"])).some((name) => name.startsWith("source/"));
  const all: Tab[] = [
    { name: "overview", title: "Overview", count: null },
    { name: "charts", title: "Charts", count: series.filter((one) => !isHardware(one)).length },
    { name: "values", title: "Parameters", count: leavesOf(record["parameters"]) },
    { name: "images", title: "Images", count: names("images").length },
    { name: "histograms", title: "Histograms", count: names("histograms").length },
    { name: "texts", title: "Texts", count: texts.filter((one) => !isConsole(one)).length },
    { name: "console", title: "Console", count: texts.filter(isConsole).length },
    { name: "artifacts", title: "Artifacts", count: artifacts },
    { name: "hardware", title: "Hardware", count: series.filter(isHardware).length },
  ];
  if (hasCode) all.push({ name: "code", title: "Code", count: null });
  all.push({ name: "raw", title: "Run file", count: null });
  const others = ["properties", "environment"].some((one) => Object.keys(objectOf(record[one])).length > 0);
  return all.filter((one) => one.count !== 0 || (one.name === "values" && others));
}

/** How many values there are below a namespace. */
function leavesOf(value: unknown): number {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value === undefined ? 0 : 1;
  const entries = Object.entries(value);
  if (entries.length === 1 && /^\$(int|float|datetime)$/.test(entries[0]?.[0] ?? "")) return 1;
  return entries.reduce((sum, [, one]) => sum + leavesOf(one), 0);
}
