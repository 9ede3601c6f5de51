import type { ComponentChildren } from "preact";
import { Swatch } from "../../charts/readout";
import { exactCount } from "../../design/numbers";
import { Icon } from "../../design/icons";
import { RunSaid } from "../../plots/names";
import type { Plot } from "./plot";

interface Props {
  plot: Plot;
  label: string;
  /** In the order in which keys go through the runs, by their places. */
  order: readonly number[];
  children: ComponentChildren;
}

/** A plot in which one points at runs by hand or by keys, opens them, and brushes. */
export function PointedPlot({ plot, label, order, children }: Props) {
  const { runs, marks, axes, handled } = plot;
  const { pointed, keep, open } = handled;
  const { isIn, brushes } = runs;
  const at = pointed.value;
  const mark = at === null ? undefined : marks[at];
  const clear = (): void => keep(brushes.map((one) => one.field));
  const step = (by: number): void => {
    const among = order.filter((run) => isIn[run]);
    const now = among.findIndex((run) => run === at);
    const next = now < 0 ? (by > 0 ? 0 : among.length - 1) : (now + by + among.length) % among.length;
    pointed.value = among[next] ?? null;
  };
  return (
    <div class="board-plot">
      <div
        class="board-drawing"
        tabIndex={0}
        role="group"
        aria-label={`${label}. The arrow keys go through the runs, Enter opens one.`}
        onBlur={() => (pointed.value = null)}
        onKeyDown={(event) => {
          // The ends of what is brushed have keys of their own.
          if (event.target !== event.currentTarget) return;
          if (event.key === "ArrowRight" || event.key === "ArrowDown") step(1);
          else if (event.key === "ArrowLeft" || event.key === "ArrowUp") step(-1);
          else if (event.key === "Enter" && at !== null) open?.(at);
          else if (event.key === "Escape" && brushes.length > 0) clear();
          else if (event.key === "Escape" && at !== null) pointed.value = null;
          else return;
          event.preventDefault();
        }}
      >
        {children}
      </div>
      {brushes.length > 0 && (
        <p class="board-brushed">
          <span aria-live="polite">
            {exactCount(isIn.filter(Boolean).length)} of {exactCount(marks.length)} runs
          </span>
          <button class="icon-button" aria-label="Brush no longer" title="Brush no longer" onClick={clear}>
            <Icon name="close" size={13} />
          </button>
        </p>
      )}
      <p class="board-pointed" role="status">
        {mark && at !== null && (
          <>
            <Swatch place={mark.shown.place} />
            <RunSaid row={mark.row} run={at} axes={axes} />
          </>
        )}
      </p>
    </div>
  );
}
