import { effect, signal } from "@preact/signals";
import { kept, keep } from "./kept";

/** How it looks: as the system says, or as somebody chose. */
export type Theme = "system" | "light" | "dark";
const THEMES: readonly Theme[] = ["system", "light", "dark"];

export const theme = signal<Theme>(kept("theme", THEMES, "system"));

/** Whether the system, at this moment, wants dark. */
const dark = matchMedia("(prefers-color-scheme: dark)");
/** Whether what is shown is dark: canvases have no style sheets. */
export const isDark = signal(false);

/** Have the page look as chosen, now and whenever that changes. */
export function applyTheme(): void {
  dark.addEventListener("change", show);
  effect(() => {
    keep("theme", theme.value);
    show();
  });
}

/** The next one of the three. */
export function switchTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? "system";
}

function show(): void {
  const isNow = theme.value === "dark" || (theme.value === "system" && dark.matches);
  document.documentElement.dataset["theme"] = isNow ? "dark" : "light";
  isDark.value = isNow;
}
