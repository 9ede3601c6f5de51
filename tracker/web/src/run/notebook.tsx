import type { ComponentChildren } from "preact";
import { spansOf } from "./ansi";
import { Markdown } from "./markdown";
import { objectOf, textOf, type Said } from "./said";
import { dataAddress } from "./files";

// Notebooks of more cells are cut, and said to be.
const MOST = 500;
const LONGEST = 100_000;

/** A notebook as it was run. Nothing in it runs here, and its HTML is never taken as HTML. */
export function Notebook({ told }: { told: Said }) {
  const cells = Array.isArray(told["cells"]) ? told["cells"].map(objectOf) : [];
  const kernel = objectOf(objectOf(told["metadata"])["kernelspec"]);
  if (cells.length === 0)
    return <p class="nothing">The notebook has no cells of a version that can be shown (4 or later).</p>;
  return (
    <div class="notebook">
      {textOf(kernel["display_name"]) && (
        <p class="hint">
          <bdi>{textOf(kernel["display_name"])}</bdi>
        </p>
      )}
      {cells.slice(0, MOST).map((cell, at) => (
        <Cell key={at} cell={cell} />
      ))}
      {cells.length > MOST && (
        <p class="hint">{cells.length - MOST} more cells are not shown. Download it to see them.</p>
      )}
    </div>
  );
}

function Cell({ cell }: { cell: Said }) {
  const source = joined(cell["source"]);
  if (cell["cell_type"] === "markdown")
    return (
      <section class="cell-markdown">
        <Markdown text={source} image={(path) => attached(cell, path)} />
      </section>
    );
  const outputs = Array.isArray(cell["outputs"]) ? cell["outputs"].map(objectOf) : [];
  const count = typeof cell["execution_count"] === "number" ? cell["execution_count"] : " ";
  return (
    <section class="cell-code">
      <span class="cell-count" aria-label={`Cell ${count}`}>
        [{count}]
      </span>
      <pre class="cell-source" tabIndex={0}>
        {source}
      </pre>
      {outputs.map((output, at) => (
        <div key={at} class="cell-output">
          <Output output={output} />
        </div>
      ))}
    </section>
  );
}

function Output({ output }: { output: Said }): ComponentChildren {
  const kind = output["output_type"];
  if (kind === "stream") return <Printed text={joined(output["text"])} isFault={output["name"] === "stderr"} />;
  if (kind === "error")
    return (
      <Printed
        text={
          joined(output["traceback"], "\n") || `${textOf(output["ename"]) ?? ""}: ${textOf(output["evalue"]) ?? ""}`
        }
        isFault
      />
    );
  const data = objectOf(output["data"]);
  for (const type of ["image/png", "image/jpeg", "image/gif", "image/webp"]) {
    const base64 = joined(data[type]).replace(/\s/g, "");
    if (base64 !== "")
      return <img src={`data:${type};base64,${base64}`} alt={joined(data["text/plain"]) || "An output"} />;
  }
  const svg = joined(data["image/svg+xml"]);
  if (svg !== "")
    return (
      <img
        src={dataAddress(new TextEncoder().encode(svg), "image/svg+xml")}
        alt={joined(data["text/plain"]) || "An output"}
      />
    );
  const markdown = joined(data["text/markdown"]);
  if (markdown !== "") return <Markdown text={markdown} />;
  const plain = joined(data["text/plain"]);
  if (plain !== "") return <Printed text={plain} />;
  const html = joined(data["text/html"]);
  if (html !== "") return <Printed text={textIn(html)} />;
  const [other] = Object.keys(data);
  return other ? <p class="hint">An output of the type {other}</p> : null;
}

function Printed({ text, isFault = false }: { text: string; isFault?: boolean }) {
  return (
    <pre class={isFault ? "printed is-fault" : "printed"} tabIndex={0}>
      {text
        .slice(0, LONGEST)
        .split("\n")
        .map((line, at) => (
          <span key={at}>
            {at > 0 && "\n"}
            {spansOf(line).map((span, place) => (
              <span key={place} class={span.colour === null ? undefined : `ansi-${span.colour}`}>
                {span.text}
              </span>
            ))}
          </span>
        ))}
    </pre>
  );
}

/** The text of HTML, as far as it matters: without its tags. What is left is shown as text. */
function textIn(html: string): string {
  return html
    .replace(/<(script|style)\b[\s\S]*?(<\/\1\s*>|$)/gi, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/[ \t]+/g, " ")
    .trim();
}

/** An image that is attached to a cell. */
function attached(cell: Said, path: string): string | null {
  const name = /^attachment:(.+)$/.exec(path)?.[1];
  if (!name) return null;
  const found = Object.entries(objectOf(objectOf(cell["attachments"])[name])).find(([type]) =>
    ["image/png", "image/jpeg", "image/gif"].includes(type),
  );
  return found ? `data:${found[0]};base64,${joined(found[1]).replace(/\s/g, "")}` : null;
}

/** Texts of notebooks are arrays of lines, or one text. */
function joined(value: unknown, between = ""): string {
  if (typeof value === "string") return value;
  return Array.isArray(value) ? value.filter((one) => typeof one === "string").join(between) : "";
}
