import { useMemo } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { addressOf } from "../api/client";
import type { SourceTold } from "../api/schema";
import { Failed, Waiting } from "../app/states";
import { Icon } from "../design/icons";
import { sizeText } from "./files";
import { indented } from "./indented";
import { sourcesOf, writerText } from "./loaded";
import type { Shown } from "./page";
import { place } from "./place";
import { useHead } from "./preview";
import { TextLines } from "./textlines";

const MOST = 1_000_000;

/** The run file of each source, as text. */
export default function Raw({ run }: Shown) {
  const sources = sourcesOf(run, place.value.writer);
  const chosen = useSignal(0);
  const source = sources[chosen.value] ?? sources[0];
  if (!source) return null;
  return (
    <div class="raw">
      {sources.length > 1 && (
        <div class="switch" role="group" aria-label="Whose run file">
          {sources.map((one, at) => (
            <button
              key={one.writer}
              class={one === source ? "button is-on" : "button"}
              aria-pressed={one === source}
              onClick={() => (chosen.value = at)}
            >
              {writerText(one.writer)}
            </button>
          ))}
        </div>
      )}
      <File key={source.writer} run={run} source={source} />
    </div>
  );
}

function File({ run, source }: { run: Shown["run"]; source: SourceTold }) {
  const form = source.kind === "stream" && "id" in source.record ? "jsonl" : "json";
  const address = addressOf("/api/v1/export", { project: run.project, id: run.id, writer: source.writer, form });
  const { head, problem } = useHead(address, MOST);
  const text = useMemo(() => {
    const plain = head ? new TextDecoder().decode(head.bytes, { stream: !head.isWhole }) : "";
    return form === "json" ? indented(plain) : plain;
  }, [head, form]);
  if (problem) return <Failed problem={problem} />;
  return (
    <div class="preview">
      <div class="preview-line">
        <span class="hint" role="note">
          {head && !head.isWhole
            ? `Only the first ${sizeText(MOST)} are shown.`
            : "As the tracker gives it back, so that another one can read it."}
        </span>
        <span class="spring" />
        <a class="button" href={address} download>
          <Icon name="download" /> Download
        </a>
      </div>
      {head ? <TextLines text={text} label="the run file" /> : <Waiting what="the run file" />}
    </div>
  );
}
