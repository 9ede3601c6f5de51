import { Icon } from "../design/icons";
import { Popover } from "../design/popover";
import { added } from "./arrangement";
import type { Draft } from "./draft";
import { justAdded } from "./grid";
import { KINDS, newPanel } from "./kinds";

/** What can be done with all panels together. */
export function EditTools({ draft }: { draft: Draft }) {
  return (
    <div class="board-tools" role="toolbar" aria-label="Edit the dashboard">
      <Popover
        label={
          <>
            <Icon name="plus" /> Add a panel
          </>
        }
        name="Add a panel"
      >
        {(close) => (
          <div class="board-kinds">
            {KINDS.map((one) => (
              <button
                key={one.kind}
                class="row-button"
                onClick={() => {
                  close();
                  const panel = newPanel(one.kind);
                  draft.change(added(draft.content.value, panel));
                  justAdded.value = panel.id;
                }}
              >
                <Icon name={one.icon} />
                <span>
                  <strong>{one.title}</strong>
                  <span class="hint">{one.says}</span>
                </span>
              </button>
            ))}
          </div>
        )}
      </Popover>
      <span class="spring" />
      <button class="button" disabled={!draft.canUndo.value} title="Undo (u)" onClick={() => draft.undo()}>
        <Icon name="back" /> Undo
      </button>
      <button class="button" disabled={!draft.canRedo.value} title="Redo (U)" onClick={() => draft.redo()}>
        <Icon name="forward" /> Redo
      </button>
      <button
        class="button is-quiet"
        title="Be as it was saved"
        disabled={!draft.isDirty.value}
        onClick={() => draft.drop()}
      >
        Drop changes
      </button>
    </div>
  );
}
