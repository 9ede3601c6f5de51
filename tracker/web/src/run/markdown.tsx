import { lexer, type MarkedToken, type Token } from "marked";
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";

interface Props {
  text: string;
  /** The address of an image of ours; null for others, of which the text beside it is shown. */
  image?: (path: string) => string | null;
}

// Texts are shown as text beyond this: nobody reads more, and reading them takes long.
const MOST = 200_000;
// Quotes in quotes: elements deeper than this are nobody's text.
const DEEPEST = 60;

/** Markdown as elements of ours. Nothing in it is taken as HTML, and links lead only where people expect. */
export function Markdown({ text, image = () => null }: Props) {
  const tokens = useMemo(() => (text.length > MOST ? null : tokensOf(text)), [text]);
  return <div class="markdown">{tokens === null ? <pre>{text}</pre> : <Blocks tokens={tokens} image={image} />}</div>;
}

function tokensOf(text: string): Token[] | null {
  try {
    const tokens = lexer(text, { gfm: true });
    return depthOf(tokens) > DEEPEST ? null : tokens;
  } catch {
    return null; // nested deeper than the stack: shown as it was written
  }
}

function depthOf(tokens: readonly Token[]): number {
  return tokens.reduce((most, token) => {
    const inside: unknown = "tokens" in token ? token.tokens : "items" in token ? token.items : undefined;
    return Array.isArray(inside) ? Math.max(most, 1 + depthOf(inside)) : most;
  }, 0);
}

type Within = { tokens: readonly Token[] | undefined; image: (path: string) => string | null };

function Blocks({ tokens, image }: Within) {
  return (
    <>
      {(tokens ?? []).map((token, at) => (
        <Piece key={at} token={token} image={image} />
      ))}
    </>
  );
}

function Piece({ token: given, image }: { token: Token; image: Within["image"] }): ComponentChildren {
  // Without extensions there are no other tokens than these.
  const token = given as MarkedToken;
  const inside = (tokens: readonly Token[] | undefined): ComponentChildren => <Blocks tokens={tokens} image={image} />;
  switch (token.type) {
    case "space":
    case "def":
      return null;
    case "heading":
      return <Heading depth={token.depth}>{inside(token.tokens)}</Heading>;
    case "paragraph":
      return <p>{inside(token.tokens)}</p>;
    case "text":
      return token.tokens ? inside(token.tokens) : unescaped(token.text);
    case "strong":
      return <strong>{inside(token.tokens)}</strong>;
    case "em":
      return <em>{inside(token.tokens)}</em>;
    case "del":
      return <del>{inside(token.tokens)}</del>;
    case "codespan":
      return <code>{token.text}</code>;
    case "code":
      return (
        <pre tabIndex={0}>
          <code>{token.text}</code>
        </pre>
      );
    case "blockquote":
      return <blockquote>{inside(token.tokens)}</blockquote>;
    case "hr":
      return <hr />;
    case "br":
      return <br />;
    case "escape":
      return token.text;
    case "html":
      // As text: what was meant as a page of its own is none of ours.
      return token.text;
    case "link":
      return <Leading to={token.href}>{inside(token.tokens)}</Leading>;
    case "image": {
      const address = image(token.href);
      return address ? <img src={address} alt={token.text} loading="lazy" /> : <em>{token.text || token.href}</em>;
    }
    case "checkbox":
      return <input type="checkbox" checked={token.checked} disabled aria-label={token.checked ? "done" : "to do"} />;
    case "list": {
      const items = token.items.map((item, at) => <li key={at}>{inside(item.tokens)}</li>);
      return token.ordered ? <ol start={Number(token.start) || 1}>{items}</ol> : <ul>{items}</ul>;
    }
    case "list_item":
      return <li>{inside(token.tokens)}</li>;
    case "table":
      return (
        <div class="table-scroll">
          <table class="plain-table">
            <thead>
              <tr>
                {token.header.map((cell, at) => (
                  <th key={at} class={cell.align === "right" ? "is-number" : undefined}>
                    {inside(cell.tokens)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {token.rows.map((row, place) => (
                <tr key={place}>
                  {row.map((cell, at) => (
                    <td key={at} class={cell.align === "right" ? "is-number" : undefined}>
                      {inside(cell.tokens)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
    default:
      return given.raw;
  }
}

/** Headings of a text stand below those of the page. */
function Heading({ depth, children }: { depth: number; children: ComponentChildren }) {
  if (depth <= 1) return <h2>{children}</h2>;
  return depth === 2 ? <h3>{children}</h3> : <h4>{children}</h4>;
}

function Leading({ to, children }: { to: string; children: ComponentChildren }) {
  if (!URL.canParse(to)) return <>{children}</>;
  const { protocol } = new URL(to);
  if (!["http:", "https:", "mailto:"].includes(protocol)) return <>{children}</>;
  return (
    <a href={to} rel="noopener noreferrer" target="_blank" title={to}>
      {children}
    </a>
  );
}

const NAMED: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

/** The characters that a text names, the commonest of them. */
function unescaped(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,6}));/gi,
    (all, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return NAMED[name] ?? all;
      const code = decimal === undefined ? parseInt(hex ?? "", 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}
