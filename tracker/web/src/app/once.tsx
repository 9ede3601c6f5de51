import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../design/icons";
import { tell } from "./notices";

/** A secret that the server tells once, marked so that a copy is a press away, with what to know about it. */
export function Once({ label, secret, says }: { label: string; secret: string; says: string }) {
  const input = useRef<HTMLInputElement>(null);
  const isCopied = useSignal(false);
  useEffect(() => input.current?.select(), [secret]);

  async function copy(): Promise<void> {
    input.current?.select();
    try {
      await navigator.clipboard.writeText(secret);
      isCopied.value = true;
    } catch {
      tell("The browser did not let it be copied: press Ctrl+C, it is marked.", { isFault: true });
    }
  }

  return (
    <div class="once" role="group" aria-label={label}>
      <p class="once-label">{label}</p>
      <div class="once-line">
        <input
          ref={input}
          readOnly
          value={secret}
          aria-label={label}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button type="button" class="button is-first" onClick={() => void copy()}>
          <Icon name={isCopied.value ? "check" : "copy"} /> {isCopied.value ? "Copied" : "Copy"}
        </button>
      </div>
      <p class="hint">{says}</p>
    </div>
  );
}

interface MadeProps {
  label: string;
  secret: string;
  says: string;
  onClose: () => void;
  /** What else there is to say, such as how it is used. */
  children?: ComponentChildren;
}

/** What a dialog holds whose secret was just made. */
export function OnceMade({ onClose, children, ...once }: MadeProps) {
  return (
    <>
      <Once {...once} />
      {children}
      <div class="dialog-end">
        <button class="button" onClick={onClose}>
          Done
        </button>
      </div>
    </>
  );
}
