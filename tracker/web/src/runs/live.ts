import { useEffect, useMemo, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { follow } from "../api/follow";
import { Rows, type Question } from "./rows";

// A run that is followed changes each second; the table is asked again at this pace at most.
const PACE = 1000;

/** The rows of a question, followed live. Those of the question before stay until the first new ones are there. */
export function useRows(question: Question | null): { rows: Rows | null; next: Rows | null } {
  const text = JSON.stringify(question);
  const next = useMemo(() => (question === null ? null : new Rows(question)), [text]);
  const shown = useRef<Rows | null>(null);
  const turn = useSignal(0);
  void turn.value;

  useEffect(() => {
    if (next === null) return undefined;
    next.need(0, 0);
    const { project } = next.question;
    const stop = follow({
      concerns: (change) => !project || change.project === project,
      does: () => next.refresh(),
      pace: PACE,
      ages: true,
    });
    const until = next.total.subscribe((total) => {
      if (total === null || shown.current === next) return;
      shown.current?.close();
      shown.current = next;
      turn.value += 1;
    });
    return () => {
      stop();
      until();
      if (shown.current !== next) next.close();
    };
  }, [next]);
  return { rows: shown.current, next };
}
