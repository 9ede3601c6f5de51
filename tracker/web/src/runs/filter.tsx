import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { faultOf, type Problem } from "../api/problem";
import { useKeys } from "../app/keys";
import { Icon } from "../design/icons";
import { offer, type Offer } from "./completion";
import { fields } from "./known";
import type { Rows } from "./rows";
import { change, view } from "./view";

const NONE: Offer = { choices: [], start: 0 };

interface Props {
  rows: Rows | null;
  problem: Problem | null;
  /** What is asked for, and who is told of another wish; what the address says by default. */
  where?: string;
  onChange?: (where: string) => void;
}

/** The filter, which offers what may stand at its caret, and points at what is wrong. */
export function Filter({
  rows,
  problem,
  where = view.value.where,
  onChange = (text) => change({ where: text }),
}: Props) {
  const draft = useSignal(where);
  const offered = useSignal<Offer>(NONE);
  const active = useSignal(-1);
  const input = useRef<HTMLInputElement>(null);
  const isOpen = offered.value.choices.length > 0;

  useEffect(() => void (draft.value = where), [where]);
  useEffect(
    () => document.getElementById(`choice-${active.value}`)?.scrollIntoView({ block: "nearest" }),
    [active.value],
  );
  useKeys("Filter", [{ keys: "/", says: "Filter the runs", does: () => input.current?.focus() }]);

  function ask(): void {
    const caret = input.current?.selectionStart ?? draft.value.length;
    offered.value = offer(draft.value, caret, fields.value ?? [], rows?.known() ?? []);
    active.value = -1;
  }

  function take(text: string): void {
    const caret = input.current?.selectionStart ?? draft.value.length;
    const rest = draft.value.slice(caret).replace(/^ /, "");
    const space = text.endsWith("[") ? "" : " ";
    draft.value = draft.value.slice(0, offered.value.start) + text + space + rest;
    const at = offered.value.start + text.length + space.length;
    if (!input.current) return;
    input.current.value = draft.value; // now, so that the caret has its place before the next key
    input.current.focus();
    input.current.setSelectionRange(at, at);
    ask();
  }

  function apply(text: string): void {
    draft.value = text;
    offered.value = NONE;
    onChange(text.trim());
  }

  function onKeyDown(event: KeyboardEvent): void {
    const chosen = offered.value.choices[active.value];
    const count = offered.value.choices.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) ask();
      else if (event.key === "ArrowDown") active.value = (active.value + 1) % count;
      else active.value = active.value <= 0 ? count - 1 : active.value - 1;
    } else if ((event.key === "Enter" || event.key === "Tab") && chosen) {
      event.preventDefault();
      take(chosen.text);
    } else if (event.key === "Enter") {
      apply(draft.value);
    } else if (event.key === "Escape") {
      if (isOpen) offered.value = NONE;
      else if (draft.value !== where) draft.value = where;
      else input.current?.blur();
    }
  }

  return (
    <div class="filter">
      <div class={problem ? "filter-box is-wrong" : "filter-box"}>
        <Icon name="search" />
        <input
          ref={input}
          type="text"
          role="combobox"
          aria-label="Filter the runs"
          aria-expanded={isOpen}
          aria-controls="choices"
          aria-autocomplete="list"
          aria-activedescendant={active.value >= 0 ? `choice-${active.value}` : undefined}
          aria-invalid={problem !== null}
          aria-describedby={problem ? "filter-fault" : undefined}
          autocomplete="off"
          spellcheck={false}
          placeholder='Filter, such as  parameters.lr < 0.1 and status == "failed"'
          value={draft.value}
          onInput={(event) => {
            draft.value = event.currentTarget.value;
            ask();
          }}
          onClick={ask}
          onKeyDown={onKeyDown}
          onBlur={() => (offered.value = NONE)}
        />
        {draft.value !== where && <kbd title="Enter applies the filter">Enter</kbd>}
        {draft.value === "" && <kbd title="The key / leads here">/</kbd>}
        {draft.value !== "" && (
          <button class="icon-button" aria-label="Clear the filter" title="Clear the filter" onClick={() => apply("")}>
            <Icon name="close" />
          </button>
        )}
      </div>
      <ul id="choices" class="choices" role="listbox" aria-label="What may stand here" hidden={!isOpen}>
        {offered.value.choices.map((one, at) => (
          <li
            key={one.text}
            id={`choice-${at}`}
            role="option"
            aria-selected={at === active.value}
            onPointerDown={(event) => {
              event.preventDefault();
              take(one.text);
            }}
          >
            <code>{one.text}</code>
            <span>{one.aside}</span>
          </li>
        ))}
      </ul>
      {problem && <Wrong problem={problem} />}
    </div>
  );
}

function Wrong({ problem }: { problem: Problem }) {
  const pointed = problem.more["pointed"];
  return (
    <div id="filter-fault" class="filter-fault" role="alert">
      {faultOf(problem) && typeof pointed === "string" && <pre>{pointed}</pre>}
      <p>
        {problem.message} {problem.hint}
      </p>
    </div>
  );
}
