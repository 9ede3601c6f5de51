/** What a terminal would show of a line: colours are understood, all other sequences are left out. */

/** A part of a line that looks alike. */
export interface Span {
  text: string;
  /** Of 16 colours; null for the terminal's own. */
  colour: number | null;
  ground: number | null;
  isBold: boolean;
  isDim: boolean;
  isItalic: boolean;
  isUnderlined: boolean;
}

// Colours and other sequences of ECMA-48; those with a text, as titles and links have it, end with BEL or ST.
const SEQUENCE =
  /\x1b\[([0-9;:]*)([ -/]*[@-~])|\x1b[\]P^_X][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]?|\x9b[0-9;:]*[@-~]/g;
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
const PLAIN: Omit<Span, "text"> = {
  colour: null,
  ground: null,
  isBold: false,
  isDim: false,
  isItalic: false,
  isUnderlined: false,
};

/** A line without what progress bars wrote over, and without what was rubbed out. */
export function lastState(line: string): string {
  let text = line;
  if (text.includes("\r")) {
    const states = text.split("\r").filter((one) => one !== "");
    text = states[states.length - 1] ?? "";
  }
  while (text.includes("\b")) {
    const next = text.replace(/[^\b]\x08|^\x08+/g, "");
    if (next === text) break;
    text = next;
  }
  return text;
}

/** The parts of a line. */
export function spansOf(line: string): Span[] {
  const text = lastState(line);
  const found: Span[] = [];
  let style = PLAIN;
  let at = 0;
  const add = (part: string): void => {
    const shown = part.replace(CONTROL, "");
    if (shown !== "") found.push({ text: shown, ...style });
  };
  for (const sequence of text.matchAll(SEQUENCE)) {
    add(text.slice(at, sequence.index));
    at = sequence.index + sequence[0].length;
    if (sequence[2] === "m") style = styled(style, (sequence[1] ?? "").split(/[;:]/).map(Number));
  }
  add(text.slice(at));
  return found;
}

function styled(before: Omit<Span, "text">, codes: readonly number[]): Omit<Span, "text"> {
  let style = before;
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 0) style = PLAIN;
    else if (code === 1) style = { ...style, isBold: true };
    else if (code === 2) style = { ...style, isDim: true };
    else if (code === 3) style = { ...style, isItalic: true };
    else if (code === 4) style = { ...style, isUnderlined: true };
    else if (code === 22) style = { ...style, isBold: false, isDim: false };
    else if (code === 23) style = { ...style, isItalic: false };
    else if (code === 24) style = { ...style, isUnderlined: false };
    else if (code >= 30 && code <= 37) style = { ...style, colour: code - 30 };
    else if (code >= 90 && code <= 97) style = { ...style, colour: code - 82 };
    else if (code === 39) style = { ...style, colour: null };
    else if (code >= 40 && code <= 47) style = { ...style, ground: code - 40 };
    else if (code >= 100 && code <= 107) style = { ...style, ground: code - 92 };
    else if (code === 49) style = { ...style, ground: null };
    else if (code === 38 || code === 48) {
      const isIndexed = codes[at + 1] === 5;
      const found = isIndexed
        ? ofCube(codes[at + 2] ?? 0)
        : nearest(codes[at + 2] ?? 0, codes[at + 3] ?? 0, codes[at + 4] ?? 0);
      style = code === 38 ? { ...style, colour: found } : { ...style, ground: found };
      at += isIndexed ? 2 : 4;
    }
  }
  return style;
}

/** One of 256 colours as one of the 16 that stay readable in light and dark. */
function ofCube(index: number): number | null {
  if (index < 16) return index;
  if (index >= 232) return null;
  const place = index - 16;
  const part = (value: number): number => value * 51;
  return nearest(part(Math.floor(place / 36)), part(Math.floor(place / 6) % 6), part(place % 6));
}

function nearest(red: number, green: number, blue: number): number | null {
  const most = Math.max(red, green, blue);
  if (most - Math.min(red, green, blue) < 40) return null;
  const isOn = (value: number): number => (value > most * 0.6 ? 1 : 0);
  return isOn(red) + 2 * isOn(green) + 4 * isOn(blue);
}
