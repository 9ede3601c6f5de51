import {
  columnOrderingFeature,
  columnPinningFeature,
  columnResizingFeature,
  columnSizingFeature,
  tableFeatures,
  useTable,
  type Column,
  type ColumnSizingState,
  type Header,
} from "@tanstack/preact-table";
import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { Row } from "../api/schema";
import { asideOf, fieldOf, labelOf, type Field } from "./fields";
import { change, view } from "./view";

const features = tableFeatures({
  columnOrderingFeature,
  columnPinningFeature,
  columnSizingFeature,
  columnResizingFeature,
});
export type RunColumn = Column<typeof features, Row>;
export type RunHeader = Header<typeof features, Row>;

// Widths in pixels.
const WIDTHS: Record<string, number> = {
  name: 260,
  status: 118,
  tags: 170,
  id: 180,
  project: 150,
  started: 120,
  created: 120,
  changed: 120,
  duration: 108,
};
const CURVE = 124;
export const LEAST = 56;
// What a letter of a heading takes, and what stands beside it: a column begins as wide as its heading, within bounds.
const LETTER = 7.6;
const BESIDE = 36;
const BOUNDS = [84, 230] as const;
// A window is narrow below this.
const NARROW = 720;
// A width is written into the address when the hand has rested so long, in milliseconds.
const REST = 250;

export interface Columns {
  /** Those that stay at the left, and those that scroll. */
  pinned: readonly RunHeader[];
  others: readonly RunHeader[];
  /** All in the order in which they are shown. */
  shown: readonly RunColumn[];
  width: number;
  setWidth: (column: string, width: number) => void;
}

/** The columns of the table with their places and widths. The name always stays in sight. */
export function useColumns(texts: readonly string[]): Columns {
  const { pinned, widths } = view.value;
  const sizing = useSignal<ColumnSizingState>(widths);
  const key = texts.join("\0");
  const columns = useMemo(
    () =>
      texts.map((text) => ({
        id: text,
        size: widthOf(fieldOf(text)),
        minSize: LEAST,
        header: text,
        accessorFn: (row: Row) => row.values[text],
      })),
    [key],
  );
  useEffect(() => void (sizing.value = widths), [JSON.stringify(widths)]);
  useEffect(() => {
    if (sizing.value === view.value.widths) return undefined;
    const timer = window.setTimeout(() => {
      const rounded = Object.fromEntries(
        Object.entries(sizing.value).map(([name, width]) => [name, Math.round(width)]),
      );
      if (JSON.stringify(rounded) !== JSON.stringify(view.value.widths)) change({ widths: rounded }, { replace: true });
    }, REST);
    return () => window.clearTimeout(timer);
  }, [sizing.value]);
  const table = useTable({
    features,
    columns,
    data: NO_ROWS, // the rows come page by page, and are never all here
    columnResizeMode: "onChange",
    state: {
      columnOrder: [...texts],
      columnPinning: { start: ["name", ...pinned].filter((one) => texts.includes(one)), end: [] },
      columnSizing: sizing.value,
    },
    onColumnSizingChange: (to) => {
      sizing.value = typeof to === "function" ? to(sizing.value) : to;
    },
  });
  const stay = table.getStartHeaderGroups()[0]?.headers ?? [];
  const others = table.getCenterHeaderGroups()[0]?.headers ?? [];
  return {
    pinned: stay,
    others,
    shown: [...stay, ...others].map((one) => one.column),
    width: table.getTotalSize(),
    setWidth: (column, width) => (sizing.value = { ...sizing.value, [column]: Math.max(width, LEAST) }),
  };
}

const NO_ROWS: Row[] = [];

function widthOf(field: Field): number {
  if (field.text === "name" && innerWidth < NARROW) return 168;
  const wanted = (labelOf(field).length + asideOf(field).length * 0.8) * LETTER + BESIDE;
  return (
    WIDTHS[field.text] ?? Math.min(Math.max(Math.round(wanted), field.kind === "curve" ? CURVE : BOUNDS[0]), BOUNDS[1])
  );
}

/** Move a column to the place of another, or by some places. */
export function moveColumn(texts: readonly string[], column: string, to: string | number): void {
  const rest = texts.filter((one) => one !== column);
  const from = texts.indexOf(column);
  const place = typeof to === "number" ? from + to : texts.indexOf(to);
  if (place < 0 || place >= texts.length || place === from) return;
  rest.splice(place, 0, column);
  change({ columns: rest }, { replace: true });
}

/** Sort by a column: ascending, descending, not at all; with `add` beside those that are sorted by already. */
export function sortBy(
  column: string,
  { add = false, descending }: { add?: boolean; descending?: boolean } = {},
): void {
  const { sort } = view.value;
  const now = sort.find((one) => one === column || one === `-${column}`);
  const next =
    descending !== undefined
      ? descending
        ? `-${column}`
        : column
      : now === undefined
        ? column
        : now === column
          ? `-${column}`
          : null;
  const others = add ? sort : sort.filter((one) => one === now);
  const replaced =
    now === undefined
      ? [...(add ? sort : []), ...(next ? [next] : [])]
      : others.flatMap((one) => (one === now ? (next ? [next] : []) : [one]));
  change({ sort: replaced });
}
