import { stopsOf, textAt, type Axis } from "./axis";
import { brushOf, type Change, type Span } from "./brush";

interface Props {
  axis: Axis;
  /** The part that is brushed; all of the axis where none is. */
  span: Span;
  isBrushed: boolean;
  isAcross?: boolean;
  /** Where a place is drawn, in pixels. */
  at: (place: number) => number;
  keep: (changes: readonly Change[]) => void;
}

const FAR = 5;

/** The two ends of what is brushed on an axis, which keys move from value to value. */
export function Thumbs({ axis, span, isBrushed, isAcross = false, at, keep }: Props) {
  const stops = stopsOf(axis);
  if (stops.length < 2) return null;
  const nearest = (place: number): number =>
    stops.reduce((best, stop, one) => (Math.abs(stop - place) < Math.abs((stops[best] ?? 0) - place) ? one : best), 0);
  const low = isBrushed ? nearest(span[0]) : 0;
  const high = isBrushed ? nearest(span[1]) : stops.length - 1;
  const last = stops.length - 1;

  function press(event: KeyboardEvent, isHigh: boolean): void {
    const now = isHigh ? high : low;
    const far = Math.max(FAR, Math.ceil(last / 10));
    const to = {
      ArrowUp: now + 1,
      ArrowRight: now + 1,
      ArrowDown: now - 1,
      ArrowLeft: now - 1,
      PageUp: now + far,
      PageDown: now - far,
      Home: isHigh ? low : 0,
      End: isHigh ? last : high,
    }[event.key];
    if (event.key === "Delete" || event.key === "Backspace" || event.key === "Escape") {
      event.preventDefault();
      keep([axis.field]);
      return;
    }
    if (to === undefined || event.ctrlKey) return;
    event.preventDefault();
    const ends = isHigh ? [low, Math.min(Math.max(to, low), last)] : [Math.max(0, Math.min(to, high)), high];
    const [from = 0, until = last] = ends;
    const all = from === 0 && until === last;
    keep([(all ? null : brushOf(axis, [stops[from] ?? 0, stops[until] ?? 1])) ?? axis.field]);
  }
  return (
    <>
      {[false, true].map((isHigh) => {
        const stop = stops[isHigh ? high : low] ?? 0;
        const place = at(isBrushed ? span[isHigh ? 1 : 0] : stop);
        return (
          <span
            key={String(isHigh)}
            class={["thumb", isAcross ? "is-across" : "", isBrushed ? "is-set" : ""].filter(Boolean).join(" ")}
            role="slider"
            tabIndex={0}
            aria-orientation={isAcross ? "horizontal" : "vertical"}
            aria-label={`${isHigh ? "Greatest" : "Least"} ${axis.label}`}
            aria-valuemin={0}
            aria-valuemax={last}
            aria-valuenow={isHigh ? high : low}
            aria-valuetext={textAt(axis, stop)}
            style={isAcross ? { left: `${place}px` } : { top: `${place}px` }}
            onKeyDown={(event) => press(event, isHigh)}
          />
        );
      })}
    </>
  );
}
