import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { kept, keep } from "../app/kept";
import { Failed } from "../app/states";
import { Icon } from "../design/icons";
import { brief, exactCount } from "../design/numbers";
import { briefTime, exactTime } from "../design/times";
import { useVirtual } from "../design/virtual";
import { spansOf, type Span } from "./ansi";
import { useEntries, type Entry } from "./entries";
import { Finder } from "./finder";
import type { Column } from "./loaded";
import { Markdown } from "./markdown";
import { place, visit } from "./place";
import { textOf } from "./said";
import type { RunTold } from "../api/schema";

const LINE = 18;
// Whoever is this near to the end follows it.
const NEAR = 40;
// A longer line is cut where it is shown, and said to be.
const LONGEST = 20_000;

interface Props {
  run: RunTold;
  column: Column;
  /** Whether it is what a program printed: with colours, and as narrow as a terminal. */
  isConsole: boolean;
}

/** Texts by line or by step: searched, followed while they grow, and drawn where somebody looks. */
export function Log({ run, column, isConsole }: Props) {
  const entries = useEntries(run, column);
  const isMarkdown = textOf(column.said["media_type"])?.startsWith("text/markdown") === true;
  const scroller = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  const wraps = useSignal(kept("wrap", ["wrap", "plain"], isConsole ? "plain" : "wrap") === "wrap");
  const finder = useMemo(() => new Finder(entries, isConsole), [entries]);
  const follows = useSignal(isConsole);
  const { find } = place.value;
  const count = entries.count.value;
  void entries.version.value;
  const virtual = useVirtual({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => (isConsole ? LINE : 2 * LINE + 12),
    overscan: 20,
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items[items.length - 1]?.index ?? 0];
  useEffect(() => entries.need(first, last), [entries, first, last, count, entries.version.value]);
  useEffect(() => {
    finder.find(find);
    return () => finder.stop();
  }, [finder, find, count]);
  useEffect(() => {
    if (follows.value && count > 0) virtual.scrollToIndex(count - 1, { align: "end" });
  }, [entries, count, follows.value, entries.version.value, wraps.value]);

  const [earliest] = finder.found.value;
  useEffect(() => {
    // Whoever begins a search, or comes by a link that has one, sees the first place at once.
    if (earliest !== undefined && finder.current.peek() === null) jump(1);
  }, [finder, find, earliest]);

  function jump(by: number): void {
    const to = finder.turn(by, first);
    if (to === null) return;
    follows.value = false;
    virtual.scrollToIndex(to, { align: "center" });
  }

  function wrap(): void {
    wraps.value = !wraps.value;
    keep("wrap", wraps.value ? "wrap" : "plain");
    virtual.measure();
  }

  function scrolled(): void {
    const box = scroller.current;
    if (!box || !isConsole) return;
    const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    // Whoever scrolls up stays there; at the end it is followed again.
    if (isAtEnd && find === "") follows.value = true;
    else if (!isAtEnd && box.scrollTop < lastTop.current) follows.value = false;
    lastTop.current = box.scrollTop;
  }

  const problem = entries.problem.value;
  if (problem) return <Failed problem={problem} again={() => entries.retry()} />;
  return (
    <div class={`log${isConsole ? " is-console" : ""}${wraps.value ? " is-wrapped" : ""}`}>
      <div class="tool-line">
        <Search finder={finder} count={count} what={isConsole ? "line" : "text"} jump={jump} />
        <button class={wraps.value ? "button is-on" : "button"} aria-pressed={wraps.value} onClick={wrap}>
          Wrap
        </button>
        {isConsole && (
          <button
            class={follows.value ? "button is-on" : "button"}
            aria-pressed={follows.value}
            onClick={() => (follows.value = !follows.value)}
          >
            <Icon name="down" /> {run.status === "running" ? "Follow" : "End"}
          </button>
        )}
      </div>
      <div
        ref={scroller}
        class="log-scroll"
        role="region"
        aria-label={`Lines of ${column.name}`}
        tabIndex={0}
        onScroll={scrolled}
      >
        <div class="log-body" style={{ height: `${virtual.getTotalSize()}px` }}>
          {items.map(({ index, start, key }) => (
            <div
              key={String(key)}
              ref={virtual.measureElement}
              data-index={index}
              class={finder.current.value === index ? "log-line is-found" : "log-line"}
              style={{ transform: `translateY(${start}px)` }}
            >
              <Line entry={entries.at(index)} index={index} isConsole={isConsole} find={find} isMarkdown={isMarkdown} />
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

interface SearchProps {
  finder: Finder;
  count: number;
  what: string;
  jump: (by: number) => void;
}

function Search({ finder, count, what, jump }: SearchProps) {
  const { found, looked, isLooking } = finder;
  const text = place.value.find;
  const says = isLooking.value
    ? `${exactCount(found.value.length)} found, looked through ${exactCount(looked.value)} of ${exactCount(count)}`
    : finder.isFull.value
      ? `more than ${exactCount(found.value.length)} found`
      : `${exactCount(found.value.length)} found in ${exactCount(count)}`;
  return (
    <>
      <label class="field is-search">
        <Icon name="search" />
        <span class="unseen">Search the texts</span>
        <input
          type="search"
          placeholder={`Search ${exactCount(count)} ${what}${count === 1 ? "" : "s"}`}
          value={text}
          onInput={(event) => visit({ find: event.currentTarget.value }, { replace: true })}
          onKeyDown={(event) => {
            if (event.key === "Enter") jump(event.shiftKey ? -1 : 1);
          }}
        />
      </label>
      {text !== "" && (
        <>
          <button class="icon-button" aria-label="Previous (Shift Enter)" title="Previous" onClick={() => jump(-1)}>
            <Icon name="up" />
          </button>
          <button class="icon-button" aria-label="Next (Enter)" title="Next" onClick={() => jump(1)}>
            <Icon name="down" />
          </button>
          <span class="hint" role="status">
            {says}
          </span>
        </>
      )}
      <span class="spring" />
    </>
  );
}

interface LineProps {
  entry: Entry | undefined;
  index: number;
  isConsole: boolean;
  isMarkdown: boolean;
  find: string;
}

function Line({ entry, index, isConsole, isMarkdown, find }: LineProps) {
  const text = typeof entry?.value === "string" ? entry.value : "";
  const time = entry?.time ?? null;
  return (
    <>
      <span class="log-place" title={time === null ? undefined : exactTime(time)}>
        {isConsole ? exactCount(index + 1) : entry ? `${entry.hasStep ? "step" : "number"} ${brief(entry.step)}` : ""}
        {!isConsole && time !== null && <span class="log-time">{briefTime(time)}</span>}
      </span>
      {entry === undefined ? (
        <span class="blank" />
      ) : isMarkdown ? (
        <Markdown text={text} />
      ) : (
        <span class="log-text">
          <bdi>
            {isConsole
              ? spansOf(text.slice(0, LONGEST)).map((span, at) => <Part key={at} span={span} find={find} />)
              : marked(text.slice(0, LONGEST), find)}
          </bdi>
          {text.length > LONGEST && <em> … {exactCount(text.length - LONGEST)} characters more</em>}
        </span>
      )}
    </>
  );
}

function Part({ span, find }: { span: Span; find: string }) {
  const { text, colour, ground, isBold, isDim, isItalic, isUnderlined } = span;
  const classes = [
    colour !== null && `ansi-${colour}`,
    ground !== null && `ansi-on-${ground % 8}`,
    isBold && "is-bold",
    isDim && "is-dim",
    isItalic && "is-italic",
    isUnderlined && "is-underlined",
  ].filter(Boolean);
  const shown = marked(text, find);
  return classes.length > 0 ? <span class={classes.join(" ")}>{shown}</span> : <>{shown}</>;
}

/** A text with what is searched for marked. */
export function marked(text: string, find: string): ComponentChildren {
  if (find === "") return text;
  const parts: ComponentChildren[] = [];
  const [low, wanted] = [text.toLowerCase(), find.toLowerCase()];
  let at = 0;
  // Letters that grow when they are made small would shift the places: then nothing is marked.
  if (low.length !== text.length) return text;
  for (let found = low.indexOf(wanted); found >= 0; found = low.indexOf(wanted, at)) {
    parts.push(text.slice(at, found), <mark key={found}>{text.slice(found, found + wanted.length)}</mark>);
    at = found + wanted.length;
  }
  return [...parts, text.slice(at)];
}
