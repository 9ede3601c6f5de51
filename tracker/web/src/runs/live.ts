import { useEffect, useMemo, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { listen } from "../api/changes";
import { Rows, type Question } from "./rows";

// A run that is followed changes each second; the table is asked again at this pace at most.
const PACE = 1000;
// What was just tracked is shown at once, before the pace begins.
const FIRST = 50;

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
    const stop = follow(next);
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

function follow(rows: Rows): () => void {
  let timer = 0;
  let last = 0;
  const soon = (): void => {
    if (timer !== 0) return;
    timer = window.setTimeout(
      () => {
        timer = 0;
        last = Date.now();
        void rows.refresh();
      },
      Math.max(FIRST, last + PACE - Date.now()),
    );
  };
  const { project } = rows.question;
  const stop = listen((change) => {
    if (!project || change.project === project) soon();
  }, soon);
  return () => {
    stop();
    window.clearTimeout(timer);
  };
}
