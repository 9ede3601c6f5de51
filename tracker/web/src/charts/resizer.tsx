import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { PanelProps } from "./panel";

const LEAST = 120;
const MOST = 2000;
const PACE = 40;

/** The corner by which a panel is made wider and higher, by a hand or by keys. */
export function Resizer({ series, settings, change, size, columns, width }: PanelProps) {
  const begun = useRef<{ x: number; y: number } | null>(null);
  const shown = useSignal(false);
  const resize = (span: number, height: number): void => {
    const now = {
      span: Math.min(Math.max(span, 1), columns),
      height: Math.round(Math.min(Math.max(height, LEAST), MOST)),
    };
    change({ sizes: { ...settings.sizes, [series.name]: now } }, { replace: true });
  };
  return (
    <button
      class={shown.value ? "resizer is-held" : "resizer"}
      aria-label={`Resize ${series.name}`}
      title="Drag, or press arrows, for another size"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        begun.current = { x: event.clientX - width * size.span, y: event.clientY - size.height };
        shown.value = true;
      }}
      onPointerMove={(event) => {
        if (!begun.current) return;
        const span = Math.max(1, Math.round((event.clientX - begun.current.x) / width));
        const height = Math.round((event.clientY - begun.current.y) / 10) * 10;
        if (span !== size.span || height !== size.height) resize(span, height);
      }}
      onPointerUp={() => {
        begun.current = null;
        shown.value = false;
      }}
      onKeyDown={(event) => {
        if (event.key === "ArrowRight") resize(size.span + 1, size.height);
        else if (event.key === "ArrowLeft") resize(size.span - 1, size.height);
        else if (event.key === "ArrowDown") resize(size.span, size.height + PACE);
        else if (event.key === "ArrowUp") resize(size.span, size.height - PACE);
        else return;
        event.preventDefault();
      }}
    />
  );
}
