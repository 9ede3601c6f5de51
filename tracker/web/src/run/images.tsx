import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { RunTold } from "../api/schema";
import { kept, keep } from "../app/kept";
import { Failed } from "../app/states";
import { isDrawable, pictureOf, type Picture } from "../pictures/picture";
import { StepSlider } from "../pictures/slider";
import { Dialog } from "../design/dialog";
import { Icon } from "../design/icons";
import { brief, exactCount } from "../design/numbers";
import { exactTime } from "../design/times";
import { useEntries, type Entries, type Entry } from "./entries";
import { columnsOf, writerText, type Column, type OwnFile } from "./loaded";
import type { Shown } from "./page";
import { Shot } from "./picture";
import { place, visit } from "./place";
import { nameOf } from "./texts";

/** The images of a run by name, at one step or each at its own. */
export default function Images({ loaded, run }: Shown) {
  const columns = columnsOf(run, place.value.writer, "images");
  const together = useSignal(kept("images", ["together", "alone"], "together") === "together");
  const steps = useSignal<ReadonlyMap<string, readonly number[]>>(new Map());
  const all = useMemo(() => [...new Set([...steps.value.values()].flat())].sort((a, b) => a - b), [steps.value]);
  const step = place.value.step === null ? null : Number(place.value.step);
  const files = useMemo(
    () => new Map((loaded.files.value ?? []).map((one) => [`${one.writer}\0${one.name}\0${one.index}`, one] as const)),
    [loaded.files.value],
  );
  return (
    <div class="images-page">
      <div class="tool-line">
        {together.value && all.length > 1 ? (
          <StepSlider
            label="Step of all images"
            steps={all}
            at={placeOf(all, step)}
            onChange={(at) => visit({ step: at === all.length - 1 ? null : String(all[at]) }, { replace: true })}
          />
        ) : (
          <span class="spring" />
        )}
        {columns.some((one) => one.count > 1) && (
          <button
            class={together.value ? "button is-on" : "button"}
            aria-pressed={together.value}
            onClick={() => {
              together.value = !together.value;
              keep("images", together.value ? "together" : "alone");
            }}
          >
            One step for all
          </button>
        )}
      </div>
      <div class="gallery">
        {columns.map((column) => (
          <Card
            key={nameOf(column)}
            run={run}
            column={column}
            files={files}
            step={together.value ? { value: step } : null}
            onSteps={(found) => (steps.value = new Map(steps.value).set(nameOf(column), found))}
          />
        ))}
      </div>
    </div>
  );
}

interface CardProps {
  run: RunTold;
  column: Column;
  files: ReadonlyMap<string, OwnFile>;
  /** The step of all; null where each has its own. */
  step: { value: number | null } | null;
  onSteps: (steps: readonly number[]) => void;
}

function Card({ run, column, files, step, onSteps }: CardProps) {
  const entries = useEntries(run, column);
  const own = useSignal<number | null>(null);
  const open = useSignal(false);
  const box = useRef<HTMLElement>(null);
  const count = entries.count.value;
  void entries.version.value;
  useEffect(() => entries.need(0, count - 1), [entries, count, entries.version.value]);
  const known = useMemo(() => knownOf(entries), [entries, count, entries.version.value]);
  useEffect(() => onSteps(known.map((one) => one.step)), [known]);
  const at = step
    ? placeOf(
        known.map((one) => one.step),
        step.value,
      )
    : Math.min(own.value ?? known.length - 1, known.length - 1);
  const entry = known[at];
  const picture = entry && shotOf(run, column, at, entry, files);
  const problem = entries.problem.value;
  if (problem) return <Failed problem={problem} again={() => entries.retry()} />;
  return (
    <figure ref={box} class="shot">
      <figcaption>
        <span class="shot-name" title={column.name}>
          <bdi>{column.name}</bdi>
        </span>
        {column.writer !== "" && <span class="unit">{writerText(column.writer)}</span>}
        <span class="count">{entry ? stepText(entry) : ""}</span>
      </figcaption>
      {picture && !isDrawable(picture) ? (
        <div class="shot-open is-plain">
          <Shot picture={picture} name={column.name} step={entry.step} />
        </div>
      ) : picture ? (
        <button class="shot-open" aria-label={`Show ${column.name} large`} onClick={() => (open.value = true)}>
          <Shot picture={picture} name={column.name} step={entry.step} />
        </button>
      ) : (
        <span class="shot-open blank" />
      )}
      {picture?.says && (
        <p class="hint">
          <bdi>{picture.says}</bdi>
        </p>
      )}
      {!step && known.length > 1 && (
        <StepSlider
          label={`Step of ${column.name}`}
          steps={known.map((one) => one.step)}
          at={at}
          onChange={(now) => (own.value = now)}
        />
      )}
      {open.value && (
        <Large run={run} column={column} known={known} first={at} files={files} onClose={() => (open.value = false)} />
      )}
    </figure>
  );
}

