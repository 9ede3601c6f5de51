import { colourAt } from "../design/palette";
import type { Axis } from "../plots/axis";

/**
 * Colours of numbers: from dark blue over green to light yellow, in even steps of lightness in Oklab (Ottosson, 2020),
 * so that all kinds of colour vision see the order. On dark ground it begins lighter.
 */
const LIGHT = { lightness: [0.32, 0.84], hue: [278, 92], chroma: [0.13, 0.165] } as const;
const DARK = { lightness: [0.5, 0.93], hue: [278, 95], chroma: [0.14, 0.16] } as const;
const STEPS = 64;

const scales = new Map<boolean, readonly string[]>();

/** The colour of a place between 0 and 1. */
export function shadeAt(place: number, isDark: boolean): string {
  const scale = scales.get(isDark) ?? makeScale(isDark);
  scales.set(isDark, scale);
  return scale[Math.round(Math.max(0, Math.min(1, place)) * STEPS)] ?? "#888888";
}

function makeScale(isDark: boolean): readonly string[] {
  const { lightness, hue, chroma } = isDark ? DARK : LIGHT;
  return Array.from({ length: STEPS + 1 }, (_, at) => {
    const mix = ([from, to]: readonly [number, number]): number => from + ((to - from) * at) / STEPS;
    const angle = (mix(hue) * Math.PI) / 180;
    // Green holds less chroma on screens than blue and yellow do.
    const strength = mix(chroma) - 0.035 * Math.sin((Math.PI * at) / STEPS);
    return rgb(mix(lightness), strength * Math.cos(angle), strength * Math.sin(angle));
  });
}

/** A colour of Oklab as sRGB: through the responses of the three kinds of cones. */
function rgb(lightness: number, a: number, b: number): string {
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const parts = [
    4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short,
  ];
  const shown = parts.map((one) => {
    const part = one <= 0.0031308 ? 12.92 * one : 1.055 * one ** (1 / 2.4) - 0.055;
    return Math.round(Math.max(0, Math.min(1, part)) * 255);
  });
  return `rgb(${shown.join(" ")})`;
}

/** The colour of each run by an axis; those that say nothing are grey. */
export function coloursOf(axis: Axis, isDark: boolean): string[] {
  const nowhere = isDark ? "#6a7186" : "#9aa0ad";
  return axis.places.map((place) => {
    if (place < 0) return nowhere;
    if (axis.kind !== "category") return shadeAt(place, isDark);
    return colourAt(Math.round(place * Math.max(axis.categories.length - 1, 0)), isDark);
  });
}
