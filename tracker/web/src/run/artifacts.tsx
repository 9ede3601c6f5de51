import { useMemo, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { Empty } from "../app/states";
import { Icon } from "../design/icons";
import { exactCount } from "../design/numbers";
import { useVirtual } from "../design/virtual";
import { CopyButton } from "./copy";
import { fileAddress, folderAddress, sizeText } from "./files";
import { branchesOf, idOf, listedOf, type Branch, type Listed } from "./listed";
import { writerText } from "./loaded";
import type { Shown } from "./page";
import { place, visit } from "./place";
import { Preview } from "./preview";
import { objectOf, textOf } from "./said";
import { leafText } from "./nodes";

const ROW = 30;

/** The artifacts of a run, and what is in the one that is looked at. */
export default function Artifacts({ loaded, run }: Shown) {
  const { writer, file } = place.value;
  const all = useMemo(() => listedOf(run, loaded.files.value ?? [], writer), [run, loaded.files.value, writer]);
  const chosen = all.find((one) => idOf(one) === file);
  return (
    <div class={chosen ? "split artifacts is-chosen" : "split artifacts"}>
      <Files all={all} chosen={chosen} folder={(name) => folderAddress(run, name, writer)} />
      {chosen ? (
        <Detail key={`${idOf(chosen)} ${chosen.sha256}`} run={run} listed={chosen} />
      ) : (
        <Empty icon="folder" title={file ? "There is no such artifact" : "Choose an artifact"}>
          <p>Texts, tables, images and notebooks are shown here; everything can be downloaded.</p>
        </Empty>
      )}
    </div>
  );
}

interface FilesProps {
  all: readonly Listed[];
  chosen: Listed | undefined;
  /** Where a folder comes from as one file; empty for all. */
  folder: (name: string) => string;
}

function Files({ all, chosen, folder }: FilesProps) {
  const closed = useSignal<ReadonlySet<string>>(new Set());
  const wanted = useSignal("");
  const scroller = useRef<HTMLDivElement>(null);
  const branches = useMemo(() => {
    const text = wanted.value.toLowerCase();
    return branchesOf(
      all.filter((one) => one.name.toLowerCase().includes(text)),
      text === "" ? closed.value : new Set(),
    );
  }, [all, closed.value, wanted.value]);
  const active = useSignal(0);
  const virtual = useVirtual({
    count: branches.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  const at = Math.min(active.value, Math.max(branches.length - 1, 0));
  const bytes = all.reduce((sum, one) => sum + (one.bytes ?? 0), 0);

  function choose(branch: Branch): void {
    if (branch.listed) visit({ file: branch.path }, { replace: place.value.file !== null });
    else {
      const next = new Set(closed.value);
      if (!next.delete(branch.path)) next.add(branch.path);
      closed.value = next;
    }
  }

  function press(event: KeyboardEvent): void {
    const branch = branches[at];
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: branches.length - 1 }[event.key];
    if (to !== undefined) {
      active.value = Math.min(Math.max(to, 0), branches.length - 1);
      virtual.scrollToIndex(active.value);
    } else if (branch && (event.key === "Enter" || event.key === " ")) choose(branch);
    else if (
      branch &&
      !branch.listed &&
      (event.key === "ArrowLeft") !== closed.value.has(branch.path) &&
      /Arrow(Left|Right)/.test(event.key)
    )
      choose(branch);
    else return;
    event.preventDefault();
  }

  return (
    <div class="names files">
      <div class="files-line">
        <label class="field is-search">
          <Icon name="search" />
          <span class="unseen">Search the artifacts</span>
          <input
            type="search"
            placeholder={`${exactCount(all.length)} files, ${sizeText(bytes)}`}
            value={wanted.value}
            onInput={(event) => (wanted.value = event.currentTarget.value)}
          />
        </label>
        {all.some((one) => one.file !== null) && (
          <a
            class="icon-button"
            href={folder("")}
            download
            aria-label="Download all as .zip"
            title={`Download all as .zip, ${sizeText(bytes)}`}
          >
            <Icon name="download" />
          </a>
        )}
      </div>
      <div
        ref={scroller}
        class="tree"
        role="tree"
        aria-label="Artifacts"
        tabIndex={0}
        aria-activedescendant={branches.length > 0 ? `file-${at}` : undefined}
        onKeyDown={press}
      >
        <div class="tree-body" role="none" style={{ height: `${virtual.getTotalSize()}px` }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const branch = branches[index];
            return (
              branch && (
                <div
                  key={branch.path}
                  id={`file-${index}`}
                  role="treeitem"
                  class={index === at ? "tree-row is-active" : "tree-row"}
                  aria-level={branch.depth}
                  aria-selected={branch.listed !== null && branch.listed === chosen}
                  aria-expanded={branch.listed ? undefined : !closed.value.has(branch.path)}
                  style={{
                    transform: `translateY(${start}px)`,
                    height: `${ROW}px`,
                    paddingLeft: `${(branch.depth - 1) * 1.1 + 0.5}rem`,
                  }}
                  title={branch.path}
                  onClick={() => {
                    active.value = index;
                    choose(branch);
                  }}
                >
                  <Icon name={branch.listed ? iconOf(branch.listed) : "folder"} size={14} />
                  <span class="tree-name">
                    <bdi>{branch.name}</bdi>
                  </span>
                  {branch.listed && branch.listed.writer !== "" && (
                    <span class="unit">{writerText(branch.listed.writer)}</span>
                  )}
                  {branch.held > 0 && !branch.listed && (
                    <a
                      class="icon-button tree-save"
                      href={folder(branch.path)}
                      download
                      tabIndex={index === at ? 0 : -1}
                      aria-label={`Download ${branch.name} as .zip`}
                      title={`Download ${exactCount(branch.held)} files as .zip, ${sizeText(branch.bytes)}`}
                      onClick={(event) => event.stopPropagation()}
                      onKeyDown={(event) => event.stopPropagation()}
                    >
                      <Icon name="download" size={14} />
                    </a>
                  )}
                  <span class="count">
                    {branch.listed && branch.listed.bytes === null ? "elsewhere" : sizeText(branch.bytes)}
                  </span>
                </div>
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}

function iconOf(one: Listed): "up" | "table" | "stack" | "file" {
  if (one.uri !== null) return "up";
  const kind = textOf(objectOf(one.said["metadata"])["kind"]);
  return kind === "table" || kind === "dataset"
    ? "table"
    : kind === "model" || kind === "checkpoint"
      ? "stack"
      : "file";
}

function Detail({ run, listed }: { run: Shown["run"]; listed: Listed }) {
  const { file, uri, bytes, sha256, mediaType, said, name } = listed;
  const metadata = Object.entries(objectOf(said["metadata"]));
  const description = textOf(said["description"]);
  return (
    <section class="artifact" aria-label={name}>
      <header class="artifact-head">
        <button class="icon-button artifact-back" aria-label="Back to the list" onClick={() => visit({ file: null })}>
          <Icon name="left" />
        </button>
        <h2 title={name}>
          <bdi>{name}</bdi>
        </h2>
        <CopyButton text={name} what="the name" />
        <span class="spring" />
        {file && (
          <a class="button is-first" href={fileAddress(run, file)} download={name.split("/").pop() ?? name}>
            <Icon name="download" /> Download
          </a>
        )}
      </header>
      <p class="artifact-facts">
        {bytes !== null && <span title={`${exactCount(bytes)} bytes`}>{sizeText(bytes)}</span>}
        {mediaType && <bdi>{mediaType}</bdi>}
        {sha256 && (
          <span class="digest" title={`SHA-256 ${sha256}`}>
            <code>{sha256.slice(0, 12)}…</code>
            <CopyButton text={sha256} what="the SHA-256" />
          </span>
        )}
        {metadata.map(([label, value]) => (
          <span key={label} class="pair">
            <bdi>{label}</bdi> <b title={leafText(value).exact}>{leafText(value).text.slice(0, 80)}</b>
          </span>
        ))}
      </p>
      {description && (
        <p>
          <bdi>{description}</bdi>
        </p>
      )}
      {file ? <Preview run={run} file={file} name={name} /> : <Elsewhere uri={uri} />}
    </section>
  );
}

/** Where a file is that the tracker does not have; nothing of it is fetched. */
function Elsewhere({ uri }: { uri: string | null }) {
  const isLink = uri !== null && URL.canParse(uri) && /^https?:$/.test(new URL(uri).protocol);
  return (
    <Empty icon="up" title="The tracker does not have this file">
      {uri === null ? (
        <p>The run names it, and its bytes did not come with the run file.</p>
      ) : (
        <div class="command">
          <code>
            {isLink ? (
              <a href={uri} rel="noopener noreferrer" target="_blank">
                {uri}
              </a>
            ) : (
              uri
            )}
          </code>
          <CopyButton text={uri} what="the address" />
        </div>
      )}
    </Empty>
  );
}
