import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { asProblem } from "../api/problem";
import { Dialog } from "../design/dialog";
import { Told } from "./form";

interface Props {
  title: string;
  /** What the button says that does it. */
  label: string;
  does: () => Promise<void>;
  onClose: () => void;
  children: ComponentChildren;
}

/** Asks once more before something that others will notice; a refusal is shown here. */
export function Confirm({ title, label, does, onClose, children }: Props) {
  const fault = useSignal("");
  const isBusy = useSignal(false);

  async function act(): Promise<void> {
    isBusy.value = true;
    fault.value = "";
    try {
      await does();
      onClose();
    } catch (error) {
      fault.value = asProblem(error).message;
    } finally {
      isBusy.value = false;
    }
  }

  return (
    <Dialog title={title} onClose={onClose}>
      <div class="words">{children}</div>
      {fault.value && (
        <p class="fault" role="alert">
          <Told text={fault.value} />
        </p>
      )}
      <div class="dialog-end">
        <button class="button" onClick={onClose}>
          Cancel
        </button>
        <button class="button is-first" disabled={isBusy.value} onClick={() => void act()}>
          {label}
        </button>
      </div>
    </Dialog>
  );
}
