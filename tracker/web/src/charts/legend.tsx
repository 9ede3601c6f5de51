import { hasPage } from "../app/pages";
import { href } from "../app/router";
import { Icon } from "../design/icons";
import { exactCount } from "../design/numbers";
import type { Shown } from "./lines";
import { Swatch } from "./readout";
import { changeSettings, settings } from "./settings";
import type { Shared } from "./shared";

/** The runs, or groups, with their colours: whoever points at one sees it in all charts. */
export function Legend({ shown, shared }: { shown: readonly Shown[]; shared: Shared }) {
  const { hidden } = settings.value;
  const hide = (ids: readonly string[]): void => changeSettings({ hidden: ids }, { replace: true });
  const toggle = (id: string): void => hide(hidden.includes(id) ? hidden.filter((one) => one !== id) : [...hidden, id]);
  const isAny = shown.some((one) => hidden.includes(one.id));
  return (
    <aside class="legend" aria-label="Runs">
      <div class="legend-head">
        <h2>{shown.some((one) => one.isGroup) ? "Groups" : "Runs"}</h2>
        <span class="count">{exactCount(shown.length)}</span>
        <span class="spring" />
        <button
          class="button is-quiet"
          disabled={!isAny && shown.length < 2}
          onClick={() => hide(isAny ? [] : shown.map((one) => one.id))}
        >
          {isAny ? "Show all" : "Hide all"}
        </button>
      </div>
      <ul onPointerLeave={() => (shared.highlight.value = null)}>
        {shown.map((one) => (
          <LegendRow
            key={one.id}
            one={one}
            shared={shared}
            isHidden={hidden.includes(one.id)}
            toggle={() => toggle(one.id)}
            alone={() => hide(shown.filter((other) => other.id !== one.id).map((other) => other.id))}
            isOnly={shown.length < 2}
          />
        ))}
      </ul>
    </aside>
  );
}

interface RowProps {
  one: Shown;
  shared: Shared;
  isHidden: boolean;
  isOnly: boolean;
  toggle: () => void;
  alone: () => void;
}

function LegendRow({ one, shared, isHidden, isOnly, toggle, alone }: RowProps) {
  const point = (): void => {
    if (!isHidden) shared.highlight.value = one.id;
  };
  const leave = (): void => {
    if (shared.highlight.value === one.id) shared.highlight.value = null;
  };
  const classes = ["legend-row", isHidden ? "is-hidden" : "", shared.highlight.value === one.id ? "is-pointed" : ""];
  const run = one.runs[0];
  return (
    <li class={classes.filter(Boolean).join(" ")} onPointerEnter={point} onFocusCapture={point} onBlurCapture={leave}>
      <button class="legend-name" aria-pressed={!isHidden} title={`${one.label}\nShow or hide`} onClick={toggle}>
        <Swatch place={one.place} isOff={isHidden} />
        <span>
          <bdi>{one.label}</bdi>
        </span>
        {one.isGroup && (
          <span class="count">
            {exactCount(one.runs.length)} {one.runs.length === 1 ? "run" : "runs"}
          </span>
        )}
      </button>
      {!isOnly && (
        <button class="legend-do" aria-label={`Only ${one.label}`} title="Show only this one" onClick={alone}>
          only
        </button>
      )}
      {!one.isGroup && run && hasPage("/run") && (
        <a
          class="icon-button legend-do"
          href={href("/run", { run })}
          aria-label={`Open ${one.label}`}
          title="Open the run"
        >
          <Icon name="right" />
        </a>
      )}
    </li>
  );
}
