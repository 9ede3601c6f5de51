import { exactCount } from "../design/numbers";
import { columnsOf, isConsole, writerText } from "./loaded";
import { Log } from "./log";
import type { Shown } from "./page";
import { place, visit } from "./place";
import { chosenOf, nameOf } from "./texts";

/** What a program printed, as a terminal shows it. */
export function Console({ run }: Shown) {
  const columns = columnsOf(run, place.value.writer, "text").filter((one) => isConsole(one.name));
  // What was printed first, then what was said of faults.
  const ordered = [...columns].sort((a, b) => Number(a.name.endsWith("stderr")) - Number(b.name.endsWith("stderr")));
  const chosen = chosenOf(ordered);
  const several = new Set(columns.map((one) => one.writer)).size > 1;
  return (
    <div class="console">
      {ordered.length > 1 && (
        <div class="switch" role="group" aria-label="Which of the console">
          {ordered.map((one) => (
            <button
              key={nameOf(one)}
              class={one === chosen ? "button is-on" : "button"}
              aria-pressed={one === chosen}
              onClick={() => visit({ name: nameOf(one) })}
            >
              <bdi>{one.name.replace(/^console\//, "")}</bdi>
              {several && <span class="unit">{writerText(one.writer)}</span>}
              <span class="count">{exactCount(one.count)}</span>
            </button>
          ))}
        </div>
      )}
      {chosen && <Log key={nameOf(chosen)} run={run} column={chosen} isConsole />}
    </div>
  );
}
