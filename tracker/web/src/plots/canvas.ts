import { useLayoutEffect, useRef } from "preact/hooks";
import type { Plotted } from "./plotted";

/** A canvas as sharp as the screen is, drawn anew when its size or one of `of` changes. */
export function useCanvas(
  width: number,
  height: number,
  of: readonly unknown[],
  draw: (context: CanvasRenderingContext2D) => void,
) {
  const ref = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext("2d");
    if (!canvas || !context) return;
    const ratio = devicePixelRatio || 1;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== wide) canvas.width = wide;
    if (canvas.height !== high) canvas.height = high;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    draw(context);
  }, [width, height, ...of]);
  return ref;
}

/** Runs that are drawn alike. */
interface Alike {
  colour: string;
  dashes: readonly number[];
  runs: number[];
}

/** The runs that are drawn, by their colour: what has one colour is drawn at once, which a hand that brushes feels. */
export function byColour(isDrawn: readonly boolean[], { colours, dashes }: Plotted): readonly Alike[] {
  const found = new Map<string, Alike>();
  isDrawn.forEach((is, run) => {
    if (!is) return;
    const colour = colours[run] ?? "";
    const own = dashes?.[run] ?? [];
    const like = `${colour} ${own.join()}`;
    const alike = found.get(like) ?? { colour, dashes: own, runs: [] };
    found.set(like, alike);
    alike.runs.push(run);
  });
  return [...found.values()];
}
