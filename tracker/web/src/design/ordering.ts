import { useSignal } from "@preact/signals";

/** What is dragged into another order, each kind by itself. */
export type Ordered = "axis" | "column" | "run" | "series";

/** Have an element carry what it stands for where it is dragged. */
export function carries(kind: Ordered, what: string): { onDragStart: (event: DragEvent) => void } {
  return { onDragStart: (event) => event.dataTransfer?.setData(typeOf(kind), what) };
}

/**
 * Let others of its kind be dropped on an element.
 *
 * @param own what the element stands for itself.
 * @param put is called with what was dropped, which is another one.
 */
export function useDrop(kind: Ordered, own: string, put: (what: string) => void) {
  const isOver = useSignal(false);
  const takes = {
    onDragOver: (event: DragEvent): void => {
      if (!event.dataTransfer?.types.includes(typeOf(kind))) return;
      event.preventDefault();
      isOver.value = true;
    },
    onDragLeave: (): void => void (isOver.value = false),
    onDrop: (event: DragEvent): void => {
      isOver.value = false;
      const what = event.dataTransfer?.getData(typeOf(kind));
      if (!what) return;
      event.preventDefault();
      if (what !== own) put(what);
    },
  };
  return { isOver: isOver.value, takes };
}

function typeOf(kind: Ordered): string {
  return `application/x-runjson-${kind}`;
}
