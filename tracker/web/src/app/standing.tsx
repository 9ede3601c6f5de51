import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { briefTime, exactTime } from "../design/times";

export interface Column<T> {
  head: string;
  cell: (one: T) => ComponentChildren;
  /** Whether it is what the row is called, which may be long. */
  isName?: boolean;
}

interface Props<T> {
  /** What the table is called for who hears it. */
  label: string;
  /** All there are, in the order of the table. */
  all: readonly T[];
  keyOf: (one: T) => string | number;
  /** Whether it has not ended; what ended is hidden until it is asked for. */
  stands?: (one: T) => boolean;
  /** What is said where none stands. */
  nothing: ComponentChildren;
  columns: readonly Column<T>[];
  /** How one is ended: what the button says, what of, and who may. */
  end: { says: string; of: (one: T) => string; may?: (one: T) => boolean; does: (one: T) => void };
}

/** What stands until its time is over or somebody ends it: tokens, links, invitations, sessions. */
export function Standing<T>({ label, all, keyOf, stands = () => true, nothing, columns, end }: Props<T>) {
  const withEnded = useSignal(false);
  const ended = all.filter((one) => !stands(one)).length;
  const shown = withEnded.value ? all : all.filter(stands);
  return (
    <>
      {shown.length === 0 && <p class="nothing">{nothing}</p>}
      {shown.length > 0 && (
        <div class="list-box" tabIndex={0} role="group" aria-label={label}>
          <table class="list">
            <thead>
              <tr>
                {columns.map(({ head }) => (
                  <th key={head}>{head}</th>
                ))}
                <th>
                  <span class="unseen">{end.says}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <tr key={keyOf(one)} class={stands(one) ? "" : "is-over"}>
                  {columns.map(({ head, cell, isName }) => (
                    <td key={head} class={isName ? "is-name" : "is-short"}>
                      {cell(one)}
                    </td>
                  ))}
                  <td class="is-end">
                    {stands(one) && (end.may?.(one) ?? true) && (
                      <button class="button is-quiet" onClick={() => end.does(one)}>
                        {end.says}
                        <span class="unseen"> {end.of(one)}</span>
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {ended > 0 && (
        <p>
          <button class="button is-quiet" onClick={() => (withEnded.value = !withEnded.value)}>
            {withEnded.value ? "Hide those that ended" : `Show ${ended} that ended`}
          </button>
        </p>
      )}
    </>
  );
}

/** A time as short as it is clear, which says the rest to who points at it. */
export function Moment({ at, never = "never" }: { at: number | null; never?: string }) {
  return at === null ? <>{never}</> : <span title={exactTime(at)}>{briefTime(at)}</span>;
}

/** Whether something was not ended, and its time, in seconds since 1970, is not over. */
export function isStanding(expires: number | null, ended: number | null): boolean {
  return ended === null && (expires === null || expires * 1000 > Date.now());
}

/** Until when something stands, or how it came to its end. */
export function Until({ expires, ended, says }: { expires: number | null; ended: number | null; says: string }) {
  if (ended !== null) {
    return (
      <>
        {says} <Moment at={ended} />
      </>
    );
  }
  return (
    <>
      {!isStanding(expires, null) && "expired "}
      <Moment at={expires} never="no end" />
    </>
  );
}
