import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";

interface Props {
  label: ComponentChildren;
  /** What a screen reader says of the button, where its label is a picture. */
  name?: string;
  buttonClass?: string;
  /** Keys that a page has for it reach it by this id. */
  id?: string;
  children: (close: () => void) => ComponentChildren;
}

// From the edge of the window, in pixels.
const MARGIN = 8;

/** A button that opens a panel beneath it. A press elsewhere, or Escape, closes it and gives the focus back. */
export function Popover({ label, name, buttonClass = "button", id, children }: Props) {
  const isOpen = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);

  function close(): void {
    isOpen.value = false;
    button.current?.focus();
  }

  useEffect(() => {
    if (!isOpen.value) return undefined;
    place(button.current, panel.current);
    const first = panel.current?.querySelector<HTMLElement>(":is(input, select, textarea, button):enabled, a");
    (first ?? panel.current)?.focus();
    const away = (event: Event): void => {
      const target = event.target as Node;
      if (!panel.current?.contains(target) && !button.current?.contains(target)) isOpen.value = false;
    };
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [isOpen.value]);

  return (
    <>
      <button
        ref={button}
        id={id}
        class={buttonClass}
        aria-label={name}
        title={name}
        aria-haspopup="dialog"
        aria-expanded={isOpen.value}
        onClick={(event) => {
          event.stopPropagation();
          isOpen.value = !isOpen.value;
        }}
      >
        {label}
      </button>
      {isOpen.value && (
        <div
          ref={panel}
          class="popover"
          role="dialog"
          tabIndex={-1}
          aria-label={name ?? (typeof label === "string" ? label : undefined)}
          onClick={(event) => event.stopPropagation()}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === "Escape") close();
          }}
        >
          {children(close)}
        </div>
      )}
    </>
  );
}

/** Put a panel below its button, within the window. */
function place(button: HTMLElement | null, panel: HTMLElement | null): void {
  if (!button || !panel) return;
  const at = button.getBoundingClientRect();
  const left = Math.min(at.left, innerWidth - panel.offsetWidth - MARGIN);
  panel.style.left = `${Math.max(left, MARGIN)}px`;
  panel.style.top = `${at.bottom + 4}px`;
  panel.style.maxHeight = `${innerHeight - at.bottom - 2 * MARGIN}px`;
}
