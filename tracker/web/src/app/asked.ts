import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { isAborted, Latest } from "../api/client";
import { asProblem, type Problem } from "../api/problem";

/** What a page asks the server for: the answer, or why there is none, and how it is asked for again. */
export interface Asked<T> {
  value: T | null;
  problem: Problem | null;
  again: () => Promise<void>;
}

/** Ask when a component is shown, and when an input is another one; meanwhile the last answer stays. */
export function useAsked<T>(ask: (signal: AbortSignal) => Promise<T>, inputs: readonly unknown[]): Asked<T> {
  const value = useSignal<T | null>(null);
  const problem = useSignal<Problem | null>(null);
  const latest = useRef(new Latest());
  const asking = useRef(ask);
  asking.current = ask;

  async function again(): Promise<void> {
    try {
      value.value = await asking.current(latest.current.next());
      problem.value = null;
    } catch (error) {
      if (!isAborted(error)) problem.value = asProblem(error);
    }
  }

  useEffect(() => {
    value.value = null;
    problem.value = null;
    void again();
    return () => latest.current.stop();
  }, [...inputs]);
  return { value: value.value, problem: problem.value, again };
}
