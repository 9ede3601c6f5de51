import { useSignal } from "@preact/signals";
import { createContext, type ComponentChildren } from "preact";
import { useContext, useId, useLayoutEffect, useRef } from "preact/hooks";
import { asProblem, faultsOf } from "../api/problem";

/** What is wrong in a form, by the name of the field; under "" what is wrong with all of it. */
type Faults = ReadonlyMap<string, string>;
const FaultsOf = createContext<Faults>(new Map());

interface FormProps {
  /** What the button says. */
  label: string;
  /** Sends what was given; a refusal of the server is shown, at `at` if it names no field. */
  send: (given: Given) => Promise<void>;
  /** What is wrong before it is sent, by field; what is empty is right. */
  check?: (given: Given) => Record<string, string>;
  /** The field that refusals are about. */
  at?: string;
  onCancel?: () => void;
  /** Whether fields and button stand in one line. */
  isLine?: boolean;
  children: ComponentChildren;
}

/** What was given in a form, by the name of the field. */
export type Given = (name: string) => string;

/** A form that says beside each field what is wrong with it. */
export function Form({ label, send, check, at = "", onCancel, isLine = false, children }: FormProps) {
  const faults = useSignal<Faults>(new Map());
  const isBusy = useSignal(false);
  const form = useRef<HTMLFormElement>(null);

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (isBusy.value || !form.current) return;
    const data = new FormData(form.current);
    const given: Given = (name) => String(data.get(name) ?? "");
    const wrong = Object.entries(check?.(given) ?? {}).filter(([, says]) => says !== "");
    faults.value = new Map(wrong);
    if (wrong.length > 0) return;
    isBusy.value = true;
    try {
      await send(given);
    } catch (error) {
      const problem = asProblem(error);
      const named = [...faultsOf(problem)].filter(([name]) => data.has(name));
      faults.value = new Map(named.length > 0 ? named : [[data.has(at) ? at : "", problem.message]]);
    } finally {
      isBusy.value = false;
    }
  }

  // Whoever hears the page comes to the first field that is wrong, which says why.
  useLayoutEffect(() => {
    if (faults.value.size > 0) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [faults.value]);

  const whole = faults.value.get("");
  return (
    <form ref={form} class={isLine ? "form is-line" : "form"} noValidate onSubmit={(event) => void submit(event)}>
      <FaultsOf.Provider value={faults.value}>{children}</FaultsOf.Provider>
      {whole && (
        <p class="fault" role="alert">
          <Told text={whole} />
        </p>
      )}
      <div class="form-end">
        {onCancel && (
          <button type="button" class="button" onClick={onCancel}>
            Cancel
          </button>
        )}
        <button class="button is-first" disabled={isBusy.value}>
          {label}
        </button>
      </div>
    </form>
  );
}

interface FieldProps {
  name: string;
  label: string;
  hint?: string;
  /** Its `input` or `select`, which has the name, the id and the description. */
  children: (has: {
    id: string;
    name: string;
    "aria-invalid": boolean;
    "aria-describedby": string;
  }) => ComponentChildren;
}

/** A field with its label, a hint, and what is wrong with it. */
export function Field({ name, label, hint, children }: FieldProps) {
  const id = useId();
  const fault = useContext(FaultsOf).get(name);
  return (
    <div class="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, name, "aria-invalid": fault !== undefined, "aria-describedby": `${id}-says` })}
      <div id={`${id}-says`} class="field-says">
        {fault !== undefined && (
          <p class="field-fault" role="alert">
            <Told text={fault} />
          </p>
        )}
        {hint && <p class="hint">{hint}</p>}
      </div>
    </div>
  );
}

/** A sentence of the server, with the commands that it names set off. */
export function Told({ text }: { text: string }) {
  return (
    <>{text.split("`").map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : <bdi key={at}>{part}</bdi>))}</>
  );
}
