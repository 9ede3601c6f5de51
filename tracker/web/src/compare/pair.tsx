import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { isAborted } from "../api/client";
import { Empty, Waiting } from "../app/states";
import { Swatch } from "../charts/readout";
import { Icon } from "../design/icons";
import { exactCount } from "../design/numbers";
import { DiffView } from "./diffview";
import { MOST_BYTES, MOST_LINES, type Lines } from "./documents";
import { lineDiff, type LineDiff } from "./myers";
import { changePlace } from "./place";
import type { Compared } from "./told";

interface Props {
  first: Compared;
  second: Compared;
  others: readonly Compared[];
  /** The lines of the two; null until they are there, one of them where a run has none. */
  pair: readonly [Lines | null, Lines | null] | null;
}

/** Which two runs are compared, and the lines that differ. */
export function Pair({ first, second, others, pair }: Props) {
  const diff = useSignal<{ of: unknown; found: LineDiff } | null>(null);
  useEffect(() => {
    const [one, other] = pair ?? [];
    if (!one || !other) return undefined;
    const controller = new AbortController();
    lineDiff(one.lines, other.lines, controller.signal)
      .then((found) => (diff.value = { of: pair, found }))
      .catch((error: unknown) => {
        if (!isAborted(error)) throw error;
      });
    return () => controller.abort();
  }, [pair]);
  const found = diff.value?.of === pair ? diff.value?.found : undefined;
  const missing = pair && [first, second].filter((_, at) => pair[at] === null);
  const isCut = pair?.some((one) => one?.isCut) ?? false;
  return (
    <>
      <div class="pair">
        <span class="pair-run">
          <b class="pair-sign is-removed">−</b>
          <Swatch place={first.place} />
          <bdi>{first.name}</bdi>
        </span>
        <Second second={second} others={others} />
        {found && (
          <span class="pair-counts" role="status">
            {found.added === 0 && found.removed === 0 ? (
              "no difference"
            ) : (
              <>
                <b class="is-added">+{exactCount(found.added)}</b>{" "}
                <b class="is-removed">−{exactCount(found.removed)}</b> lines
              </>
            )}
          </span>
        )}
        {isCut && (
          <span class="hint">
            Only the first {exactCount(MOST_LINES)} lines, or {MOST_BYTES / 1e6} MB, of each are compared.
          </span>
        )}
        {found?.isRough && <span class="hint">They share so little that a shorter difference may exist.</span>}
      </div>
      {missing && missing.length > 0 ? (
        <Empty
          icon="search"
          title={missing.length === 2 ? "Neither run has this text here" : "One run lacks this text"}
        >
          <p>
            {missing.map((one, at) => (
              <span key={one.key}>
                {at > 0 && " and "}
                <bdi>{one.name}</bdi>
              </span>
            ))}{" "}
            {missing.length === 1 ? "has" : "have"} nothing to compare. Choose another text or run.
          </p>
        </Empty>
      ) : !found || !pair?.[0] || !pair[1] ? (
        <Waiting what="the texts" />
      ) : found.added + found.removed === 0 ? (
        <Empty icon="check" title="These texts are the same">
          <p>All {exactCount(pair[0].lines.length)} lines are alike.</p>
        </Empty>
      ) : (
        <DiffView diff={found} one={pair[0].lines} other={pair[1].lines} />
      )}
    </>
  );
}

function Second({ second, others }: { second: Compared; others: readonly Compared[] }) {
  const at = others.indexOf(second);
  const to = (by: number): void => changePlace({ with: others[at + by]?.key ?? null }, { replace: true });
  return (
    <span class="pair-run">
      <b class="pair-sign is-added">+</b>
      <Swatch place={second.place} />
      {others.length === 1 ? (
        <bdi>{second.name}</bdi>
      ) : (
        <>
          <label class="choice">
            <span class="unseen">The other run</span>
            <select value={second.key} onChange={(event) => changePlace({ with: event.currentTarget.value })}>
              {others.map((one) => (
                <option key={one.key} value={one.key}>
                  {one.name}
                </option>
              ))}
            </select>
          </label>
          <button class="icon-button" aria-label="The run before" disabled={at === 0} onClick={() => to(-1)}>
            <Icon name="left" />
          </button>
          <button
            class="icon-button"
            aria-label="The next run"
            disabled={at === others.length - 1}
            onClick={() => to(1)}
          >
            <Icon name="right" />
          </button>
        </>
      )}
    </span>
  );
}
