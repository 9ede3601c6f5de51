import { computed, signal } from "@preact/signals";
import { isSame, type Arrangement } from "./arrangement";
import type { Saved } from "./server";

// Letters typed one after another in the same place are taken back together.
const TOGETHER = 1200;
const MOST_STEPS = 200;

/** A dashboard that is looked at, and what was changed of it and not saved yet. */
export class Draft {
  readonly saved = signal<Saved>({ project: "", name: "", version: 0, person: null, changed: 0, content: NOTHING });
  readonly content = signal<Arrangement>(NOTHING);
  readonly isDirty = computed(() => !isSame(this.content.value, this.saved.value.content));
  readonly canUndo = computed(() => this.#past.value.length > 0);
  readonly canRedo = computed(() => this.#future.value.length > 0);
  readonly #past = signal<readonly Arrangement[]>([]);
  readonly #future = signal<readonly Arrangement[]>([]);
  #last = { of: "", at: 0 };

  constructor(saved: Saved) {
    this.saved.value = saved;
    this.content.value = saved.content;
  }

  /** Change it; what is changed again under the same name at once is one step. */
  change(next: Arrangement, of = ""): void {
    if (next === this.content.value) return;
    const now = Date.now();
    const isSameStep = of !== "" && of === this.#last.of && now - this.#last.at < TOGETHER;
    this.#last = { of, at: now };
    if (!isSameStep) this.#past.value = [...this.#past.value, this.content.value].slice(-MOST_STEPS);
    this.#future.value = [];
    this.content.value = next;
  }

  undo(): void {
    const before = this.#past.value.at(-1);
    if (!before) return;
    this.#past.value = this.#past.value.slice(0, -1);
    this.#future.value = [this.content.value, ...this.#future.value];
    this.content.value = before;
    this.#last.of = "";
  }

  redo(): void {
    const [after, ...rest] = this.#future.value;
    if (!after) return;
    this.#future.value = rest;
    this.#past.value = [...this.#past.value, this.content.value];
    this.content.value = after;
    this.#last.of = "";
  }

  /** Be as it was saved. */
  drop(): void {
    this.change(this.saved.value.content);
  }

  /** It was saved, and stays as it is. */
  keep(saved: Saved): void {
    this.saved.value = saved;
    this.content.value = saved.content;
    this.#last.of = "";
  }
}

const NOTHING: Arrangement = { where: "", sort: [], by: [], most: 20, panels: [] };

/** Those of this window: what was not saved is there when somebody comes back. */
const drafts = new Map<string, Draft>();

function keyOf(project: string, name: string): string {
  return JSON.stringify([project, name]);
}

/** What was changed of a dashboard in this window and not saved; null if there is nothing. */
export function unsaved(project: string, name: string): Draft | null {
  const found = drafts.get(keyOf(project, name));
  return found?.isDirty.peek() ? found : null;
}

export function hold(draft: Draft): Draft {
  const { project, name } = draft.saved.peek();
  drafts.set(keyOf(project, name), draft);
  return draft;
}

export function forget(project: string, name: string): void {
  drafts.delete(keyOf(project, name));
}

addEventListener("beforeunload", (event) => {
  if ([...drafts.values()].some((one) => one.isDirty.peek())) event.preventDefault();
});
