import { signal } from "@preact/signals";
import { Dialog } from "../design/dialog";
import { bindings } from "./keys";

export const isSheetOpen = signal(false);

/** The sheet that lists what can be done by keys here. */
export function Keysheet() {
  if (!isSheetOpen.value) return null;
  return (
    <Dialog title="Keys" onClose={() => (isSheetOpen.value = false)}>
      <div class="keysheet">
        {[...bindings.value].map(([part, keys]) => (
          <section key={part}>
            <h3>{part}</h3>
            <dl>
              {keys.map((one) => (
                <div key={one.keys}>
                  <dt>
                    {one.keys.split(" ").map((key) => (
                      <kbd key={key}>{NAMES[key] ?? key}</kbd>
                    ))}
                  </dt>
                  <dd>{one.says}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

const NAMES: Record<string, string> = { ArrowUp: "↑", ArrowDown: "↓", " ": "Space", Escape: "Esc" };
