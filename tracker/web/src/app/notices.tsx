import { signal } from "@preact/signals";
import { Icon } from "../design/icons";

interface Notice {
  id: number;
  text: string;
  isFault: boolean;
  action?: { label: string; does: () => void };
}

// So long a notice stays; one with something to do stays longer.
const SHORT = 5000;
const LONG = 12_000;
const notices = signal<readonly Notice[]>([]);
let last = 0;

/** Tell of something that happened, with what may be done about it. */
export function tell(text: string, { action, isFault = false }: Partial<Omit<Notice, "id" | "text">> = {}): void {
  last += 1;
  const notice: Notice = { id: last, text, isFault, action };
  notices.value = [...notices.value.slice(-2), notice];
  window.setTimeout(() => drop(notice.id), action || isFault ? LONG : SHORT);
}

/** Tell of a fault. */
export function tellFault(error: unknown): void {
  tell(error instanceof Error ? error.message : String(error), { isFault: true });
}

function drop(id: number): void {
  notices.value = notices.value.filter((one) => one.id !== id);
}

/** The notices, read out as they come. */
export function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ id, text, action, isFault }) => (
        <div key={id} class={isFault ? "notice is-fault" : "notice"}>
          <span>{text}</span>
          {action && (
            <button
              class="button is-quiet"
              onClick={() => {
                drop(id);
                action.does();
              }}
            >
              {action.label}
            </button>
          )}
          <button class="icon-button" aria-label="Dismiss" onClick={() => drop(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
