import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { keyText } from "../api/runs";
import type { Row } from "../api/schema";
import { useKeys } from "../app/keys";
import { mayEdit } from "../app/projects";
import { go, href } from "../app/router";
import { useVirtual } from "../design/virtual";
import { putAway, takeBack } from "./actions";
import { numericOf } from "./cells";
import { useColumns } from "./columns";
import { copyExact } from "./copy";
import { DescriptionEditor, type Editing } from "./edit";
import { fieldOf } from "./fields";
import { useBest } from "./goals";
import { HeaderRow } from "./header";
import { RunRow } from "./row";
import type { Rows } from "./rows";
import { select, selectThrough } from "./selection";
import { view } from "./view";

const ROW = 32;
// Rows that are drawn beyond both edges.
const BEYOND = 8;

/** The table of runs: only the rows in sight are drawn, and only their pages are fetched. */
export function RunsTable({ rows, texts }: { rows: Rows; texts: readonly string[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const active = useSignal(0);
  const anchor = useRef<number | null>(null);
  const editing = useSignal<Pick<Editing, "what" | "run"> | null>(null);
  const columns = useColumns(texts);
  const version = rows.version.value;
  const total = rows.total.value ?? 0;
  const { selected, trash } = view.value;
  const best = useBest(rows.question, texts.map(fieldOf), rows.turn.value).value;
  const virtual = useVirtual({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: BEYOND,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => rows.need(first, last), [rows, first, last, version]);
  const { where, sort } = rows.question;
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
    active.value = 0;
  }, [JSON.stringify([rows.question.project, where, sort, trash])]);
  const now = Math.min(active.value, Math.max(total - 1, 0));
  const here = rows.at(now);

  function move(by: number): void {
    active.value = Math.max(0, Math.min(now + by, total - 1));
    virtual.scrollToIndex(active.value);
  }
  function toggle(place: number, isThrough: boolean): void {
    const row = rows.at(place);
    if (!row) return;
    if (isThrough && anchor.current !== null) selectThrough(rows, anchor.current, place);
    else select(keyText(row));
    anchor.current = place;
  }
  function begin(what: Editing["what"], row: Row | undefined): void {
    if (row && mayEdit(row.project)) editing.value = { what, run: keyText(row) };
  }
  function open(): void {
    if (here) go(href("/run", { run: keyText(here) }));
  }
  const changes = [
    { keys: "e", says: "Edit its name", does: () => begin("name", here) },
    { keys: "t", says: "Edit its tags", does: () => begin("tags", here) },
    { keys: "d", says: "Edit its description", does: () => begin("description", here) },
    {
      keys: "#",
      says: trash ? "Take it out of the trash" : "Put it in the trash",
      does: () => {
        if (here && mayEdit(here.project)) void (trash ? takeBack(rows, [here]) : putAway(rows, [here]));
      },
    },
  ];
  const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW) - 2);
  useKeys("Runs", [
    { keys: "j", says: "The next run", does: () => move(1) },
    { keys: "k", says: "The run before", does: () => move(-1) },
    { keys: "x", says: "Select the run, or not", does: () => toggle(now, false) },
    { keys: "X", says: "Select all from the last one to this", does: () => toggle(now, true) },
    ...(mayEdit(rows.question.project ?? null) ? changes : []),
  ]);

  function onKeyDown(event: KeyboardEvent): void {
    if (event.target !== scroller.current) return;
    const moves: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -total,
      End: total,
    };
    const by = moves[event.key];
    if (by !== undefined) move(by);
    else if (event.key === " ") toggle(now, event.shiftKey);
    else if (event.key === "Enter") open();
    else return;
    event.preventDefault();
  }

  const described =
    editing.value?.what === "description"
      ? [...rows.known()].find((row) => keyText(row) === editing.value?.run)
      : undefined;
  const numeric = numericOf(rows.known(), texts);
  const places = new Map(selected.map((one, at) => [one, at]));
  return (
    <>
      <div
        ref={scroller}
        class="grid"
        role="grid"
        tabIndex={0}
        aria-label="Runs"
        aria-rowcount={total + 1}
        aria-colcount={texts.length}
        aria-multiselectable
        aria-activedescendant={total > 0 ? `run-${now}` : undefined}
        onKeyDown={onKeyDown}
        onCopy={copyExact}
      >
        <div role="rowgroup" class="grid-head" style={{ width: `${columns.width}px` }}>
          <HeaderRow columns={columns} texts={texts} numeric={numeric} />
        </div>
        <div
          role="rowgroup"
          class="grid-body"
          style={{ height: `${virtual.getTotalSize()}px`, width: `${columns.width}px` }}
        >
          {items.map((item) => {
            const row = rows.at(item.index);
            const key = row && keyText(row);
            return (
              <RunRow
                key={key ?? item.index}
                row={row}
                place={item.index}
                top={item.start}
                columns={columns}
                best={best}
                selected={key === undefined ? -1 : (places.get(key) ?? -1)}
                isActive={item.index === now}
                editing={
                  editing.value && editing.value.run === key ? { ...editing.value, rows, done: () => done() } : null
                }
                onSelect={(event) => toggle(item.index, event.shiftKey)}
                onActivate={() => (active.value = item.index)}
                onEdit={(what) => begin(what, row)}
              />
            );
          })}
        </div>
      </div>
      {described && <DescriptionEditor rows={rows} row={described} onClose={() => (editing.value = null)} />}
    </>
  );

  function done(): void {
    editing.value = null;
    scroller.current?.focus({ preventScroll: true });
  }
}
