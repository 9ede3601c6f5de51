import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { address } from "../app/router";
import { Empty, Failed, Waiting } from "../app/states";
import { Swatch } from "../charts/readout";
import { Icon } from "../design/icons";
import { brief } from "../design/numbers";
import { Drawn, type Size } from "../pictures/drawn";
import { fileOf, isDrawable, pictureOf } from "../pictures/picture";
import { StepSlider } from "../pictures/slider";
import { countOf, entryAt, mostCommon, namesOf, useEntries, type Entry } from "./entries";
import { Overlay, type Side } from "./overlay";
import { changePlace, place } from "./place";
import type { Compared } from "./told";
import "./images.css";

export const MODES = [
  { name: "side", title: "Side by side" },
  { name: "swipe", title: "Swipe" },
  { name: "blend", title: "Blend" },
  { name: "difference", title: "Difference" },
] as const;
export type Mode = (typeof MODES)[number]["name"];

const ZOOMS = ["1", "2", "4", "8", "16"];
// Of the width of a pane its border, and of the window what an image leaves for the rest.
const EDGE = 2;
const REST = 330;
const LEAST_PANE = 150;
const GAP = 12;

/** The images of a name, of all runs at one step. */
export function ComparedImages({ runs }: { runs: readonly Compared[] }) {
  const { query } = address.value;
  const names = namesOf(runs, "images");
  const wanted = query.get("image");
  const name =
    wanted !== null && names.includes(wanted)
      ? wanted
      : (mostCommon(names, (one) => countOf(runs, "images", one)) ?? null);
  const { entries, problem, again } = useEntries(runs, "images", name);
  if (name === null) return <NoImages />;
  if (problem) return <Failed problem={problem} again={again} />;
  if (entries === null) return <Waiting what="the images" />;
  return <Shown key={name} runs={runs} names={names} name={name} entries={entries} />;
}

function NoImages() {
  return (
    <Empty title="These runs have no images">
      <p>
        An image is a file that is logged at a step: <code>run.log_image("samples", "samples.png", step=1)</code>.
      </p>
    </Empty>
  );
}

interface ShownProps {
  runs: readonly Compared[];
  names: readonly string[];
  name: string;
  entries: ReadonlyMap<string, readonly Entry[]>;
}

