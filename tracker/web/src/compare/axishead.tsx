import { Icon } from "../design/icons";
import { carries, useDrop } from "../design/ordering";
import { Popover } from "../design/popover";
import type { Axis } from "../plots/axis";
import { asideOf, AxisName, headPlace } from "../plots/names";
import { changePlace } from "./place";
import { changeScale, type Related } from "./relations";

interface HeadProps {
  axis: Axis;
  at: number;
  left: number;
  wide: number;
  related: Related;
  keep: (changes: readonly string[]) => void;
}

/** The name of an axis, which is dragged to another place, and what can be done with it. */
export function AxisHead({ axis, at, left, wide, related, keep }: HeadProps) {
  const { order, brushes } = related;
  const { isOver, takes } = useDrop("axis", axis.field, (field) => {
    if (!order.includes(field)) return;
    const rest = order.filter((one) => one !== field);
    changePlace({ axis: [...rest.slice(0, at), field, ...rest.slice(at)] }, { replace: true });
  });
  const id = `axis-${at}`;
  function move(by: number): void {
    const to = at + by;
    if (to < 0 || to >= order.length) return;
    const rest = order.filter((one) => one !== axis.field);
    changePlace({ axis: [...rest.slice(0, to), axis.field, ...rest.slice(to)] }, { replace: true });
    requestAnimationFrame(() => document.getElementById(`axis-${to}`)?.focus());
  }
  return (
    <div
      class={isOver ? "axis-head is-over" : "axis-head"}
      style={headPlace(left, wide)}
      draggable
      {...carries("axis", axis.field)}
      {...takes}
      onKeyDown={(event) => {
        const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (!event.ctrlKey || by === undefined) return;
        event.preventDefault();
        move(by);
      }}
    >
      <Popover
        id={id}
        name={`Axis ${[axis.label, asideOf(axis)].filter(Boolean).join(" ")}: more`}
        buttonClass="axis-name"
        label={<AxisName axis={axis} />}
      >
        {(close) => {
          const item = (icon: Parameters<typeof Icon>[0]["name"], says: string, isOff: boolean, does: () => void) => (
            <button
              class="row-button"
              disabled={isOff}
              onClick={() => {
                close();
                does();
              }}
            >
              <Icon name={icon} />
              <span>{says}</span>
            </button>
          );
          const isBrushed = brushes.some((one) => one.field === axis.field);
          return (
            <>
              {item("curve", axis.isLog ? "Linear" : "Logarithmic", !axis.canLog, () =>
                changeScale(axis.field, !axis.isLog),
              )}
              {item("half", "Colour by it", related.colour === axis.field, () => changePlace({ colour: axis.field }))}
              {item("left", "Move left", at === 0, () => move(-1))}
              {item("right", "Move right", at === order.length - 1, () => move(1))}
              {item("back", "Brush it no longer", !isBrushed, () => keep([axis.field]))}
              {item("close", "Remove the axis", false, () => {
                const rest = order.filter((one) => one !== axis.field);
                changePlace({ axis: rest.length > 0 ? rest : [""] });
              })}
            </>
          );
        }}
      </Popover>
    </div>
  );
}
