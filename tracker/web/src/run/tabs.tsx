import { useEffect, useRef } from "preact/hooks";
import { go } from "../app/router";
import { counted } from "../design/numbers";
import { tabHref } from "./place";

/** A tab and how much is behind it; null where that has no number. */
export interface Tab {
  name: string;
  title: string;
  count: number | null;
}

/** The tabs: one stop of the Tab key, arrows go through them. */
export function RunTabs({ tabs, chosen }: { tabs: readonly Tab[]; chosen: string }) {
  const list = useRef<HTMLDivElement>(null);
  const at = Math.max(
    tabs.findIndex((one) => one.name === chosen),
    0,
  );
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [chosen]);

  function turn(event: KeyboardEvent): void {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = tabs[(to + tabs.length) % tabs.length];
    if (!next) return;
    go(tabHref(next.name), { replace: true });
    document.getElementById(`tab-${next.name}`)?.focus();
  }

  return (
    <div ref={list} class="run-tabs" role="tablist" aria-label="Of the run" onKeyDown={turn}>
      {tabs.map((one, place) => (
        <button
          key={one.name}
          id={`tab-${one.name}`}
          class="run-tab"
          role="tab"
          aria-selected={one.name === chosen}
          aria-controls="run-panel"
          tabIndex={place === at ? 0 : -1}
          onClick={() => go(tabHref(one.name))}
        >
          {one.title}
          {one.count !== null && <span class="count">{counted(one.count)}</span>}
        </button>
      ))}
    </div>
  );
}
