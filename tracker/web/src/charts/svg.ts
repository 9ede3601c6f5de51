import { placer, type Frame, type Pen } from "./draw";
import type { Line } from "./lines";
import type { Ticks } from "./plot";
import { shapesOf, type Shape } from "./scene";
import { colourAt, dashesAt } from "../design/palette";

/** What a picture that is saved has. */
export interface Pictured {
  title: string;
  lines: readonly Line[];
  frame: Frame;
  ticks: { x: Ticks; y: Ticks };
  xLabel: string;
  isDark: boolean;
}

export interface Picture {
  svg: string;
  width: number;
  height: number;
}

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
const TOP = 34;
const BELOW = 46;
const MARGIN = 30;
const ROW = 18;
// A name takes about so many pixels a letter, and no more than so many letters.
const LETTER = 6.4;
const MOST_LETTERS = 60;
const LIGHT = { ground: "#ffffff", ink: "#191c26", faint: "#656b7b", line: "#e2e4ea" };
const DARK = { ground: "#151821", ink: "#eceef4", faint: "#969db0", line: "#272c3a" };

/** A chart as a file of its own, with its axes and the names of its lines. */
export function svgOf({ title, lines, frame: on, ticks, xLabel, isDark }: Pictured): Picture {
  const look = isDark ? DARK : LIGHT;
  const frame = { ...on, top: TOP };
  const width = Math.ceil(frame.left + frame.width + MARGIN);
  const below = TOP + frame.height + BELOW;
  const { text: legend, rows } = legendOf(lines, frame.left, below, width, isDark, look.ink);
  const height = Math.ceil(below + rows * ROW + 8);
  const x = placer(frame.x, frame.isLogX, frame.left, frame.width);
  const y = placer(frame.y, frame.isLogY, frame.top + frame.height, -frame.height);
  const bottom = frame.top + frame.height;
  const across = marks(ticks.y, (split, label) => {
    const at = round(y(split));
    const grid = `<path d="M${frame.left} ${at}H${frame.left + frame.width}" stroke="${look.line}"/>`;
    return grid + text(label, frame.left - 7, at + 4, `text-anchor="end" fill="${look.faint}"`);
  });
  const down = marks(ticks.x, (split, label) => {
    const at = round(x(split));
    const grid = `<path d="M${at} ${frame.top}V${bottom}" stroke="${look.line}"/>`;
    const words = label.split("\n").map((one, row) => {
      return text(one, at, bottom + 16 + row * 13, `text-anchor="middle" fill="${look.faint}"`);
    });
    return grid + words.join("");
  });
  const drawn = shapesOf(lines, frame, { isDark, highlight: null }).map(shapeText).join("\n");
  const clip = `<clipPath id="plot"><rect x="${frame.left}" y="${frame.top}" width="${frame.width}" height="${frame.height}"/></clipPath>`;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}" font-size="11.5">`,
    `<title>${escaped(title)}</title><defs>${clip}</defs><rect width="100%" height="100%" fill="${look.ground}"/>`,
    text(title, frame.left, 20, `fill="${look.ink}" font-size="13" font-weight="600"`),
    across,
    down,
    `<g clip-path="url(#plot)" fill="none" stroke-linejoin="round" stroke-linecap="round">`,
    drawn,
    "</g>",
    text(xLabel, frame.left + frame.width / 2, bottom + 38, `text-anchor="middle" fill="${look.faint}"`),
    legend,
    "</svg>",
  ];
  return { svg: svg.join("\n"), width, height };
}

/** The same picture as PNG, at twice its size. */
export async function pngOf({ svg, width, height }: Picture): Promise<Blob> {
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = width * 2;
    canvas.height = height * 2;
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
    if (!blob) throw new Error("This browser could not make the picture. Save it as SVG.");
    return blob;
  } finally {
    URL.revokeObjectURL(address);
  }
}

class PathText implements Pen {
  #text = "";

  moveTo(x: number, y: number): void {
    this.#text += `M${round(x)} ${round(y)}`;
  }

  lineTo(x: number, y: number): void {
    this.#text += `L${round(x)} ${round(y)}`;
  }

  toString(): string {
    return this.#text;
  }
}

function shapeText({ draw, colour, opacity, width, dashes }: Shape): string {
  const pen = new PathText();
  draw(pen);
  const d = pen.toString();
  if (width === 0) return `<path d="${d}" fill="${colour}" fill-opacity="${opacity}" stroke="none"/>`;
  const dashed = dashes.length > 0 ? ` stroke-dasharray="${dashes.join(" ")}"` : "";
  return `<path d="${d}" stroke="${colour}" stroke-opacity="${opacity}" stroke-width="${width}"${dashed}/>`;
}

function legendOf(
  lines: readonly Line[],
  left: number,
  top: number,
  width: number,
  isDark: boolean,
  ink: string,
): { text: string; rows: number } {
  const labels = lines.map(({ label }) =>
    label.length > MOST_LETTERS ? `${label.slice(0, MOST_LETTERS - 1)}…` : label,
  );
  const size = 42 + Math.max(0, ...labels.map((label) => label.length)) * LETTER;
  const columns = Math.max(1, Math.floor((width - left) / size));
  const parts = lines.map((line, at) => {
    const x = left + (at % columns) * size;
    const y = top + Math.floor(at / columns) * ROW + 8;
    const dashes = dashesAt(line.place).join(" ");
    const swatch = `<path d="M${round(x)} ${y}h22" stroke="${colourAt(line.place, isDark)}" stroke-width="3" stroke-dasharray="${dashes}"/>`;
    return swatch + text(labels[at] ?? "", x + 28, y + 4, `fill="${ink}"`);
  });
  return { text: parts.join("\n"), rows: Math.ceil(lines.length / columns) };
}

function marks({ splits, labels }: Ticks, each: (split: number, label: string) => string): string {
  return splits.map((split, at) => (Number.isFinite(split) ? each(split, labels[at] ?? "") : "")).join("\n");
}

function text(words: string, x: number, y: number, more: string): string {
  return `<text x="${round(x)}" y="${round(y)}" ${more}>${escaped(words)}</text>`;
}

/** Text that XML can hold: what it has no way to say, such as most control characters, becomes a box. */
function escaped(words: string): string {
  return words
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
