import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { isAborted } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import { address } from "../app/router";
import { Empty, Failed } from "../app/states";
import { documentsOf, linesOf, readFile, type Document, type Lines } from "./documents";
import { StepSlider } from "../pictures/slider";
import { entryAt, mostCommon, useEntries } from "./entries";
import { Pair } from "./pair";
import { changePlace, place } from "./place";
import type { Compared } from "./told";
import "./texts.css";

/** Texts of two runs, line by line. */
export function ComparedTexts({ runs }: { runs: readonly Compared[] }) {
  const { query } = address.value;
  const documents = useMemo(() => documentsOf(runs), [runs]);
  const document = documents.find((one) => one.id === query.get("text")) ?? mostCommon(documents, (one) => one.runs);
  const first = runs.find((one) => one.key === place.value.base) ?? runs[0];
  const others = runs.filter((one) => one !== first);
  const second = others.find((one) => one.key === query.get("with")) ?? others[0];
  if (!document) {
    return (
      <Empty title="These runs have no texts">
        <p>Texts that are logged, the console, and artifacts that are text stand here, line by line.</p>
      </Empty>
    );
  }
  if (!first || !second) {
    return (
      <Empty icon="columns" title="Add a second run">
        <p>Texts are compared between two runs.</p>
      </Empty>
    );
  }
  const shown = { runs, documents, document, first, second, others };
  return document.kind === "text" ? <OfSeries key={document.id} {...shown} /> : <OfFile {...shown} />;
}

interface Shown {
  runs: readonly Compared[];
  documents: readonly Document[];
  document: Document;
  first: Compared;
  second: Compared;
  others: readonly Compared[];
}

function OfSeries(shown: Shown) {
  const { document, first, second, runs } = shown;
  const { query } = address.value;
  const { entries, problem, again } = useEntries(runs, "text", document.name);
  const steps = [...new Set([...(entries?.values() ?? [])].flatMap((all) => all.map((one) => one.step)))].sort(
    (one, other) => one - other,
  );
  // A console is one text; samples are looked at one by one.
  const isWhole = (query.get("part") ?? (document.name.startsWith("console/") ? "all" : "step")) === "all";
  const asked = query.get("step");
  const at = asked === null ? steps.length - 1 : steps.findLastIndex((one) => one <= Number(asked));
  const step = useSignal(0);
  useEffect(() => void (step.value = steps[Math.max(at, 0)] ?? 0), [at, steps.length]);
  const linesIn = (run: Compared): Lines | null => {
    const own = entries?.get(run.key) ?? [];
    const entry = entryAt(own, step.value);
    const wanted = isWhole ? own : entry ? [entry] : [];
    return wanted.length === 0 ? null : linesOf(wanted.map(({ value }) => (typeof value === "string" ? value : "")));
  };
  const pair = useMemo(
    () => (entries === null ? null : ([linesIn(first), linesIn(second)] as const)),
    [entries, first.key, second.key, isWhole, isWhole || step.value],
  );
  return (
    <>
      <Controls {...shown}>
        {steps.length > 1 && (
          <div class="toggles" role="group" aria-label="Which entries">
            {[
              { says: "One step", isOn: !isWhole, part: "step" },
              { says: "All entries", isOn: isWhole, part: "all" },
            ].map((one) => (
              <button
                key={one.part}
                class={one.isOn ? "button is-on" : "button"}
                aria-pressed={one.isOn}
                onClick={() => changePlace({ part: one.part }, { replace: true })}
              >
                {one.says}
              </button>
            ))}
          </div>
        )}
        {!isWhole && steps.length > 1 && (
          <StepSlider
            label="Step"
            steps={steps}
            at={Math.max(steps.indexOf(step.value), 0)}
            onChange={(now) => (step.value = steps[now] ?? 0)}
            onRest={(now) =>
              changePlace({ step: now === steps.length - 1 ? null : String(steps[now]) }, { replace: true })
            }
            hasButtons
          />
        )}
      </Controls>
      {problem ? <Failed problem={problem} again={again} /> : <Pair {...shown} pair={pair} />}
    </>
  );
}

function OfFile(shown: Shown) {
  const { document, first, second } = shown;
  const found = useSignal<{ of: string; pair: readonly [Lines | null, Lines | null] } | null>(null);
  const problem = useSignal<Problem | null>(null);
  const turn = useSignal(0);
  const digests = [first, second].map(({ key, told }) =>
    [
      key,
      ...told.sources.flatMap((one) => one.files?.find((file) => file.name === document.name)?.sha256 ?? []),
    ].join(),
  );
  const of = [document.id, ...digests].join("\n");
  useEffect(() => {
    const controller = new AbortController();
    problem.value = null;
    Promise.all([first, second].map((run) => readFile(run, document.name, controller.signal)))
      .then(([one = null, other = null]) => (found.value = { of, pair: [one, other] }))
      .catch((error: unknown) => {
        if (!isAborted(error)) problem.value = asProblem(error);
      });
    return () => controller.abort();
  }, [of, turn.value]);
  return (
    <>
      <Controls {...shown} />
      {problem.value ? (
        <Failed problem={problem.value} again={() => (turn.value += 1)} />
      ) : (
        <Pair {...shown} pair={found.value?.of === of ? found.value.pair : null} />
      )}
    </>
  );
}

function Controls({ documents, document, children }: Shown & { children?: ComponentChildren }) {
  const isSplit = address.value.query.get("view") === "split";
  return (
    <div class="compare-controls">
      <label class="choice">
        <span>Text</span>
        <select
          value={document.id}
          onChange={(event) => changePlace({ text: event.currentTarget.value, step: null, part: null })}
        >
          {(["text", "artifacts"] as const).map((kind) => {
            const own = documents.filter((one) => one.kind === kind);
            return (
              own.length > 0 && (
                <optgroup key={kind} label={kind === "text" ? "Texts" : "Files"}>
                  {own.map((one) => (
                    <option key={one.id} value={one.id}>
                      {one.name}
                    </option>
                  ))}
                </optgroup>
              )
            );
          })}
        </select>
      </label>
      {children}
      <span class="spring" />
      <div class="toggles" role="group" aria-label="How lines stand">
        {[
          { says: "Unified", isOn: !isSplit, view: null },
          { says: "Side by side", isOn: isSplit, view: "split" },
        ].map((one) => (
          <button
            key={one.says}
            class={one.isOn ? "button is-on" : "button"}
            aria-pressed={one.isOn}
            onClick={() => changePlace({ view: one.view }, { replace: true })}
          >
            {one.says}
          </button>
        ))}
      </div>
    </div>
  );
}
