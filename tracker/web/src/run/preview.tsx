import { lazy, Suspense } from "preact/compat";
import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { isAborted } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import type { RunTold } from "../api/schema";
import { Failed, Waiting } from "../app/states";
import { Drawn } from "../pictures/drawn";
import { DataGrid } from "./datagrid";
import { endOf, fileAddress, imageType, readHead, sizeText, type Head } from "./files";
import type { OwnFile } from "./loaded";
import { Markdown } from "./markdown";
import { Notebook } from "./notebook";
import { rowsOf } from "./csv";
import { objectOf } from "./said";
import { TextLines } from "./textlines";
import { ValueTree } from "./tree";

const Parquet = lazy(() => import("./parquet"));
/** No preview reads more. */
const MOST = 1_000_000;

interface Props {
  run: RunTold;
  file: OwnFile;
  name: string;
}

type Kind = "image" | "parquet" | "csv" | "tsv" | "json" | "markdown" | "notebook" | "text";

/** What is in a file, as far as it is text, a table, an image or a notebook. */
export function Preview({ run, file, name }: Props) {
  const kind = kindOf(file);
  const address = fileAddress(run, file);
  if (kind === "image") return <Picture address={address} file={file} />;
  if (kind === "parquet")
    return (
      <Suspense fallback={<Waiting what="the table" />}>
        <Parquet address={address} bytes={file.bytes} most={MOST} />
      </Suspense>
    );
  return <Read address={address} kind={kind} name={name} />;
}

function kindOf({ media_type, path, name }: OwnFile): Kind {
  const called = path || name;
  const end = endOf(called);
  const type = media_type?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (imageType(media_type, called)) return "image";
  if (end === "parquet" || /parquet/.test(type)) return "parquet";
  if (end === "ipynb" || /ipynb/.test(type)) return "notebook";
  if (end === "csv" || type === "text/csv") return "csv";
  if (end === "tsv" || type === "text/tab-separated-values") return "tsv";
  if (end === "json" || /[/+]json$/.test(type)) return "json";
  if (end === "md" || type === "text/markdown") return "markdown";
  return "text";
}

/** The beginning of a file; asked for again when its address changes. */
export function useHead(address: string, most: number): { head: Head | null; problem: Problem | null } {
  const head = useSignal<Head | null>(null);
  const problem = useSignal<Problem | null>(null);
  useEffect(() => {
    const controller = new AbortController();
    readHead(address, most, controller.signal)
      .then((found) => (head.value = found))
      .catch((error: unknown) => {
        if (!isAborted(error)) problem.value = asProblem(error);
      });
    return () => controller.abort();
  }, [address]);
  return { head: head.value, problem: problem.value };
}

function Read({ address, kind, name }: { address: string; kind: Kind; name: string }) {
  const { head, problem } = useHead(address, MOST);
  const isSource = useSignal(false);
  const text = useMemo(() => (head ? decoded(head) : null), [head]);
  if (problem) return <Failed problem={problem} />;
  if (!head) return <Waiting what="the file" />;
  if (head.bytes.length === 0) return <p class="nothing">The file is empty.</p>;
  if (text === null)
    return (
      <p class="nothing">
        These bytes are no text, and no table or image that could be shown. Download the file to use it.
      </p>
    );
  const isShown = kind !== "text" && !isSource.value;
  return (
    <div class="preview">
      <div class="preview-line">
        {!head.isWhole && (
          <span class="hint" role="note">
            Only the first {sizeText(MOST)} are shown.
          </span>
        )}
        {kind !== "text" && (
          <button
            class={isSource.value ? "button is-on" : "button"}
            aria-pressed={isSource.value}
            onClick={() => (isSource.value = !isSource.value)}
          >
            As text
          </button>
        )}
      </div>
      {isShown ? (
        <Rendered kind={kind} text={text} isWhole={head.isWhole} name={name} />
      ) : (
        <TextLines text={text} label={name} />
      )}
    </div>
  );
}

function Rendered({ kind, text, isWhole, name }: { kind: Kind; text: string; isWhole: boolean; name: string }) {
  if (kind === "csv" || kind === "tsv")
    return <Table text={text} mark={kind === "csv" ? "," : "\t"} isWhole={isWhole} name={name} />;
  if (kind === "markdown") return <Markdown text={text} />;
  return <Json text={text} kind={kind} name={name} />;
}

function Json({ text, kind, name }: { text: string; kind: Kind; name: string }) {
  const find = useSignal("");
  const value = useMemo(() => parsed(text), [text]);
  if (value === undefined) return <TextLines text={text} label={name} />;
  if (kind === "notebook") return <Notebook told={objectOf(value)} />;
  const tree = Array.isArray(value) ? Object.fromEntries(value.map((one, at) => [String(at), one])) : value;
  if (typeof tree !== "object" || tree === null) return <TextLines text={text} label={name} />;
  return (
    <ValueTree
      tree={objectOf(tree)}
      label="Members"
      find={find.value}
      onFind={(now) => (find.value = now)}
      pathOf={(path) => path.join(".")}
    />
  );
}

function Table({ text, mark, isWhole, name }: { text: string; mark: string; isWhole: boolean; name: string }) {
  const rows = useMemo(() => {
    const found = rowsOf(text, mark);
    // The last row of a part may be a part of a row.
    return isWhole ? found : found.slice(0, -1);
  }, [text, mark, isWhole]);
  const [header, ...body] = rows;
  return <DataGrid label={name} columns={header ?? []} rows={body} total={isWhole ? body.length : null} />;
}

/** JSON with its long integers as they were written, and undefined for text that is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text, (_, value: unknown, context?: { source?: string }) =>
      typeof value === "number" &&
      Number.isInteger(value) &&
      !Number.isSafeInteger(value) &&
      context?.source !== undefined
        ? { $int: context.source }
        : value,
    );
  } catch {
    return undefined;
  }
}

function decoded({ bytes, isWhole }: Head): string | null {
  if (bytes.subarray(0, 8000).includes(0)) return null;
  try {
    // A part may end within a character.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: !isWhole });
  } catch {
    return null;
  }
}

function Picture({ address, file }: { address: string; file: OwnFile }) {
  const type = imageType(file.media_type, file.path || file.name) ?? "image/png";
  return <Drawn key={address} address={address} type={type} alt={file.name} className="preview-image" />;
}
