import { signal, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { Empty } from "../app/states";
import { Legend } from "../charts/legend";
import "../charts/charts.css";
import { Icon } from "../design/icons";
import type { Board } from "./board";
import type { Draft } from "./draft";
import { Frame, type Editing } from "./frame";
import type { Hand } from "./move";
import { SettingsForm } from "./settingsform";

/** A panel that somebody added at this moment: it is brought in sight, with its settings. */
export const justAdded = signal<number | null>(null);

interface Props {
  board: Board;
  draft: Draft;
  isEditing: boolean;
  mayChange: boolean;
  edit: () => void;
}

// Those in which runs have colours.
const COLOURED: ReadonlySet<string> = new Set(["series", "runs", "scatter", "parallel", "images"]);

/** The panels, twelve columns wide, with the legend that all of them share. */
export function Grid({ board, draft, isEditing, mayChange, edit }: Props) {
  const { panels } = draft.content.value;
  const chosen = useSignal<number | null>(null);
  const hand = useSignal<Hand | null>(null);
  const said = useSignal("");
  const editing: Editing | null = useMemo(
    () => (isEditing ? { draft, chosen, hand, say: (text) => (said.value = text) } : null),
    [isEditing, draft],
  );
  const settled = isEditing ? panels.find((one) => one.id === chosen.value) : undefined;
  useEffect(() => {
    const id = justAdded.value;
    if (id === null) return;
    justAdded.value = null;
    chosen.value = id;
    const added = document.querySelector(`[data-panel="${id}"]`);
    added?.scrollIntoView({ block: "center" });
    added?.querySelector<HTMLElement>(".board-title")?.focus({ preventScroll: true });
  }, [justAdded.value]);
  const hasLegend = board.shown.length > 0 && panels.some((one) => COLOURED.has(one.kind));
  return (
    <div class={["board", hasLegend ? "has-legend" : "", settled ? "has-settings" : ""].filter(Boolean).join(" ")}>
      {hasLegend && (
        <div class="board-side">
          <Legend shown={board.shown} shared={board.shared} />
        </div>
      )}
      <div class="board-main">
        {panels.length === 0 ? (
          <NoPanels isEditing={isEditing} mayChange={mayChange} edit={edit} />
        ) : (
          <div class={hand.value?.before === null ? "board-grid is-end" : "board-grid"}>
            {panels.map((panel) => (
              <Frame key={panel.id} board={board} panel={panel} editing={editing} />
            ))}
          </div>
        )}
      </div>
      {settled && (
        <SettingsForm key={settled.id} panel={settled} draft={draft} onClose={() => closeSettings(settled.id)} />
      )}
      <p class="unseen" role="status">
        {said.value}
      </p>
    </div>
  );

  function closeSettings(id: number): void {
    chosen.value = null;
    document.querySelector<HTMLElement>(`[data-panel="${id}"] [aria-label^="Settings of"]`)?.focus();
  }
}

function NoPanels({ isEditing, mayChange, edit }: { isEditing: boolean; mayChange: boolean; edit: () => void }) {
  return (
    <Empty icon="board" title="No panels yet">
      {isEditing && <p>Add the first one above: curves, a table, the best value, or a text.</p>}
      {!isEditing && mayChange && (
        <button class="button is-first" onClick={edit}>
          <Icon name="edit" /> Put it together
        </button>
      )}
      {!mayChange && <p>Nobody has put anything on this dashboard.</p>}
    </Empty>
  );
}
