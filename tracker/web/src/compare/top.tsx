import type { ComponentChildren } from "preact";
import { Swatch } from "../charts/readout";
import { href } from "../app/router";
import { Top } from "../app/top";
import { Icon } from "../design/icons";
import { exactCount } from "../design/numbers";
import { carries, useDrop } from "../design/ordering";
import { Popover } from "../design/popover";
import { AddRun } from "./add";
import { changePlace, elsewhere, place } from "./place";
import type { Compared } from "./told";

interface CompareTopProps {
  runs: readonly Compared[];
  missing: readonly string[];
  /** What stands below the runs. */
  children: ComponentChildren;
}

/** What is compared: the runs, which of them is the baseline, and the ways to other pages about them. */
export function CompareTop({ runs, missing, children }: CompareTopProps) {
  const { project, runs: keys } = place.value;
  const below = (
    <>
      <div class="compared">
        <ul class="compared-runs" aria-label="The runs that are compared">
          {runs.map((one) => (
            <Chip key={one.key} run={one} />
          ))}
          {missing.map((key) => (
            <li key={key} class="compared-run is-missing">
              <Icon name="warning" size={13} />
              <span class="compared-name" title={key}>
                <bdi>{key}</bdi> is not there
              </span>
              <Remove of={key} says={key} />
            </li>
          ))}
          <li>
            <AddRun />
          </li>
          {keys.length === 0 && <li class="hint compared-none">No runs are chosen yet.</li>}
        </ul>
      </div>
      {children}
    </>
  );
  return (
    <Top title="Compare" of={project} below={below}>
      {keys.length > 0 && (
        <span class="count">
          {exactCount(keys.length)} {keys.length === 1 ? "run" : "runs"}
        </span>
      )}
      <span class="spring" />
      {keys.length > 0 && (
        <a class="button" href={elsewhere("/charts")} aria-label="Charts of these runs">
          <Icon name="curve" /> Charts
        </a>
      )}
      <a class="button" href={elsewhere("/runs")} aria-label="The table of runs">
        <Icon name="table" /> Table
      </a>
    </Top>
  );
}

function Chip({ run }: { run: Compared }) {
  const { runs: keys, base } = place.value;
  const isBase = run.key === base;
  const at = keys.indexOf(run.key);
  const { isOver, takes } = useDrop("run", run.key, (key) => {
    const isFurther = keys.indexOf(key) < at;
    putBefore(key, isFurther ? (keys[at + 1] ?? null) : run.key);
  });
  const id = `compared-${at}`;

  function move(by: number): void {
    const to = at + by;
    if (to < 0 || to >= keys.length) return;
    putBefore(run.key, to > at ? (keys[to + 1] ?? null) : (keys[to] ?? null));
    // The chip was drawn anew at its new place.
    requestAnimationFrame(() => document.getElementById(`compared-${to}`)?.focus());
  }
  return (
    <li
      class={["compared-run", isBase ? "is-base" : "", isOver ? "is-over" : ""].filter(Boolean).join(" ")}
      draggable
      {...carries("run", run.key)}
      {...takes}
      onKeyDown={(event) => {
        const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (!event.ctrlKey || by === undefined) return;
        event.preventDefault();
        move(by);
      }}
    >
      <Swatch place={run.place} />
      <Popover
        id={id}
        buttonClass="compared-name"
        name={`${run.name}${isBase ? " baseline" : ""}: more`}
        label={
          <>
            <bdi>{run.name}</bdi> {isBase && <span class="base-mark">baseline</span>}
          </>
        }
      >
        {(close) => <ChipMenu run={run} isBase={isBase} close={close} move={move} at={at} last={keys.length - 1} />}
      </Popover>
      <Remove of={run.key} says={run.name} />
    </li>
  );
}

interface MenuProps {
  run: Compared;
  isBase: boolean;
  at: number;
  last: number;
  close: () => void;
  move: (by: number) => void;
}

function ChipMenu({ run, isBase, at, last, close, move }: MenuProps) {
  const after = (does: () => void) => () => {
    close();
    does();
  };
  return (
    <>
      <a class="row-button" href={href("/run", { run: run.key })}>
        <Icon name="right" />
        <span>Open the run</span>
      </a>
      <button class="row-button" disabled={isBase} onClick={after(() => changePlace({ base: run.key }))}>
        <Icon name="pin" />
        <span>{isBase ? "This is the baseline" : "Make it the baseline"}</span>
      </button>
      <button class="row-button" disabled={at === 0} onClick={after(() => move(-1))}>
        <Icon name="left" />
        <span>Move left</span>
        <kbd>Ctrl ←</kbd>
      </button>
      <button class="row-button" disabled={at === last} onClick={after(() => move(1))}>
        <Icon name="right" />
        <span>Move right</span>
        <kbd>Ctrl →</kbd>
      </button>
    </>
  );
}

function Remove({ of, says }: { of: string; says: string }) {
  const { runs } = place.value;
  return (
    <button
      class="icon-button"
      aria-label={`Compare ${says} no longer`}
      title="Compare it no longer"
      onClick={() => changePlace({ run: runs.filter((one) => one !== of) })}
    >
      <Icon name="close" size={12} />
    </button>
  );
}

/** Put a run before another, or last. The baseline stays what it was. */
function putBefore(key: string, before: string | null): void {
  const { runs, base } = place.value;
  const rest = runs.filter((one) => one !== key);
  const to = before === null ? rest.length : rest.indexOf(before);
  changePlace({ run: [...rest.slice(0, to), key, ...rest.slice(to)], base }, { replace: true });
}
