import { useSignal } from "@preact/signals";
import { Icon } from "../design/icons";
import { Popover } from "../design/popover";
import { curvesOf, fieldOf, HEADINGS, labelOf, asideOf, type Field, type FieldKind } from "./fields";
import { fields } from "./known";
import { change } from "./view";

// More than this nobody reads through: the search narrows it.
const MOST = 100;
const ORDER: readonly FieldKind[] = ["run", "parameters", "series", "curve", "properties", "source", "environment"];

/** The button that offers all columns there are, by kind and with a search. */
export function Picker({ columns }: { columns: readonly string[] }) {
  return (
    <Popover
      label={
        <>
          <Icon name="columns" /> Columns
        </>
      }
      name="Choose columns"
    >
      {() => (
        <Choices
          chosen={columns}
          none="No column is called so."
          onChange={(now) => change({ columns: now })}
          all={[...(fields.value ?? []), ...curvesOf(fields.value ?? [])]}
        />
      )}
    </Popover>
  );
}

interface ChoicesProps {
  all: readonly string[];
  chosen: readonly string[];
  none: string;
  onChange: (now: readonly string[]) => void;
}

/** Fields to choose from. */
export function Choices({ all, chosen, none, onChange }: ChoicesProps) {
  const search = useSignal("");
  const wanted = search.value.toLowerCase();
  const found = all
    .map(fieldOf)
    .filter((one) => one.text.toLowerCase().includes(wanted) || labelOf(one).toLowerCase().includes(wanted));
  const toggle = (text: string): void =>
    onChange(chosen.includes(text) ? chosen.filter((one) => one !== text) : [...chosen, text]);
  return (
    <div class="picker">
      <label class="field is-search">
        <Icon name="search" />
        <span class="unseen">Search the fields</span>
        <input
          type="search"
          placeholder={`Search ${all.length} fields`}
          value={search.value}
          onInput={(event) => (search.value = event.currentTarget.value)}
        />
      </label>
      <div class="picker-list">
        {ORDER.map((kind) => (
          <Kind
            key={kind}
            kind={kind}
            found={found.filter((one) => one.kind === kind)}
            chosen={chosen}
            onToggle={toggle}
          />
        ))}
        {found.length === 0 && <p class="hint">{none}</p>}
      </div>
    </div>
  );
}

interface KindProps {
  kind: FieldKind;
  found: readonly Field[];
  chosen: readonly string[];
  onToggle: (text: string) => void;
}

function Kind({ kind, found, chosen, onToggle }: KindProps) {
  if (found.length === 0) return null;
  return (
    <fieldset>
      <legend>{HEADINGS[kind]}</legend>
      {found.slice(0, MOST).map((one) => (
        <label key={one.text} class="check">
          <input type="checkbox" checked={chosen.includes(one.text)} onChange={() => onToggle(one.text)} />
          <span>
            <bdi>{labelOf(one)}</bdi>
          </span>
          {kind === "series" && <span class="count">{asideOf(one)}</span>}
        </label>
      ))}
      {found.length > MOST && <p class="hint">{found.length - MOST} more: search for them.</p>}
    </fieldset>
  );
}
