import { signal } from "@preact/signals";

/** What the address says: which page, and what it shows. A link to it shows the same to somebody else. */
export interface Address {
  path: string;
  query: URLSearchParams;
}

/** Whether addresses stand behind the # of the page: the only part that a browser lets a file change. */
let isBehindHash = false;

export const address = signal<Address>(read());

/** Keep addresses behind the #, from now on. */
export function keepBehindHash(): void {
  isBehindHash = true;
  address.value = read();
  addEventListener("hashchange", () => {
    address.value = read();
  });
}

/** An address of ours as text. */
export function href(path: string, query?: URLSearchParams | Record<string, string | null>): string {
  const found = query instanceof URLSearchParams ? query : new URLSearchParams();
  if (query && !(query instanceof URLSearchParams)) {
    for (const [name, value] of Object.entries(query)) if (value !== null) found.append(name, value);
  }
  const text = found.toString();
  return text ? `${path}?${text}` : path;
}

/** Go to an address; with `replace` the one before is not come back to. */
export function go(to: string, { replace = false } = {}): void {
  const here = isBehindHash ? location.hash.slice(1) : location.pathname + location.search;
  if (to === here) return;
  const place = isBehindHash ? `#${to}` : to;
  if (replace) history.replaceState(null, "", place);
  else history.pushState(null, "", place);
  address.value = read();
}

function read(): Address {
  if (isBehindHash) {
    const [path = "", query = ""] = location.hash.slice(1).split(/\?(.*)/s);
    return { path: path || "/", query: new URLSearchParams(query) };
  }
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

addEventListener("popstate", () => {
  address.value = read();
});

// Links of ours change the address without loading the page again; those with a modifier open as the browser has it.
document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (link.pathname.startsWith("/api/")) return;
  event.preventDefault();
  go(link.pathname + link.search);
});
