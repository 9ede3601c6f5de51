import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { isAborted, post } from "../api/client";
import { asProblem } from "../api/problem";
import { keyText } from "../api/runs";
import type { Row } from "../api/schema";
import { Icon } from "../design/icons";
import { Popover } from "../design/popover";
import { briefTime } from "../design/times";
import { Status } from "../runs/status";
import { MOST_SELECTED } from "../runs/view";
import { changePlace, place } from "./place";

const SHOWN = 12;
// Somebody who types asks once they rest.
const REST = 150;

/** The button that compares one run more. */
export function AddRun() {
  const isFull = place.value.runs.length >= MOST_SELECTED;
  return (
    <Popover
      name={isFull ? `${MOST_SELECTED} runs are compared: an address holds no more` : "Add a run"}
      buttonClass="button is-quiet add-run"
      label={
        <>
          <Icon name="search" size={13} /> Add a run
        </>
      }
    >
      {() => (isFull ? <p class="hint">An address holds no more runs.</p> : <Search />)}
    </Popover>
  );
}

function Search() {
  const wanted = useSignal("");
  const found = useSignal<readonly Row[] | null>(null);
  const fault = useSignal("");
  const { project, runs } = place.value;
  useEffect(() => {
    const controller = new AbortController();
    const ask = async (): Promise<void> => {
      const text = JSON.stringify(wanted.value.trim());
      const where = wanted.value.trim()
        ? `name contains ${text} or id contains ${text} or tags contains ${text}`
        : null;
      const page = await post(
        "/api/v1/runs/search",
        { project, where, columns: [], limit: SHOWN + runs.length },
        controller.signal,
      );
      fault.value = "";
      found.value = page.rows;
    };
    const timer = window.setTimeout(
      () =>
        void ask().catch((error: unknown) => {
          if (!isAborted(error)) fault.value = asProblem(error).message;
        }),
      REST,
    );
    return () => {
      window.clearTimeout(timer);
      controller.abort();
    };
  }, [wanted.value, project]);
  const shown = found.value?.filter((row) => !runs.includes(keyText(row))).slice(0, SHOWN);
  return (
    <div class="add-search">
      <label class="field is-search">
        <Icon name="search" />
        <span class="unseen">Search runs by name, id or tag</span>
        <input
          type="search"
          placeholder="Name, id or tag"
          value={wanted.value}
          onInput={(event) => (wanted.value = event.currentTarget.value)}
        />
      </label>
      {fault.value && <p class="fault">{fault.value}</p>}
      <ul>
        {shown?.map((row) => (
          <li key={keyText(row)}>
            <button class="row-button" onClick={() => changePlace({ run: [...runs, keyText(row)] })}>
              <span>
                <bdi>{row.name ?? row.id}</bdi>
              </span>
              <Status status={row.status} />
              <span class="count">{briefTime(row.started ?? row.created)}</span>
            </button>
          </li>
        ))}
      </ul>
      {shown?.length === 0 && <p class="hint">No other run is called so.</p>}
    </div>
  );
}
