import { useSignal, type Signal } from "@preact/signals";
import { keyText } from "../api/runs";
import { address, href } from "../app/router";
import { Icon } from "../design/icons";
import { exactCount } from "../design/numbers";
import { MOST_SELECTED } from "../runs/view";
import { changePlace, place } from "./place";
import type { Related } from "./relations";

const FIRST = 50;
const MORE = 200;

/** The runs that are brushed, with their values on the axes. */
export function Found({ related, pointed }: { related: Related; pointed: Signal<number | null> }) {
  const most = useSignal(FIRST);
  const { rows, isIn, order, axes, colours } = related;
  const sorted = address.value.query.get("sorted");
  const by = sorted === null ? undefined : axes.get(sorted.replace(/^-/, ""));
  const found = rows.flatMap((_, at) => (isIn[at] ? [at] : []));
  if (by) {
    const sign = sorted?.startsWith("-") ? -1 : 1;
    found.sort((one, other) => {
      const [a, b] = [by.places[one] ?? -1, by.places[other] ?? -1];
      // What is missing stands last, whichever way.
      return a < 0 || b < 0 ? b - a : sign * (a - b);
    });
  }
  const keys = found.flatMap((at) => (rows[at] ? [keyText(rows[at])] : []));
  const taken = keys.slice(0, MOST_SELECTED);
  const query = new URLSearchParams();
  const { project } = place.value;
  if (project !== null) query.set("project", project);
  for (const key of taken) query.append("run", key);
  const shown = order.flatMap((field) => axes.get(field) ?? []);
  return (
    <section class="found" aria-label="The runs that are brushed">
      <div class="found-head">
        <h2>Runs</h2>
        <span class="count">{exactCount(found.length)}</span>
        <span class="spring" />
        {keys.length > MOST_SELECTED && <span class="hint">the first {MOST_SELECTED}:</span>}
        {taken.length > 0 && (
          <>
            <a class="button" href={href("/compare", query)}>
              <Icon name="columns" /> Compare these
            </a>
            <a class="button" href={href("/runs", query)}>
              <Icon name="table" /> Select in the table
            </a>
          </>
        )}
      </div>
      {found.length === 0 ? (
        <p class="hint relations-none">No run is within all that is brushed.</p>
      ) : (
        <div class="found-room" tabIndex={0} role="group" aria-label="Runs">
          <table>
            <thead>
              <tr>
                <th scope="col">Name</th>
                {shown.map((axis) => {
                  const isUp = sorted === axis.field;
                  const isDown = sorted === `-${axis.field}`;
                  return (
                    <th key={axis.field} scope="col" aria-sort={isUp ? "ascending" : isDown ? "descending" : "none"}>
                      <button
                        title={`Sort by ${axis.label}`}
                        onClick={() =>
                          changePlace(
                            { sorted: isUp ? `-${axis.field}` : isDown ? null : axis.field },
                            { replace: true },
                          )
                        }
                      >
                        <bdi>{axis.label}</bdi>
                        {(isUp || isDown) && <Icon name={isUp ? "up" : "down"} size={11} />}
                      </button>
                    </th>
                  );
                })}
              </tr>
            </thead>
            <tbody onPointerLeave={() => (pointed.value = null)}>
              {found.slice(0, most.value).map((at) => {
                const row = rows[at];
                if (!row) return null;
                const name = row.name ?? row.id;
                return (
                  <tr
                    key={keyText(row)}
                    class={pointed.value === at ? "is-pointed" : ""}
                    onPointerEnter={() => (pointed.value = at)}
                    onFocusCapture={() => (pointed.value = at)}
                  >
                    <th scope="row">
                      <i class="found-colour" style={{ background: colours[at] ?? "" }} />
                      <a href={href("/run", { run: keyText(row) })}>
                        <bdi>{name}</bdi>
                      </a>
                    </th>
                    {shown.map((axis) => (
                      <td key={axis.field} class={axis.kind === "number" ? "is-number" : ""}>
                        <bdi>{axis.texts[at] || "–"}</bdi>
                      </td>
                    ))}
                  </tr>
                );
              })}
            </tbody>
          </table>
          {found.length > most.value && (
            <button class="button is-quiet" onClick={() => (most.value += MORE)}>
              Show {exactCount(Math.min(MORE, found.length - most.value))} more
            </button>
          )}
        </div>
      )}
    </section>
  );
}
