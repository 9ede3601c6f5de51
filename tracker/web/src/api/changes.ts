import { signal } from "@preact/signals";

/** A run that was changed. */
export interface Change {
  project: string;
  run: string;
  changed: number;
  trashed: boolean;
}

/** Whether changes are heard of as they happen. */
export const isLive = signal(false);

const LEAST_WAIT = 1000;
const MOST_WAIT = 30_000;
const listeners = new Set<(change: Change) => void>();
const reconnected = new Set<() => void>();
let source: EventSource | null = null;
let wait = LEAST_WAIT;
let timer = 0;
let wasOpen = false;

/**
 * Hear of each change until the function that is returned is called.
 *
 * @param told is called with each change.
 * @param again is called when a connection was lost and is there again, since changes in between may have been missed.
 */
export function listen(told: (change: Change) => void, again: () => void = () => undefined): () => void {
  listeners.add(told);
  reconnected.add(again);
  if (source === null && timer === 0) connect();
  return () => {
    listeners.delete(told);
    reconnected.delete(again);
    if (listeners.size === 0) close();
  };
}

/** Listen anew, since another one asks from now on. */
export function reconnect(): void {
  close();
  if (listeners.size > 0) connect();
}

function connect(): void {
  timer = 0;
  source = new EventSource("/api/v1/changes");
  source.addEventListener("open", () => {
    isLive.value = true;
    wait = LEAST_WAIT;
    if (wasOpen) for (const one of reconnected) one();
    wasOpen = true;
  });
  source.addEventListener("run", (event) => {
    const change = JSON.parse((event as MessageEvent<string>).data) as Change;
    for (const one of listeners) one(change);
  });
  source.addEventListener("error", () => {
    isLive.value = false;
    // The browser tries again by itself unless the server refused: then it has given up.
    if (source?.readyState === EventSource.CLOSED) {
      close();
      timer = window.setTimeout(connect, wait);
      wait = Math.min(wait * 2, MOST_WAIT);
    }
  });
}

function close(): void {
  source?.close();
  source = null;
  window.clearTimeout(timer);
  timer = 0;
  isLive.value = false;
}

// A page that is left keeps no connection, of which browsers have six to a host; one that is come back to has it again.
addEventListener("pagehide", close);
addEventListener("pageshow", (event) => {
  if (event.persisted && listeners.size > 0 && source === null) connect();
});
