import { listen, type Change } from "./changes";

// The first change is shown at once, or nearly: the other changes of its commit come with it.
const FIRST = 50;
// What ages is asked for again so often, where somebody looks.
const AGING = 30_000;

interface Followed {
  /** Whether a change matters. After a connection that was lost all may. */
  concerns: (change: Change) => boolean;
  /** What is done; it waits for the one before, so that a slow server is asked as often as it answers. */
  does: () => unknown;
  /** From the beginning of one to that of the next at least, in ms. */
  pace: number;
  /** Also at once, before anything changed. */
  atOnce?: boolean;
  /** Whether what is shown ages without a change: a run that is not heard of crashes, and its duration grows. */
  ages?: boolean;
}

/** Do something as runs change, once at a time and at a pace, until the function that is returned is called. */
export function follow({ concerns, does, pace, atOnce = false, ages = false }: Followed): () => void {
  let timer = 0;
  let last = -Infinity;
  let isBusy = false;
  let isAsked = false;
  let isOver = false;
  const soon = (): void => {
    isAsked = true;
    if (timer !== 0 || isBusy || isOver) return;
    timer = window.setTimeout(() => void act(), Math.max(FIRST, last + pace - Date.now()));
  };
  const act = async (): Promise<void> => {
    timer = 0;
    last = Date.now();
    isBusy = true;
    isAsked = false;
    try {
      await does();
    } finally {
      isBusy = false;
      if (isAsked) soon();
    }
  };
  const stop = listen((change) => {
    if (concerns(change)) soon();
  }, soon);
  const look = (): void => {
    if (document.visibilityState === "visible") soon();
  };
  const aging = ages ? window.setInterval(look, AGING) : 0;
  if (ages) document.addEventListener("visibilitychange", look);
  if (atOnce) void act();
  return () => {
    isOver = true;
    stop();
    window.clearTimeout(timer);
    window.clearInterval(aging);
    document.removeEventListener("visibilitychange", look);
  };
}
