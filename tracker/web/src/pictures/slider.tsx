import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../design/icons";
import { brief } from "../design/numbers";
import "./slider.css";

// An address may be changed some three times a second; this is while a hand moves the slider.
const REST = 250;

interface Props {
  label: string;
  steps: readonly number[];
  at: number;
  onChange: (at: number) => void;
  /** Told once the hand rests. */
  onRest?: (at: number) => void;
  /** Whether buttons go to the step before and to the next one. */
  hasButtons?: boolean;
}

/** A slider over the steps that there are; arrow keys go from one to the next. */
export function StepSlider({ label, steps, at, onChange, onRest, hasButtons = false }: Props) {
  const timer = useRef(0);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const step = steps[at];
  const words = step === undefined ? "" : `step ${brief(step)}`;
  const last = Math.max(steps.length - 1, 0);
  const move = (to: number): void => {
    const next = Math.max(0, Math.min(to, last));
    onChange(next);
    window.clearTimeout(timer.current);
    if (onRest) timer.current = window.setTimeout(() => onRest(next), REST);
  };
  return (
    <div class={hasButtons ? "step-slider has-buttons" : "step-slider"}>
      {hasButtons && (
        <button class="icon-button" aria-label="The step before" disabled={at <= 0} onClick={() => move(at - 1)}>
          <Icon name="left" />
        </button>
      )}
      <label>
        <span class="unseen">{label}</span>
        <input
          type="range"
          min={0}
          max={last}
          value={at}
          aria-valuetext={words || undefined}
          disabled={last === 0}
          onInput={(event) => move(Number(event.currentTarget.value))}
        />
      </label>
      {hasButtons && (
        <button class="icon-button" aria-label="The next step" disabled={at >= last} onClick={() => move(at + 1)}>
          <Icon name="right" />
        </button>
      )}
      <output>{words}</output>
    </div>
  );
}
