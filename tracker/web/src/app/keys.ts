import { useLayoutEffect } from "preact/hooks";
import { signal } from "@preact/signals";
import { projects } from "./projects";

/** A key, or several one after another as in `g r`, and what it does. */
export interface Key {
  keys: string;
  says: string;
  does: () => void;
}

/** What can be done by keys now, by the part of the page that has them. */
export const bindings = signal<ReadonlyMap<string, readonly Key[]>>(new Map());

// So long somebody may wait between the keys of a sequence.
const PATIENCE = 1200;
let begun = "";
let timer = 0;
// A key that came before it was known what may be changed: whoever offers it soon does it.
let early = "";

/** Offer keys as long as a component is shown; `part` is their heading on the sheet of keys. */
export function useKeys(part: string, keys: readonly Key[]): void {
  // At once, not after the next frame: who types fast means what the key before has just done.
  useLayoutEffect(() => {
    bindings.value = new Map(bindings.value).set(part, keys);
    const awaited = early === "" ? undefined : keys.find((one) => one.keys === early);
    if (awaited && !isWriting(document.activeElement)) {
      early = "";
      awaited.does();
    }
    return () => {
      const rest = new Map(bindings.value);
      if (rest.get(part) === keys) rest.delete(part);
      bindings.value = rest;
    };
  });
}

/** Whether somebody is writing, so that letters are no commands. */
export function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const pressed = begun ? `${begun} ${event.key}` : event.key;
  const known = [...bindings.value.values()].flat();
  const found = known.find((one) => one.keys === pressed) ?? known.find((one) => one.keys === event.key);
  window.clearTimeout(timer);
  early = "";
  if (!found && known.some((one) => one.keys.startsWith(`${pressed} `))) {
    begun = pressed;
    timer = window.setTimeout(() => (begun = ""), PATIENCE);
    return;
  }
  begun = "";
  if (found) {
    event.preventDefault();
    found.does();
  } else if (projects.value === null) {
    early = event.key;
    timer = window.setTimeout(() => (early = ""), PATIENCE);
  }
});
