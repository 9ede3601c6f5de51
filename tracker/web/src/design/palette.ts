/**
 * Colours of curves, after Okabe and Ito's set for all kinds of colour vision: vermilion, blue, bluish green, reddish
 * purple, orange and sky blue, their yellow left out on white and their black replaced by grey. Neighbours in the list
 * differ in lightness as well, so that they stay apart for those who see no colours at all.
 */
const LIGHT = ["#0072b2", "#d55e00", "#009e73", "#b8568f", "#c98300", "#3f9fd6", "#6b6b6b", "#7a3e9d"] as const;
const DARK = ["#56a9e8", "#f0834a", "#2fc79a", "#e08fc0", "#f0b429", "#8fd0f5", "#b0b0b0", "#b98ae0"] as const;
/** Dashes tell those apart that share a colour: the ninth curve has the first colour again, dashed. */
const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [8, 3, 2, 3]];

/** How many colours there are before one comes again. */
export const COLOURS = LIGHT.length;

/** The colour of the curve at a place, for canvases. Style sheets have it as `--curve-1` and so on. */
export function colourAt(place: number, isDark: boolean): string {
  const of = isDark ? DARK : LIGHT;
  return of[place % of.length] ?? LIGHT[0];
}

/** The dashes of the curve at a place. */
export function dashesAt(place: number): readonly number[] {
  return DASHES[Math.floor(place / COLOURS) % DASHES.length] ?? [];
}
