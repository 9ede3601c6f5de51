import { useSignal, type Signal } from "@preact/signals";
import { Component, type ComponentChildren } from "preact";
import { Suspense } from "preact/compat";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../design/icons";
import { Popover } from "../design/popover";
import { added, changed, without, type Panel } from "./arrangement";
import type { Board } from "./board";
import type { Draft } from "./draft";
import { kindOf, newPanel, titleOf } from "./kinds";
import { dragPanel, moveByKey, resizeByKey, resizePanel, type Hand } from "./move";

/** What editing needs; null for whoever only looks. */
export interface Editing {
  draft: Draft;
  /** The panel whose settings are shown. */
  chosen: Signal<number | null>;
  hand: Signal<Hand | null>;
  say: (text: string) => void;
}

interface FrameProps {
  board: Board;
  panel: Panel;
  editing: Editing | null;
}

/** A panel in its place, with its title and what can be done with it. */
export function Frame({ board, panel, editing }: FrameProps) {
  const { root, isNear } = useNear();
  const hand = editing?.hand.value ?? null;
  const own = hand?.id === panel.id ? hand : null;
  const width = own?.width ?? panel.width;
  const height = own?.height ?? panel.height;
  const title = titleOf(panel);
  const classes = [
    "board-panel",
    `is-${panel.kind}`,
    editing ? "is-edited" : "",
    own ? "is-held" : "",
    editing?.chosen.value === panel.id ? "is-chosen" : "",
    hand && hand.before === panel.id ? "is-before" : "",
  ];
  const View = kindOf(panel.kind)?.View;
  return (
    <section
      ref={root}
      class={classes.filter(Boolean).join(" ")}
      aria-label={title}
      data-panel={panel.id}
      style={{ "--wide": String(width), height: `${height}px` }}
    >
      {editing ? <EditedHead panel={panel} title={title} {...editing} /> : <Head panel={panel} title={title} />}
      <div class="board-body">
        {isNear && (
          <Guard>
            <Suspense fallback={null}>
              {View ? (
                <View board={board} panel={own ? { ...panel, width, height } : panel} />
              ) : (
                <p class="board-says">This page can not show panels of the kind {panel.kind}.</p>
              )}
            </Suspense>
          </Guard>
        )}
      </div>
      {editing && (
        <button
          class="board-resize"
          aria-label={`Resize ${title}`}
          title="Drag, or use the arrow keys"
          onPointerDown={(event) => resizePanel(event, editing.draft, panel, editing.hand)}
          onKeyDown={(event) => {
            const says = resizeByKey(editing.draft, panel, event.key);
            if (says === "") return;
            event.preventDefault();
            editing.say(says);
          }}
        />
      )}
    </section>
  );
}

function Head({ panel, title }: { panel: Panel; title: string }) {
  // A number says itself what it is, and a text has headings of its own.
  if (panel.title === "" && (panel.kind === "text" || panel.kind === "value")) return null;
  return (
    <header class="board-head">
      <h2 title={title}>
        <bdi>{title}</bdi>
      </h2>
    </header>
  );
}

function EditedHead({ panel, title, draft, chosen, hand, say }: Editing & { panel: Panel; title: string }) {
  const remove = (): void => {
    draft.change(without(draft.content.peek(), panel.id));
    if (chosen.value === panel.id) chosen.value = null;
    say(`${title} was removed. Undo brings it back.`);
  };
  return (
    <header class="board-head">
      <button
        class="board-handle"
        aria-label={`Move ${title}`}
        title="Drag, or use the arrow keys"
        onPointerDown={(event) => dragPanel(event, draft, panel, hand)}
        onKeyDown={(event) => {
          const says = moveByKey(draft, panel, event.key);
          if (says === "") return;
          event.preventDefault();
          say(says);
          // A panel that moves in the page takes the focus with it.
          const handle = event.currentTarget;
          requestAnimationFrame(() => handle.focus());
        }}
      >
        <Icon name="grip" />
      </button>
      <input
        class="board-title"
        aria-label={`Title of ${title}`}
        placeholder={title}
        value={panel.title}
        maxLength={500}
        onInput={(event) =>
          draft.change(
            changed(draft.content.peek(), panel.id, { title: event.currentTarget.value }),
            `title ${panel.id}`,
          )
        }
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
        }}
      />
      <button
        class={chosen.value === panel.id ? "icon-button is-on" : "icon-button"}
        aria-label={`Settings of ${title}`}
        title="What it shows"
        aria-pressed={chosen.value === panel.id}
        onClick={() => (chosen.value = chosen.value === panel.id ? null : panel.id)}
      >
        <Icon name="edit" />
      </button>
      <Popover label={<Icon name="more" />} name={`More about ${title}`} buttonClass="icon-button">
        {(close) => (
          <>
            <button
              class="row-button"
              onClick={() => {
                close();
                const { id: _, ...rest } = panel;
                draft.change(added(draft.content.peek(), newPanel(panel.kind, panel.settings, rest), panel.id));
                say(`${title} stands there twice now.`);
              }}
            >
              <Icon name="copy" />
              <span>Duplicate</span>
            </button>
            <button
              class="row-button"
              onClick={() => {
                close();
                remove();
              }}
            >
              <Icon name="trash" />
              <span>Remove</span>
            </button>
          </>
        )}
      </Popover>
    </header>
  );
}

/** A fault in one panel leaves the others as they are. */
class Guard extends Component<{ children: ComponentChildren }, { fault: string }> {
  override state = { fault: "" };

  static getDerivedStateFromError(error: unknown): { fault: string } {
    return { fault: error instanceof Error ? error.message : String(error) };
  }

  override render() {
    if (this.state.fault === "") return this.props.children;
    return (
      <div class="board-says" role="alert">
        <p>This panel could not be shown: {this.state.fault}</p>
        <button class="button" onClick={() => this.setState({ fault: "" })}>
          Try again
        </button>
      </div>
    );
  }
}

/** Whether an element was near what is in sight once. */
function useNear() {
  const root = useRef<HTMLElement>(null);
  const isNear = useSignal(false);
  useEffect(() => {
    if (!root.current) return undefined;
    const watch = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return;
        isNear.value = true;
        watch.disconnect();
      },
      { rootMargin: "300px" },
    );
    watch.observe(root.current);
    return () => watch.disconnect();
  }, []);
  return { root, isNear: isNear.value };
}
