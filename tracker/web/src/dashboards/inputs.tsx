import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { fieldOf, isSummable } from "../runs/fields";
import { fields as known } from "../runs/known";
import { Choices } from "../runs/picker";
import { within } from "./arrangement";

export function Labelled({ label, children }: { label: string; children: (id: string) => ComponentChildren }) {
  const id = useId();
  return (
    <div class="field">
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}

interface TextFieldProps {
  label: string;
  hint: string;
  value: string;
  onInput: (text: string) => void;
}

export function TextField({ label, hint, value, onInput }: TextFieldProps) {
  return (
    <Labelled label={label}>
      {(id) => (
        <>
          <input
            id={id}
            value={value}
            spellcheck={false}
            aria-describedby={`${id}-hint`}
            onInput={(event) => onInput(event.currentTarget.value)}
          />
          <p id={`${id}-hint`} class="hint">
            {hint}
          </p>
        </>
      )}
    </Labelled>
  );
}

interface NumberFieldProps {
  label: string;
  value: number;
  bounds: readonly [number, number];
  onChange: (value: number) => void;
}

export function NumberField({ label, value, bounds, onChange }: NumberFieldProps) {
  return (
    <Labelled label={label}>
      {(id) => (
        <input
          id={id}
          type="number"
          min={bounds[0]}
          max={bounds[1]}
          value={value}
          onChange={(event) => onChange(within(Number(event.currentTarget.value) || value, bounds))}
        />
      )}
    </Labelled>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  choices: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
}

export function Choice({ label, value, choices, onChange }: ChoiceProps) {
  const all = choices.some(([one]) => one === value) ? choices : [...choices, [value, value] as const];
  return (
    <Labelled label={label}>
      {(id) => (
        <select id={id} class="board-select" value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          {all.map(([one, says]) => (
            <option key={one} value={one}>
              {says}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

interface FieldFieldProps {
  label: string;
  none: string;
  value: string;
  onChange: (text: string) => void;
  isNumber?: boolean;
}

/** One of the fields that the runs have. */
export function FieldField({ label, none, value, onChange, isNumber = false }: FieldFieldProps) {
  const all = (known.value ?? []).filter((text) => !isNumber || isSummable(fieldOf(text)));
  return (
    <Choice
      label={label}
      value={value}
      choices={[["", none], ...all.map((text): [string, string] => [text, text])]}
      onChange={onChange}
    />
  );
}

export function Check({ label, isOn, onChange }: { label: string; isOn: boolean; onChange: (isOn: boolean) => void }) {
  return (
    <label class="check">
      <input type="checkbox" checked={isOn} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}

interface ManyProps {
  label: string;
  all: readonly string[];
  chosen: readonly string[];
  onChange: (now: readonly string[]) => void;
}

/** Several of the fields; those that are chosen stay offered when no run has them any more. */
export function Many({ label, all, chosen, onChange }: ManyProps) {
  const offered = [...chosen, ...all.filter((one) => !chosen.includes(one))];
  return (
    <fieldset class="board-many">
      <legend>{label}</legend>
      <Choices all={offered} chosen={chosen} none="Nothing is called so." onChange={onChange} />
    </fieldset>
  );
}
