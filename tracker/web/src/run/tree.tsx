import { useEffect, useMemo, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { Icon } from "../design/icons";
import { exactCount } from "../design/numbers";
import { useVirtual } from "../design/virtual";
import { copied, CopyButton } from "./copy";
import { fieldText, leafText, mark, nodesOf, type Node } from "./nodes";
import type { Said } from "./said";

const ROW = 28;
// A tree of more values begins with its first two levels alone.
const MANY = 400;

interface Props {
  tree: Said;
  label: string;
  find: string;
  onFind: (text: string) => void;
  /** What a copied path is; none where filters have no name for it. */
  pathOf?: (path: readonly string[]) => string;
}

/** Values in a tree that is searched, opened and closed, by keys too. */
export function ValueTree({ tree, label, find, onFind, pathOf = fieldText }: Props) {
  const total = useMemo(() => nodesOf(tree, () => true, "").filter((one) => one.below === null).length, [tree]);
  // What somebody opened or closed, against how it begins.
  const turned = useSignal<ReadonlySet<string>>(new Set());
  const active = useSignal(0);
  const scroller = useRef<HTMLDivElement>(null);
  const begins = (path: readonly string[]): boolean => total <= MANY || path.length < 2;
  const isOpen = (path: readonly string[]): boolean => begins(path) !== turned.value.has(mark(path));
  const nodes = useMemo(() => nodesOf(tree, isOpen, find), [tree, turned.value, find, total]);
  const virtual = useVirtual({
    count: nodes.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const at = Math.min(active.value, Math.max(nodes.length - 1, 0));
  useEffect(() => {
    active.value = 0;
  }, [find]);

  function turn(node: Node): void {
    const next = new Set(turned.value);
    const text = mark(node.path);
    if (!next.delete(text)) next.add(text);
    turned.value = next;
  }

  function press(event: KeyboardEvent): void {
    if (event.target !== scroller.current) return;
    const node = nodes[at];
    if (!node) return;
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: nodes.length - 1,
      PageDown: at + 20,
      PageUp: at - 20,
    }[event.key];
    if (to !== undefined) {
      active.value = Math.min(Math.max(to, 0), nodes.length - 1);
      virtual.scrollToIndex(active.value);
    } else if (event.key === "ArrowRight" && node.below !== null) {
      if (node.isOpen) active.value = Math.min(at + 1, nodes.length - 1);
      else turn(node);
    } else if (event.key === "ArrowLeft") {
      if (node.below !== null && node.isOpen && find === "") turn(node);
      else {
        const parent = mark(node.path.slice(0, -1));
        active.value = Math.max(
          nodes.findIndex((one) => mark(one.path) === parent),
          0,
        );
        virtual.scrollToIndex(active.value);
      }
    } else if ((event.key === "Enter" || event.key === " ") && node.below !== null) turn(node);
    else if (event.key === "c" && !event.ctrlKey && !event.metaKey)
      void copied(pathOf(node.path), "The path is copied.");
    else if (event.key === "Enter") void copied(leafText(node.value).exact, "The value is copied.");
    else return;
    event.preventDefault();
  }

  return (
    <div class="tree-box">
      <div class="tool-line">
        <label class="field is-search">
          <Icon name="search" />
          <span class="unseen">Search {label.toLowerCase()}</span>
          <input
            type="search"
            placeholder={`Search ${exactCount(total)} values by name or value`}
            value={find}
            onInput={(event) => onFind(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "ArrowDown") scroller.current?.focus();
            }}
          />
        </label>
        <span class="hint" role="status">
          {find && `${exactCount(nodes.filter((one) => one.below === null).length)} found`}
        </span>
      </div>
      {nodes.length === 0 ? (
        <p class="nothing">
          {find ? (
            <>
              Nothing is called so.{" "}
              <button class="link" onClick={() => onFind("")}>
                Show all
              </button>
            </>
          ) : (
            "There are no values."
          )}
        </p>
      ) : (
        <div
          ref={scroller}
          class="tree"
          role="tree"
          aria-label={label}
          tabIndex={0}
          aria-description="Enter copies a value, c its path"
          aria-activedescendant={`node-${at}`}
          onKeyDown={press}
        >
          <div class="tree-body" role="none" style={{ height: `${virtual.getTotalSize()}px` }}>
            {virtual.getVirtualItems().map(({ index, start }) => {
              const node = nodes[index];
              return (
                node && (
                  <Row
                    key={mark(node.path)}
                    id={`node-${index}`}
                    node={node}
                    top={start}
                    isActive={index === at}
                    pathOf={pathOf}
                    onTurn={() => turn(node)}
                    onActivate={() => (active.value = index)}
                  />
                )
              );
            })}
          </div>
        </div>
      )}
    </div>
  );
}

interface RowProps {
  id: string;
  node: Node;
  top: number;
  isActive: boolean;
  pathOf: (path: readonly string[]) => string;
  onTurn: () => void;
  onActivate: () => void;
}

function Row({ id, node, top, isActive, pathOf, onTurn, onActivate }: RowProps) {
  const { path, value, below, isOpen, at, of } = node;
  const name = path[path.length - 1] ?? "";
  const indent = (path.length - 1) * 1.1;
  const leaf = below === null ? leafText(value) : null;
  return (
    <div
      id={id}
      class={isActive ? "tree-row is-active" : "tree-row"}
      role="treeitem"
      aria-level={path.length}
      aria-posinset={at}
      aria-setsize={of}
      aria-expanded={below === null ? undefined : isOpen}
      aria-selected={isActive}
      style={{ transform: `translateY(${top}px)`, paddingLeft: `${indent + 0.5}rem`, "--indent": `${indent}rem` }}
      onClick={() => {
        onActivate();
        if (below !== null) onTurn();
      }}
    >
      <span class={isOpen ? "turner is-open" : "turner"}>
        {below !== null && (
          <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
            <path d="m3 1.500 4 3.500-4 3.500" />
          </svg>
        )}
      </span>
      <span class="tree-name" title={name}>
        <bdi>{name === "" ? "“”" : name}</bdi>
      </span>
      {leaf ? (
        <>
          <span class={`tree-value is-${leaf.kind}`} title={leaf.exact.slice(0, 2000)}>
            <bdi>{leaf.text.slice(0, 500)}</bdi>
          </span>
          {leaf.aside && <span class="count">{leaf.aside}</span>}
        </>
      ) : (
        <span class="count">{exactCount(below ?? 0)}</span>
      )}
      <span class="tree-copy">
        <CopyButton text={pathOf(path)} what="the path" tabIndex={-1} />
        {leaf && (
          <button
            class="button is-quiet is-small"
            tabIndex={-1}
            onClick={(event) => {
              event.stopPropagation();
              void copied(leaf.exact, "The value is copied.");
            }}
          >
            Copy value
          </button>
        )}
      </span>
    </div>
  );
}
