import { isDark } from "../app/theme";
import { brief } from "../design/numbers";
import { colourAt, dashesAt } from "../design/palette";
import { xPlace, yPlace, type Frame } from "./draw";
import type { Shared } from "./shared";
import { placeText, type Along } from "./ticks";
import type { Value } from "./values";

// A table of more rows is not read while a hand moves.
const MOST = 12;
// How much room the readout takes at most, in pixels.
const HALF = 170;
const ROW = 19;
const HEAD = 34;
// Above a chart its heading stays in sight.
const HEADING = 42;

interface Props {
  values: readonly Value[];
  x: number;
  xLabel: string;
  along: Along;
  frame: Frame;
  /** Where the chart is in the window; null where the values have a place of their own. */
  bounds: DOMRect | null;
}

/** The values of all lines where somebody points, beside the chart so that it covers no line. */
export function Readout({ values, x, xLabel, along, frame, bounds }: Props) {
  const shown = values.slice(0, MOST);
  const isSmoothed = shown.some((one) => one.smooth !== null);
  const isBanded = shown.some((one) => one.band !== null);
  return (
    <div class="readout" style={bounds ? placeBeside(bounds, xPlace(frame)(x), shown.length) : undefined}>
      <table>
        <thead>
          <tr>
            <th scope="col" colSpan={2}>
              <bdi>{xLabel}</bdi> {placeText(x, along)}
            </th>
            <th scope="col">{isBanded ? "Mean" : "Value"}</th>
            {isSmoothed && <th scope="col">Smoothed</th>}
            {isBanded && <th scope="col">Band</th>}
            {isBanded && <th scope="col">Runs</th>}
          </tr>
        </thead>
        <tbody>
          {shown.map(({ line, value, smooth, band, x: own }, at) => (
            <tr key={line.label + String(line.place)} class={at === 0 && values.length > 1 ? "is-nearest" : ""}>
              <td>
                <Swatch place={line.place} />
              </td>
              <th scope="row">
                <bdi>{line.label}</bdi>
                {own !== x && <small> {placeText(own, along)}</small>}
              </th>
              <td class={Number.isFinite(value) ? "" : "is-odd"}>{brief(value)}</td>
              {isSmoothed && <td>{smooth === null ? "" : brief(smooth)}</td>}
              {isBanded && <td>{band && `${brief(band.low)} … ${brief(band.high)}`}</td>}
              {isBanded && <td>{band?.count}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      {values.length > MOST && <p class="hint">and {values.length - MOST} more</p>}
      {values.length === 0 && <p class="hint">No run has a value here.</p>}
    </div>
  );
}

/** Below the chart, or above it where the window has no room: nowhere over its lines. */
function placeBeside(bounds: DOMRect, at: number, rows: number): Record<string, string> {
  const height = HEAD + (rows + 1) * ROW;
  const below = innerHeight - bounds.bottom;
  const left = `${Math.max(Math.min(HALF, innerWidth / 2), Math.min(bounds.left + at, innerWidth - Math.min(HALF, innerWidth / 2)))}px`;
  if (below >= height || below >= bounds.top) return { left, top: `${bounds.bottom + 4}px` };
  return { left, bottom: `${innerHeight - bounds.top + HEADING}px` };
}

interface SwatchProps {
  place: number;
  isOff?: boolean;
  /** Whether the dashes alone are meant, of which curves of all colours have the same. */
  isOfDashes?: boolean;
}

/** A piece of a line in its colour and dashes. */
export function Swatch({ place, isOff = false, isOfDashes = false }: SwatchProps) {
  return (
    <svg class={isOff ? "swatch is-off" : "swatch"} width="22" height="10" aria-hidden="true">
      <line
        x1="1"
        x2="21"
        y1="5"
        y2="5"
        stroke={isOfDashes ? "currentColor" : colourAt(place, isDark.value)}
        stroke-width="3"
        stroke-dasharray={dashesAt(place).join(" ")}
      />
    </svg>
  );
}

/** The line through all charts at the place that is pointed at, with dots on the curves. */
export function Crosshair({ values, x, frame, isOwn, shared }: CrosshairProps) {
  const left = xPlace(frame)(x);
  if (left < frame.left - 1 || left > frame.left + frame.width + 1) return null;
  const place = yPlace(frame);
  const placeX = xPlace(frame);
  const dots = values.filter(
    (one, at) => Number.isFinite(one.value) && (isOwn ? at < MOST : one.line.id === shared.highlight.value),
  );
  return (
    <>
      <i class="crosshair" style={{ left: `${left}px`, top: `${frame.top}px`, height: `${frame.height}px` }} />
      {dots.map((one) => {
        const top = place(one.smooth ?? one.value);
        if (!(top >= frame.top && top <= frame.top + frame.height)) return null;
        const style = {
          left: `${placeX(one.x)}px`,
          top: `${top}px`,
          background: colourAt(one.line.place, isDark.value),
        };
        return <i key={one.line.label + String(one.line.place)} class="dot" style={style} />;
      })}
    </>
  );
}

interface CrosshairProps {
  values: readonly Value[];
  x: number;
  frame: Frame;
  isOwn: boolean;
  shared: Shared;
}
