/** What a browser keeps of somebody's taste, which is no part of what an address shows. */

/** A choice that was kept. */
export function kept<T extends string>(name: string, choices: readonly T[], otherwise: T): T {
  try {
    const found = localStorage.getItem(`runjson.${name}`);
    return choices.find((one) => one === found) ?? otherwise;
  } catch {
    return otherwise; // a browser that keeps nothing
  }
}

/** Keep a choice. */
export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`runjson.${name}`, value);
  } catch {
    // a browser that keeps nothing
  }
}
