/**
 * Colours of curves, near Okabe and Ito's set, and moved from there until each two of them, neighbours above all, stay
 * apart for every kind of colour vision, and each is seen on its ground. A test works both out.
 */
const LIGHT = ["#095aae", "#ae3900", "#29875e", "#983481", "#b48e09", "#5096e9", "#3e473b", "#680274"] as const;
const DARK = ["#4e96f0", "#cb550e", "#4dcd7d", "#c56194", "#f9cf26", "#a3d4ff", "#e2dac6", "#875aa9"] as const;
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
