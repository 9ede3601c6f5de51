import { useMemo, useRef } from "preact/hooks";
import { useVirtual } from "../design/virtual";

const LINE = 18;
// A longer line is broken: a browser draws no line of a million letters.
const LONGEST = 2000;

/** A text with the numbers of its lines, of which only those in sight are drawn. */
export function TextLines({ text, label }: { text: string; label: string }) {
  const lines = useMemo(() => linesOf(text), [text]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtual({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE,
    overscan: 20,
  });
  const width = `${String(lines[lines.length - 1]?.number ?? 1).length + 1}ch`;
  return (
    <div ref={scroller} class="textlines" role="region" aria-label={`Text of ${label}`} tabIndex={0}>
      <div class="textlines-body" style={{ height: `${virtual.getTotalSize()}px` }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const line = lines[index];
          return (
            <div key={index} class="textline" style={{ transform: `translateY(${start}px)` }}>
              <span class="textline-number" style={{ width }} aria-hidden="true">
                {line?.isFirst ? line.number : ""}
              </span>
              <bdi>{line?.text}</bdi>
            </div>
          );
        })}
      </div>
    </div>
  );
}

function linesOf(text: string): { number: number; text: string; isFirst: boolean }[] {
  const lines = text.split(/\r\n|\n|\r/);
  if (lines[lines.length - 1] === "") lines.pop();
  return lines.flatMap((line, at) => {
    const parts = [];
    for (let from = 0; from === 0 || from < line.length; from += LONGEST)
      parts.push({ number: at + 1, text: line.slice(from, from + LONGEST), isFirst: from === 0 });
    return parts;
  });
}
