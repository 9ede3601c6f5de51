import { useEffect, useRef } from "preact/hooks";

interface Props {
  label: string;
  text: string;
  placeholder?: string;
  class: string;
  /** Called once: with what was typed, or with null where nothing is to change. */
  done: (text: string | null) => void;
}

/** A text that is written in its place: Enter keeps it, as does leaving it, and Escape does not. */
export function InPlace({ label, text, placeholder = label, class: look, done }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const isDone = useRef(false);
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  function end(typed: string | null): void {
    if (isDone.current) return;
    isDone.current = true;
    done(typed);
  }
  return (
    <input
      ref={input}
      class={look}
      aria-label={label}
      placeholder={placeholder}
      // Not `value`: what is drawn again, since the run changed meanwhile, would take back what was typed.
      defaultValue={text}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") end(event.currentTarget.value);
        if (event.key === "Escape") end(null);
      }}
      onBlur={(event) => end(event.currentTarget.value)}
    />
  );
}

/** Tags as they are written, with commas between them. */
export function tagsText(tags: readonly string[]): string {
  return tags.join(", ");
}

/** What to add and what to take away, so that tags are those of a text; null where they are already. */
export function changedTags(before: readonly string[], text: string) {
  const wanted = [...new Set(text.split(",").map((one) => one.trim()))].filter(Boolean);
  const tags = wanted.filter((one) => !before.includes(one));
  const untags = before.filter((one) => !wanted.includes(one));
  return tags.length + untags.length > 0 ? { tags, untags, wanted } : null;
}
