import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { useKeys } from "../app/keys";
import { Icon } from "../design/icons";
import { changeSettings, MOST_SMOOTHING, readX, settings, xText } from "./settings";
import type { SeriesName } from "./source";

// An address may be changed some three times a second, by the rules of browsers; this is while a hand moves a slider.
const REST = 120;

/** How all charts are drawn. */
export function Controls({ names }: { names: readonly SeriesName[] }) {
  const now = settings.value;
  const search = useRef<HTMLInputElement>(null);
  useKeys("Charts", [
    { keys: "/", says: "Search the series", does: () => search.current?.focus() },
    { keys: "0", says: "Show all of the x axis", does: () => changeSettings({ zoom: null, heights: {} }) },
  ]);
  return (
    <div class="controls">
      <label class="field is-search">
        <Icon name="search" />
        <span class="unseen">Search the series, or between slashes a regular expression</span>
        <input
          ref={search}
          type="search"
          placeholder="Series, or /regex/"
          value={now.search}
          onInput={(event) => changeSettings({ search: event.currentTarget.value }, { replace: true })}
        />
      </label>
      <ChooseX names={names} />
      <div class="toggles" role="group" aria-label="Logarithmic axes">
        <Toggle isOn={now.isLogX} says="Logarithmic x" does={() => changeSettings({ isLogX: !now.isLogX })}>
          log x
        </Toggle>
        <Toggle isOn={now.isLogY} says="Logarithmic y" does={() => changeSettings({ isLogY: !now.isLogY })}>
          log y
        </Toggle>
      </div>
      <Smoothing />
      <Toggle
        isOn={now.ignoresOutliers}
        says="Leave values far from most others out of sight"
        does={() => changeSettings({ ignoresOutliers: !now.ignoresOutliers })}
      >
        Ignore outliers
      </Toggle>
      {now.zoom !== null && (
        <button class="button is-quiet" onClick={() => changeSettings({ zoom: null, heights: {} })}>
          <Icon name="back" /> Reset zoom
        </button>
      )}
    </div>
  );
}

function ChooseX({ names }: { names: readonly SeriesName[] }) {
  const { x } = settings.value;
  const own = names.some((one) => one.x !== null);
  const chosen = x === null ? "" : xText(x);
  return (
    <label class="choice">
      <span>X</span>
      <select
        value={own || chosen !== "step" ? chosen : ""}
        onChange={(event) => changeSettings({ x: readX(event.currentTarget.value), zoom: null })}
      >
        <option value="">{own ? "As each series says" : "Step"}</option>
        {own && <option value="step">Step</option>}
        <option value="relative">Time since the start</option>
        <option value="time">Time</option>
        <optgroup label="Another series">
          {x?.kind === "series" && !names.some((one) => one.name === x.name) && (
            <option value={xText(x)}>{x.name}</option>
          )}
          {names.map(({ name }) => (
            <option key={name} value={xText({ kind: "series", name })}>
              {name}
            </option>
          ))}
        </optgroup>
      </select>
    </label>
  );
}

function Smoothing() {
  const { smoothing } = settings.value;
  const held = useSignal<number | null>(null);
  const timer = useRef(0);
  useEffect(() => {
    held.value = null;
    return () => window.clearTimeout(timer.current);
  }, [smoothing]);
  const shown = held.value ?? smoothing;
  return (
    <label class="choice">
      <span>Smoothing</span>
      <input
        type="range"
        min="0"
        max={MOST_SMOOTHING}
        step="0.01"
        value={shown}
        aria-valuetext={shown === 0 ? "none" : shown.toFixed(2)}
        onInput={(event) => {
          const value = Number(event.currentTarget.value);
          held.value = value;
          window.clearTimeout(timer.current);
          timer.current = window.setTimeout(() => changeSettings({ smoothing: value }, { replace: true }), REST);
        }}
      />
      <output>{shown === 0 ? "off" : shown.toFixed(2)}</output>
    </label>
  );
}

interface ToggleProps {
  isOn: boolean;
  says: string;
  does: () => void;
  children: string;
}

function Toggle({ isOn, says, does, children }: ToggleProps) {
  return (
    <button class={isOn ? "button is-on" : "button"} aria-pressed={isOn} title={says} onClick={does}>
      {children}
    </button>
  );
}

/** What is drawn around the mean of a group. */
export function ChooseBand() {
  return (
    <label class="choice">
      <span>Band</span>
      <select
        value={settings.value.band}
        onChange={(event) =>
          changeSettings({ band: event.currentTarget.value === "extremes" ? "extremes" : "deviation" })
        }
      >
        <option value="deviation">± one standard deviation</option>
        <option value="extremes">least to greatest</option>
      </select>
    </label>
  );
}
