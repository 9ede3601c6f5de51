import { useMemo } from "preact/hooks";
import { Empty, Failed, Waiting } from "../app/states";
import { CopyButton } from "./copy";
import { Diff } from "./diff";
import { fileAddress, sizeText } from "./files";
import { idOf, listedOf } from "./listed";
import { recordOf, type OwnFile } from "./loaded";
import { leafText } from "./nodes";
import type { Shown } from "./page";
import { place, placeHref } from "./place";
import { useHead } from "./preview";
import { objectOf, textOf } from "./said";

/** Under this name the conventions have the difference between commit and working tree. */
const DIFF = "source/diff";
// 100,000 lines are some megabytes.
const MOST = 16_000_000;

/** The code of a run: its commit, what differed from it, and copies of files. */
export default function Code({ loaded, run }: Shown) {
  const { writer } = place.value;
  const source = objectOf(recordOf(run, writer)["source"]);
  const all = useMemo(() => listedOf(run, loaded.files.value ?? [], writer), [run, loaded.files.value, writer]);
  const diff = all.find((one) => one.name === DIFF)?.file ?? null;
  const copies = all.filter((one) => one.name.startsWith("source/") && one.name !== DIFF);
  const facts = Object.entries(source).filter(([, value]) => value !== null);
  return (
    <div class="code-page">
      {facts.length > 0 && (
        <dl class="facts code-facts">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>
                <bdi>{name}</bdi>
              </dt>
              <dd>
                <code class="wrapped">
                  <bdi>
                    {Array.isArray(value) ? value.map((one) => leafText(one).text).join(" ") : leafText(value).text}
                  </bdi>
                </code>
                {typeof value === "string" && <CopyButton text={value} what={name} />}
              </dd>
            </div>
          ))}
          {copies.length > 0 && (
            <div>
              <dt>Files</dt>
              <dd class="copies">
                {copies.slice(0, 30).map((one) => (
                  <a key={idOf(one)} href={placeHref({ ...place.value, tab: "artifacts", file: idOf(one), find: "" })}>
                    <code>{one.name.slice("source/".length)}</code>
                  </a>
                ))}
                {copies.length > 30 && <span class="hint">and {copies.length - 30} more among the artifacts</span>}
              </dd>
            </div>
          )}
        </dl>
      )}
      {diff ? (
        <Changes run={run} file={diff} />
      ) : (
        <Empty
          icon="edit"
          title={source["git/dirty"] === true ? "The changes were not kept" : "No changes to the code"}
        >
          <p>
            {source["git/dirty"] === true
              ? "The working tree differed from the commit, and the run has no artifact source/diff that says how."
              : textOf(source["git/commit"])
                ? "The run says of no changes since its commit."
                : "The run names no commit."}
          </p>
        </Empty>
      )}
    </div>
  );
}

function Changes({ run, file }: { run: Shown["run"]; file: OwnFile }) {
  const { head, problem } = useHead(fileAddress(run, file), MOST);
  const text = useMemo(() => (head ? new TextDecoder().decode(head.bytes) : ""), [head]);
  if (problem) return <Failed problem={problem} />;
  if (!head) return <Waiting what="the changes" />;
  return (
    <>
      {!head.isWhole && <p class="hint">Only the first {sizeText(MOST)} are shown; the artifact has all.</p>}
      <Diff text={text} />
    </>
  );
}
