import { isDark } from "../app/theme";
import { Icon } from "../design/icons";
import { exactCount } from "../design/numbers";
import { colourAt } from "../design/palette";
import { numberText, textAt } from "../plots/axis";
import type { Brush } from "../plots/brush";
import type { Related } from "./relations";
import { shadeAt } from "./shade";

/** What is brushed, in words, and how many runs that are. */
export function Brushes({ related, keep }: { related: Related; keep: (changes: readonly string[]) => void }) {
  const { brushes, isIn, rows } = related;
  const count = isIn.filter(Boolean).length;
  return (
    <div class="brushes">
      <span role="status">
        {brushes.length === 0
          ? `${exactCount(rows.length)} ${rows.length === 1 ? "run" : "runs"}`
          : `${exactCount(count)} of ${exactCount(rows.length)} runs`}
      </span>
      {brushes.map((one) => (
        <button key={one.field} class="chip" title="Brush it no longer" onClick={() => keep([one.field])}>
          <bdi>
            {related.axes.get(one.field)?.label ?? one.field} {brushWords(one, related)}
          </bdi>
          <Icon name="close" size={12} />
        </button>
      ))}
      {brushes.length > 1 && (
        <button class="button is-quiet" onClick={() => keep(brushes.map((one) => one.field))}>
          Clear all
        </button>
      )}
      {brushes.length === 0 && <span class="hint">Drag along an axis, or over the scatter, to choose among them.</span>}
    </div>
  );
}

function brushWords({ field, range, names, nowhere }: Brush, { axes }: Related): string {
  const axis = axes.get(field);
  if (!axis) return "";
  const own = range
    ? [`${numberText(axis, range[0])} … ${numberText(axis, range[1])}`]
    : names.map((one) => (one.length > 30 ? `${one.slice(0, 30)}…` : one));
  const shown = own.length > 3 ? [...own.slice(0, 3), `${own.length - 3} more`] : own;
  return [...shown, ...(nowhere ? ["none"] : [])].join(", ");
}

const MOST = 8;

/** What the colours mean. */
export function ColourLegend({ related }: { related: Related }) {
  const axis = related.axes.get(related.colour);
  if (!axis) return null;
  if (axis.kind === "category") {
    return (
      <ul class="colour-names" aria-label="What the colours mean">
        {axis.categories.slice(0, MOST).map((one, at) => (
          <li key={one}>
            <i style={{ background: colourAt(at, isDark.value) }} />
            <bdi>{one}</bdi>
          </li>
        ))}
        {axis.categories.length > MOST && <li class="hint">{axis.categories.length - MOST} more</li>}
      </ul>
    );
  }
  const stops = Array.from({ length: 9 }, (_, at) => shadeAt(at / 8, isDark.value));
  return (
    <div class="colour-scale" role="img" aria-label={`From ${textAt(axis, 0)} to ${textAt(axis, 1)}`}>
      <span>{textAt(axis, 0)}</span>
      <i style={{ background: `linear-gradient(to right, ${stops.join(", ")})` }} />
      <span>{textAt(axis, 1)}</span>
    </div>
  );
}