interface LargeProps {
  run: RunTold;
  column: Column;
  known: readonly Entry[];
  first: number;
  files: ReadonlyMap<string, OwnFile>;
  onClose: () => void;
}

/** An image as large as the window; arrows go through its steps. */
function Large({ run, column, known, first, files, onClose }: LargeProps) {
  const at = useSignal(first);
  const entry = known[at.value];
  const picture = entry && shotOf(run, column, at.value, entry, files);
  const turn = (by: number): void => {
    at.value = Math.min(Math.max(at.value + by, 0), known.length - 1);
  };
  return (
    <Dialog title={column.name} onClose={onClose}>
      <div
        class="large"
        onKeyDown={(event) => {
          const by = { ArrowLeft: -1, ArrowRight: 1, Home: -known.length, End: known.length }[event.key];
          if (by === undefined || event.target instanceof HTMLInputElement) return;
          event.preventDefault();
          turn(by);
        }}
      >
        {picture && <Shot picture={picture} name={column.name} step={entry.step} isLarge />}
        <div class="large-line">
          <button
            class="icon-button"
            aria-label="Previous step"
            disabled={at.value === 0}
            onClick={() => turn(-1)}
            autoFocus
          >
            <Icon name="left" />
          </button>
          <button
            class="icon-button"
            aria-label="Next step"
            disabled={at.value === known.length - 1}
            onClick={() => turn(1)}
          >
            <Icon name="right" />
          </button>
          <span role="status">
            {entry && stepText(entry)}, {exactCount(at.value + 1)} of {exactCount(known.length)}
          </span>
          {entry?.time != null && <span class="hint">{exactTime(entry.time)}</span>}
          {picture && <span class="hint">{picture.says}</span>}
        </div>
        {known.length > 1 && (
          <StepSlider
            label="Step"
            steps={known.map((one) => one.step)}
            at={at.value}
            onChange={(now) => (at.value = now)}
          />
        )}
      </div>
    </Dialog>
  );
}

function knownOf(entries: Entries): Entry[] {
  const found: Entry[] = [];
  for (let at = 0; at < entries.count.peek(); at++) {
    const entry = entries.at(at);
    if (!entry) break;
    found.push(entry);
  }
  return found;
}

function shotOf(
  run: RunTold,
  { writer, name }: Column,
  index: number,
  { value }: Entry,
  files: ReadonlyMap<string, OwnFile>,
): Picture {
  return pictureOf(run, name, { value, index, writer }, files.get(`${writer}\0${name}\0${index}`) ?? null);
}

/** The last place at or before a step; the last of all where none is said. */
export function placeOf(steps: readonly number[], step: number | null): number {
  if (step === null || Number.isNaN(step)) return steps.length - 1;
  const found = steps.findLastIndex((one) => one <= step);
  return found < 0 ? 0 : found;
}

/** The step of an entry in words. */
export function stepText(entry: Entry): string {
  return `${entry.hasStep ? "step" : "number"} ${brief(entry.step)}`;
}
