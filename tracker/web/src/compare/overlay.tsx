import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { address } from "../app/router";
import { Empty } from "../app/states";
import { Swatch } from "../charts/readout";
import { brief } from "../design/numbers";
import type { Entry } from "./entries";
import { fitting, type Mode } from "./images";
import { Drawn, type Size } from "../pictures/drawn";
import { isDrawable, type Picture } from "../pictures/picture";
import { changePlace } from "./place";
import type { Compared } from "./told";

/** What one run has at the step. */
export interface Side {
  run: Compared;
  entry: Entry | null;
  picture: Picture | null;
  /** How many images of the name it has. */
  count: number;
}

interface Props {
  name: string;
  sides: readonly Side[];
  mode: Exclude<Mode, "side">;
  base: string | null;
  zoom: number | null;
}

const SLIDERS: Readonly<Record<Props["mode"], { says: string; min: number; max: number; first: number }>> = {
  swipe: { says: "How much of each is shown", min: 0, max: 100, first: 50 },
  blend: { says: "How much the second covers the first", min: 0, max: 100, first: 50 },
  difference: { says: "How much the difference is amplified", min: 1, max: 16, first: 1 },
};
const REST = 380;
const MARGIN = 32;

/** Two images over each other, which have to be of the same size. */
export function Overlay({ name, sides, mode, base, zoom }: Props) {
  const first = sides.find((one) => one.run.key === base) ?? sides[0];
  const others = sides.filter((one) => one !== first);
  const wanted = address.value.query.get("with");
  const second = others.find((one) => one.run.key === wanted) ?? others[0];
  const sizes = useSignal<ReadonlyMap<string, Size | null>>(new Map());
  const room = useSignal(0);
  const frame = useRef<HTMLDivElement>(null);
  const { says, min, max, first: begun } = SLIDERS[mode];
  const amounts = useSignal<Partial<Record<Mode, number>>>({});
  const amount = amounts.value[mode] ?? begun;
  useLayoutEffect(() => {
    if (!frame.current) return undefined;
    const watch = new ResizeObserver(([entry]) => (room.value = entry?.contentRect.width ?? 0));
    watch.observe(frame.current);
    return () => watch.disconnect();
  }, []);
  if (!first || !second) return null;
  const pair = [first, second];
  const own = pair.map((one) => sizes.value.get(one.run.key));
  const [one, other] = own;
  const isUnlike = one && other && (one.width !== other.width || one.height !== other.height);
  const scale = zoom ?? fitting(one ? [one] : [], room.value - MARGIN, Math.max(innerHeight - REST, 160));
  const style: Record<string, string> = one
    ? { width: `${one.width * scale}px`, height: `${one.height * scale}px` }
    : {};
  const keep = (side: Side) => (size: Size | null) => void (sizes.value = new Map(sizes.value).set(side.run.key, size));
  const over: Record<string, string> =
    mode === "swipe"
      ? { clipPath: `inset(0 0 0 ${amount}%)` }
      : mode === "blend"
        ? { opacity: String(amount / 100) }
        : { mixBlendMode: "difference" };
  const missing = pair.filter((side) => !side.picture || !isDrawable(side.picture) || own[pair.indexOf(side)] === null);
  const set = (value: number): void => void (amounts.value = { ...amounts.value, [mode]: value });
  return (
    <div class="overlay-room" ref={frame}>
      <div class="overlay-legend">
        <Said side={first} />
        <span class="overlay-with">{mode === "difference" ? "minus" : "and"}</span>
        {others.length > 1 ? (
          <label class="choice">
            <Swatch place={second.run.place} />
            <span class="unseen">The other run</span>
            <select value={second.run.key} onChange={(event) => changePlace({ with: event.currentTarget.value })}>
              {others.map(({ run }) => (
                <option key={run.key} value={run.key}>
                  {run.name}
                </option>
              ))}
            </select>
            <output>{second.entry && `step ${brief(second.entry.step)}`}</output>
          </label>
        ) : (
          <Said side={second} />
        )}
        <label class="choice">
          <span>{mode === "difference" ? "Amplify" : mode === "swipe" ? "Swipe" : "Blend"}</span>
          <input
            type="range"
            aria-label={says}
            min={min}
            max={max}
            value={amount}
            onInput={(event) => set(Number(event.currentTarget.value))}
          />
          <output>{mode === "difference" ? `×${amount}` : `${amount} %`}</output>
        </label>
      </div>
      {isUnlike && (
        <Empty icon="columns" title="These images differ in size">
          <p>
            One has {one.width} × {one.height} pixels, the other {other.width} × {other.height}: they can only stand
            side by side.
          </p>
          <button class="button" onClick={() => changePlace({ mode: null })}>
            Show them side by side
          </button>
        </Empty>
      )}
      {!isUnlike && missing.length > 0 && (
        <p class="hint overlay-missing">
          There is no image to draw here of{" "}
          {missing.map((side, at) => (
            <span key={side.run.key}>
              {at > 0 && " and "}
              <bdi>{side.run.name}</bdi>
            </span>
          ))}
          .
        </p>
      )}
      <div
        class={[
          "overlay",
          `is-${mode}`,
          scale > 1 ? "is-pixelated" : "",
          isUnlike || missing.length > 0 ? "is-hidden" : "",
        ].join(" ")}
        style={{ ...style, ...(mode === "difference" ? { filter: `brightness(${amount})` } : {}) }}
        onDragStart={(event) => event.preventDefault()}
        onPointerMove={(event) => {
          if (mode !== "swipe" || event.buttons !== 1) return;
          const { left, width } = event.currentTarget.getBoundingClientRect();
          set(Math.round(Math.max(0, Math.min(1, (event.clientX - left) / width)) * 100));
        }}
      >
        {pair.map((side, at) =>
          side.picture && isDrawable(side.picture) ? (
            <Drawn
              key={side.run.key}
              address={side.picture.address}
              type={side.picture.type}
              alt={`${name} of ${side.run.name} at step ${brief(side.entry?.step ?? 0)}`}
              style={at === 0 ? style : { ...style, ...over }}
              onSize={keep(side)}
            />
          ) : null,
        )}
        {mode === "swipe" && <i class="overlay-edge" style={{ left: `${amount}%` }} />}
      </div>
    </div>
  );
}

function Said({ side }: { side: Side }) {
  return (
    <span class="overlay-said">
      <Swatch place={side.run.place} />
      <bdi>{side.run.name}</bdi>
      <span class="count">{side.entry && `step ${brief(side.entry.step)}`}</span>
    </span>
  );
}
