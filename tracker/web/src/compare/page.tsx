import type { ComponentType } from "preact";
import { useRef } from "preact/hooks";
import { go } from "../app/router";
import { Empty, Failed, Waiting } from "../app/states";
import { Icon } from "../design/icons";
import { AddRun } from "./add";
import { ComparedCharts } from "./charts";
import { CompareTop } from "./top";
import { ComparedImages } from "./images";
import { elsewhere, place, placeHref, TABS, type TabName } from "./place";
import { Relations } from "./relations";
import { ComparedTexts } from "./texts";
import { useCompared, type Compared } from "./told";
import { ComparedValues } from "./values";
import "../runs/runs.css";
import "./compare.css";

const VIEWS: Readonly<Record<Exclude<TabName, "relations">, ComponentType<{ runs: readonly Compared[] }>>> = {
  values: ComparedValues,
  charts: ComparedCharts,
  images: ComparedImages,
  texts: ComparedTexts,
};

/** Runs beside each other. */
export default function ComparePage() {
  const { runs: keys, tab } = place.value;
  const { runs, missing, problem, again } = useCompared(keys);
  return (
    <>
      <CompareTop runs={runs ?? []} missing={missing}>
        <Tabs chosen={tab} />
      </CompareTop>
      <div id="compare-panel" class={`compare-panel is-${tab}`} role="tabpanel" aria-labelledby={`compare-tab-${tab}`}>
        {problem && <Failed problem={problem} again={again} />}
        {!problem && runs === null && <Waiting what="the runs" />}
        {!problem && runs && <Shown tab={tab} runs={runs} isNone={keys.length === 0} />}
      </div>
    </>
  );
}

function Shown({ tab, runs, isNone }: { tab: TabName; runs: readonly Compared[]; isNone: boolean }) {
  if (tab === "relations" && (isNone || runs.length > 0)) return <Relations runs={runs} />;
  if (isNone || runs.length === 0) return <NoRuns isNone={isNone} />;
  const View = VIEWS[tab === "relations" ? "values" : tab];
  return <View runs={runs} />;
}

function NoRuns({ isNone }: { isNone: boolean }) {
  return (
    <Empty icon="columns" title={isNone ? "Choose runs to compare" : "These runs are not there any more"}>
      <p>
        {isNone
          ? "Select runs in the table and press Compare, or add them here."
          : "They were removed, or are not yours to see. Choose others in the table, or add them here."}
      </p>
      <p class="state-actions">
        <a class="button" href={elsewhere("/runs")}>
          <Icon name="table" /> Show the table
        </a>
        <AddRun />
      </p>
    </Empty>
  );
}

/** One stop of the Tab key; arrows go through the tabs. */
function Tabs({ chosen }: { chosen: TabName }) {
  const list = useRef<HTMLDivElement>(null);
  const at = TABS.findIndex((one) => one.name === chosen);
  function turn(event: KeyboardEvent): void {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[event.key];
    const next = to === undefined ? undefined : TABS[(to + TABS.length) % TABS.length];
    if (!next) return;
    event.preventDefault();
    go(placeHref({ tab: next.name }), { replace: true });
    document.getElementById(`compare-tab-${next.name}`)?.focus();
  }
  return (
    <div ref={list} class="compare-tabs" role="tablist" aria-label="Ways to compare" onKeyDown={turn}>
      {TABS.map((one) => (
        <button
          key={one.name}
          id={`compare-tab-${one.name}`}
          class="compare-tab"
          role="tab"
          aria-selected={one.name === chosen}
          aria-controls="compare-panel"
          tabIndex={one.name === chosen ? 0 : -1}
          onClick={() => go(placeHref({ tab: one.name }))}
        >
          {one.title}
        </button>
      ))}
    </div>
  );
}