function Shown({ runs, names, name, entries }: ShownProps) {
  const { query } = address.value;
  const steps = [...new Set([...entries.values()].flatMap((all) => all.map((one) => one.step)))].sort((a, b) => a - b);
  const asked = query.get("step");
  const last = steps.length - 1;
  const at =
    asked === null
      ? last
      : Math.max(
          steps.findLastIndex((one) => one <= Number(asked)),
          0,
        );
  const step = useSignal(steps[at] ?? 0);
  useEffect(() => void (step.value = steps[at] ?? 0), [at, steps.length]);
  const mode = runs.length > 1 ? (MODES.find((one) => one.name === query.get("mode"))?.name ?? "side") : "side";
  const zoom = ZOOMS.find((one) => one === query.get("zoomed")) ?? null;
  const sides = runs.map((run): Side => {
    const own = entries.get(run.key) ?? [];
    const entry = entryAt(own, step.value);
    const picture = entry && pictureOf(run.told, name, entry, fileOf(run.told, name, entry));
    return { run, entry, count: own.length, picture };
  });
  return (
    <>
      <div class="compare-controls">
        <label class="choice">
          <span>Images</span>
          <select value={name} onChange={(event) => changePlace({ image: event.currentTarget.value, step: null })}>
            {names.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        <StepSlider
          label="Step"
          steps={steps}
          at={Math.max(steps.indexOf(step.value), 0)}
          onChange={(now) => (step.value = steps[now] ?? 0)}
          onRest={(now) => changePlace({ step: now === last ? null : String(steps[now]) }, { replace: true })}
          hasButtons
        />
        {runs.length > 1 && (
          <div class="toggles" role="group" aria-label="How images stand beside each other">
            {MODES.map((one) => (
              <button
                key={one.name}
                class={mode === one.name ? "button is-on" : "button"}
                aria-pressed={mode === one.name}
                onClick={() => changePlace({ mode: one.name === "side" ? null : one.name }, { replace: true })}
              >
                {one.title}
              </button>
            ))}
          </div>
        )}
        <label class="choice">
          <span>Zoom</span>
          <select
            value={zoom ?? ""}
            onChange={(event) => changePlace({ zoomed: event.currentTarget.value || null }, { replace: true })}
          >
            <option value="">Fit</option>
            {ZOOMS.map((one) => (
              <option key={one} value={one}>
                {one}×
              </option>
            ))}
          </select>
        </label>
      </div>
      {mode === "side" ? (
        <Panes name={name} sides={sides} zoom={zoom === null ? null : Number(zoom)} />
      ) : (
        <Overlay
          name={name}
          sides={sides}
          mode={mode}
          base={place.value.base}
          zoom={zoom === null ? null : Number(zoom)}
        />
      )}
    </>
  );
}

function Panes({ name, sides, zoom }: { name: string; sides: readonly Side[]; zoom: number | null }) {
  const grid = useRef<HTMLDivElement>(null);
  const room = useSignal({ width: 0, height: 0 });
  const sizes = useSignal<ReadonlyMap<string, Size | null>>(new Map());
  useLayoutEffect(() => {
    if (!grid.current) return undefined;
    const watch = new ResizeObserver(([entry]) => {
      room.value = { width: entry?.contentRect.width ?? 0, height: innerHeight - REST };
    });
    watch.observe(grid.current);
    return () => watch.disconnect();
  }, []);
  const most = Math.max(1, Math.floor((room.value.width + GAP) / (LEAST_PANE + GAP)));
  const columns = Math.min(most, sides.length);
  const width = (room.value.width + GAP) / columns - GAP - EDGE;
  const scale = zoom ?? fitting([...sizes.value.values()], width, Math.max(room.value.height, 160));
  // Whoever moves one image moves all.
  const follow = (event: Event): void => {
    const moved = event.currentTarget;
    if (!(moved instanceof HTMLElement)) return;
    for (const one of grid.current?.querySelectorAll<HTMLElement>(".pane-image") ?? []) {
      if (one !== moved) one.scrollTo({ left: moved.scrollLeft, top: moved.scrollTop });
    }
  };
  return (
    <div class="panes-room">
      <div ref={grid} class="panes" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
        {sides.map(({ run, entry, picture, count }) => {
          const size = sizes.value.get(run.key);
          const style: Record<string, string> = size
            ? { width: `${size.width * scale}px`, height: `${size.height * scale}px` }
            : {};
          return (
            <figure key={run.key} class="pane">
              <figcaption>
                <Swatch place={run.place} />
                <span class="pane-name" title={run.name}>
                  <bdi>{run.name}</bdi>
                </span>
                <span class="count">{entry ? `step ${brief(entry.step)}` : ""}</span>
              </figcaption>
              <div
                class={scale > 1 ? "pane-image is-pixelated" : "pane-image"}
                style={{ height: `${paneHeight([...sizes.value.values()], scale)}px` }}
                tabIndex={zoom === null ? -1 : 0}
                role="group"
                aria-label={`Image of ${run.name}`}
                onScroll={follow}
              >
                {picture && isDrawable(picture) && (
                  <Drawn
                    address={picture.address}
                    type={picture.type}
                    alt={picture.says || `${name} of ${run.name} at step ${brief(entry?.step ?? 0)}`}
                    style={size === null ? { display: "none" } : style}
                    onSize={(now) => (sizes.value = new Map(sizes.value).set(run.key, now))}
                  />
                )}
                {!entry && (
                  <p class="hint">{count === 0 ? "It has no such images." : "It has none yet at this step."}</p>
                )}
                {picture?.uri && (
                  <p class="hint">
                    Kept elsewhere: <bdi>{picture.uri}</bdi>
                  </p>
                )}
                {picture && picture.uri === null && (picture.type === null || size === null) && (
                  <p class="hint">
                    The browser can not draw this file.{" "}
                    <a href={picture.address} download>
                      <Icon name="download" size={12} /> Save it
                    </a>
                  </p>
                )}
              </div>
            </figure>
          );
        })}
      </div>
    </div>
  );
}

/** The one scale at which all images have room: pixels that are made larger are whole ones. */
export function fitting(sizes: readonly (Size | null)[], width: number, height: number): number {
  const known = sizes.filter((one) => one !== null);
  if (known.length === 0) return 1;
  const scale = Math.min(...known.map((one) => Math.min(width / one.width, height / one.height)));
  return scale > 1 ? Math.floor(scale) : Math.max(scale, 0.01);
}

function paneHeight(sizes: readonly (Size | null)[], scale: number): number {
  const known = sizes.filter((one) => one !== null);
  const most = Math.max(innerHeight - REST, 160);
  return Math.max(
    120,
    Math.min(most, ...(known.length > 0 ? [Math.max(...known.map((one) => one.height * scale))] : [120])),
  );
}
