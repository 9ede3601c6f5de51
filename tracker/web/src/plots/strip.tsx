import { useRef } from "preact/hooks";
import { NOWHERE, type Axis } from "./axis";
import { brushOf, spanOf, type Brush, type Change, type Span } from "./brush";
import { Thumbs } from "./thumbs";

// A press that moves less is no brush.
const STILL = 4;

interface StripProps {
  axis: Axis;
  left: number;
  y: (place: number) => number;
  isLast: boolean;
  brush: Brush | null;
  /** Told what a hand draws, as it moves. */
  hold: (brush: Change | null) => void;
  keep: (changes: readonly Change[]) => void;
}

/** An axis: its line, its labels, and where a hand brushes. */
export function Strip({ axis, left, y, isLast, brush, hold, keep }: StripProps) {
  const from = useRef<{ y: number; span: Span | null } | null>(null);
  const span: Span = brush ? spanOf(axis, brush) : [axis.hasNowhere ? NOWHERE : 0, 1];
  const place = (event: PointerEvent): number => {
    const plot = event.currentTarget instanceof HTMLElement ? event.currentTarget.getBoundingClientRect().top : 0;
    const at = event.clientY - plot;
    if (at > y(0) + 12) return axis.hasNowhere ? NOWHERE : 0;
    return Math.max(0, Math.min(1, (y(0) - at) / (y(0) - y(1))));
  };
  const begin = useRef(0);
  const drawn = (event: PointerEvent): Change | null => {
    if (!from.current || Math.abs(event.clientY - from.current.y) < STILL) return null;
    const now = place(event);
    const moved = from.current.span;
    if (moved) {
      const by = Math.max(-moved[0], Math.min(1 - moved[1], now - begin.current));
      return brushOf(axis, [moved[0] + by, moved[1] + by]) ?? axis.field;
    }
    return brushOf(axis, [Math.min(begin.current, now), Math.max(begin.current, now)]) ?? axis.field;
  };
  const pace = Math.ceil(axis.ticks.length / 12);
  const ends = [y(span[1]) - (span[0] === span[1] ? 5 : 0), y(span[0]) + (span[0] === span[1] ? 5 : 0)] as const;
  return (
    <div class={isLast ? "axis-strip is-last" : "axis-strip"} style={{ left: `${left}px` }}>
      <i class="axis-line" style={{ top: `${y(1)}px`, height: `${y(0) - y(1)}px` }} />
      {axis.ticks.map(
        (tick, at) =>
          at % pace === 0 && (
            <span key={`${tick.at} ${tick.label}`} class="axis-tick" style={{ top: `${y(tick.at)}px` }}>
              <bdi>{tick.label}</bdi>
            </span>
          ),
      )}
      {axis.hasNowhere && (
        <span class="axis-tick is-nowhere" style={{ top: `${y(NOWHERE)}px` }}>
          none
        </span>
      )}
      <div
        class="axis-area"
        title="Drag to brush, press to clear"
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          begin.current = place(event);
          const isWithin = brush !== null && span[0] >= 0 && begin.current > span[0] && begin.current < span[1];
          from.current = { y: event.clientY, span: isWithin && axis.kind !== "category" ? span : null };
        }}
        onPointerMove={(event) => {
          const now = drawn(event);
          if (now !== null) hold(now);
        }}
        onPointerUp={(event) => {
          if (!from.current) return;
          const now = drawn(event);
          from.current = null;
          if (now !== null) keep([now]);
          else if (brush) keep([axis.field]);
        }}
        onPointerCancel={() => {
          from.current = null;
          hold(null);
        }}
        // Here a press is about the brush, and opens no run.
        onClick={(event) => event.stopPropagation()}
      />
      {brush && <i class="axis-brush" style={{ top: `${ends[0]}px`, height: `${ends[1] - ends[0]}px` }} />}
      <Thumbs axis={axis} span={span} isBrushed={brush !== null} at={y} keep={keep} />
    </div>
  );
}
