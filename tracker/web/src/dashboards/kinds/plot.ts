import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Row } from "../../api/schema";
import { go, href } from "../../app/router";
import { isDark } from "../../app/theme";
import type { Shown } from "../../charts/lines";
import { colourAt, dashesAt } from "../../design/palette";
import { axisOf, NOWHERE, ofRuns, type Axis } from "../../plots/axis";
import { brushed, brushText, type Brush } from "../../plots/brush";
import { useBrushes } from "../../plots/brushes";
import type { Handled, Plotted } from "../../plots/plotted";
import { keyText } from "../../api/runs";
import { placesOf, type Board } from "../board";
import type { Scale } from "../settings";

/** A run as a plot has it: where it stands among the rows, and how it is coloured. */
export interface Mark {
  row: Row;
  at: number;
  key: string;
  shown: Shown;
}

/** What a panel draws. */
export interface Plot {
  runs: Plotted;
  marks: readonly Mark[];
  axes: readonly Axis[];
  /** How many runs of the dashboard lack a value on one of the axes. */
  missing: number;
  handled: Handled;
}

interface Wanted {
  field: string;
  scale: Scale;
}

/** The runs of a dashboard on some axes, with a brush of this panel; with `isWhole` only those that have all values. */
export function usePlot(board: Board, rows: readonly Row[], wanted: readonly Wanted[], isWhole = false): Plot {
  const { shown, hidden, shared } = board;
  const all = useMemo(() => wanted.map((one) => axisOf(one.field, rows, one.scale)), [rows, JSON.stringify(wanted)]);
  // The runs that are drawn: those that are hidden in the legend are not, and leave the axes as they were.
  const marks = useMemo(() => {
    const found = marksOf(board, rows);
    return isWhole ? found.filter(({ at }) => all.every((axis) => isPlaced(axis, at))) : found;
  }, [all, shown, hidden.join("\n"), isWhole]);
  const axes = useMemo(() => {
    const drawn = marks.map((one) => one.at);
    return all.map((axis) => ofRuns(axis, drawn));
  }, [all, marks]);
  const missing = rows.filter((_, at) => !all.every((axis) => isPlaced(axis, at))).length;
  const own = useSignal<readonly Brush[]>([]);
  const { brushes, hold, keep } = useBrushes(
    own.value.filter((one) => axes.some((axis) => axis.field === one.field)),
    (now) => (own.value = now),
  );
  const isIn = useMemo(
    () => brushed(new Map(axes.map((axis) => [axis.field, axis])), brushes, marks.length),
    [axes, brushes.map(brushText).join("\n")],
  );
  const dark = isDark.value;
  const colours = useMemo(() => marks.map((one) => colourAt(one.shown.place, dark)), [marks, dark]);
  const dashes = useMemo(() => marks.map((one) => dashesAt(one.shown.place)), [marks]);
  const highlight = shared.highlight.value;
  const isLit = useMemo(
    () => (highlight === null ? null : marks.map((one) => one.shown.id === highlight)),
    [marks, highlight],
  );
  const drawn = useMemo(() => marks.map((one) => one.row), [marks]);
  const open = (run: number): void => {
    const key = marks[run]?.key;
    if (key !== undefined) go(href("/run", { run: key }));
  };
  const pointed = usePointed(board, marks);
  return {
    runs: { rows: drawn, brushes, isIn, colours, dashes, isLit },
    marks,
    axes,
    missing,
    handled: { pointed, hold, keep, open },
  };
}

/** The run that is pointed at here, which all panels show. */
function usePointed({ shared }: Board, marks: readonly Mark[]) {
  const pointed = useSignal<number | null>(null);
  const key = useRef<string | null>(null);
  // Runs come and go while a hand rests.
  useLayoutEffect(() => {
    const at = marks.findIndex((one) => one.key === key.current);
    pointed.value = at < 0 ? null : at;
  }, [marks]);
  const at = pointed.value;
  useEffect(() => {
    const mark = at === null ? undefined : marks[at];
    if (key.current === (mark?.key ?? null)) return;
    key.current = mark?.key ?? null;
    shared.highlight.value = mark?.shown.id ?? null;
  }, [at]);
  return pointed;
}

function marksOf(board: Board, rows: readonly Row[]): Mark[] {
  const places = placesOf(board);
  return rows.flatMap((row, at) => {
    const key = keyText(row);
    const shown = places.get(key);
    return shown ? [{ row, at, key, shown }] : [];
  });
}

/** Whether a run has a value on an axis. */
function isPlaced({ places }: Axis, at: number): boolean {
  const place = places[at];
  return place !== undefined && place !== NOWHERE;
}
