import { signal } from "@preact/signals";

/** What a page is called while it is shown, where it knows better than the list of pages; null where it does not. */
export const pageTitle = signal<string | null>(null);
