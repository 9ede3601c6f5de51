import { useMemo } from "preact/hooks";
import { recordOf } from "./loaded";
import type { Shown } from "./page";
import { place, visit } from "./place";
import { objectOf } from "./said";
import { ValueTree } from "./tree";

const KINDS = ["parameters", "properties", "environment", "source"] as const;

/** What a run was given, what came out, and where it ran: one tree, by the names that filters use. */
export function Values({ run }: Shown) {
  const record = recordOf(run, place.value.writer);
  const tree = useMemo(
    () =>
      Object.fromEntries(
        KINDS.flatMap((kind) => {
          // What was taken back is kept by the format as null, and is not shown.
          const said = Object.entries(objectOf(record[kind])).filter(
            ([, value]) => kind === "parameters" || value !== null,
          );
          return said.length > 0 ? [[kind, Object.fromEntries(said)]] : [];
        }),
      ),
    [record],
  );
  return (
    <ValueTree
      tree={tree}
      label="Parameters"
      find={place.value.find}
      onFind={(find) => visit({ find }, { replace: true })}
    />
  );
}
