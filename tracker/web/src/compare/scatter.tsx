import { asideOf, fieldOf, labelOf } from "../runs/fields";
import type { Axis } from "../plots/axis";
import type { Handled } from "../plots/plotted";
import { Scatter } from "../plots/scatter";
import { changePlace } from "./place";
import { changeScale, type Related } from "./relations";

interface Props extends Handled {
  related: Related;
  offered: readonly string[];
}

/** A dot for each run, at its place on two axes that somebody chooses. */
export function ChosenScatter({ related, offered, ...handled }: Props) {
  const across = related.x === null ? undefined : related.axes.get(related.x);
  const up = related.y === null ? undefined : related.axes.get(related.y);
  return (
    <section class="scatter" aria-label="Scatter">
      <div class="scatter-controls">
        <ChooseField says="X" part="across" axis={across} offered={offered} />
        <ChooseField says="Y" part="up" axis={up} offered={offered} />
      </div>
      {across && up && <Scatter runs={related} across={across} up={up} {...handled} />}
    </section>
  );
}

interface ChooseProps {
  says: string;
  part: "across" | "up";
  axis: Axis | undefined;
  offered: readonly string[];
}

function ChooseField({ says, part, axis, offered }: ChooseProps) {
  const all = axis && !offered.includes(axis.field) ? [axis.field, ...offered] : offered;
  return (
    <span class="scatter-field">
      <label class="choice">
        <span>{says}</span>
        <select
          value={axis?.field ?? ""}
          onChange={(event) => changePlace({ [part]: event.currentTarget.value }, { replace: true })}
        >
          {all.map((text) => {
            const field = fieldOf(text);
            return (
              <option key={text} value={text}>
                {asideOf(field) ? `${labelOf(field)} (${asideOf(field)})` : labelOf(field)}
              </option>
            );
          })}
        </select>
      </label>
      <button
        class={axis?.isLog ? "button is-on" : "button"}
        aria-pressed={axis?.isLog ?? false}
        aria-label={`log ${says}`}
        disabled={!axis?.canLog}
        onClick={() => axis && changeScale(axis.field, !axis.isLog)}
      >
        log
      </button>
    </span>
  );
}
