import { Icon, type IconName } from "../design/icons";
import { carries, useDrop } from "../design/ordering";
import { Popover } from "../design/popover";
import { LEAST, moveColumn, sortBy, type Columns, type RunHeader } from "./columns";
import { asideOf, fieldOf, labelOf } from "./fields";
import { change, view } from "./view";

// The arrow keys make a column wider or narrower by so many pixels.
const STEP = 16;

/** The row of column headings. */
export function HeaderRow({
  columns,
  texts,
  numeric,
}: {
  columns: Columns;
  texts: readonly string[];
  numeric: ReadonlySet<string>;
}) {
  return (
    <div class="grid-row is-head" role="row" aria-rowindex={1}>
      {columns.pinned.map((header, at) => (
        <Heading
          key={header.id}
          header={header}
          columns={columns}
          texts={texts}
          isNumber={numeric.has(header.id)}
          place={at}
          left={header.getStart("start")}
          isLast={at === columns.pinned.length - 1}
        />
      ))}
      {columns.others.map((header, at) => (
        <Heading
          key={header.id}
          header={header}
          columns={columns}
          texts={texts}
          isNumber={numeric.has(header.id)}
          place={columns.pinned.length + at}
          left={null}
          isLast={false}
        />
      ))}
    </div>
  );
}

interface Props {
  header: RunHeader;
  columns: Columns;
  texts: readonly string[];
  /** Whether its values are numbers, which stand at the right. */
  isNumber: boolean;
  place: number;
  /** Where it stays; null for one that scrolls. */
  left: number | null;
  isLast: boolean;
}

function Heading({ header, columns, texts, isNumber, place, left, isLast }: Props) {
  const text = header.id;
  const { isOver, takes } = useDrop("column", text, (moved) => moveColumn(texts, moved, text));
  const field = fieldOf(text);
  const label = labelOf(field);
  const aside = asideOf(field);
  const { sort } = view.value;
  const at = sort.findIndex((one) => one === text || one === `-${text}`);
  const isDescending = sort[at]?.startsWith("-");
  const width = header.getSize();
  const classes = [
    "head",
    left !== null && "is-pinned",
    isLast && "is-last",
    isOver && "is-over",
    isNumber && "is-number",
  ];

  function onKeyDown(event: KeyboardEvent): void {
    const by = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (by === 0 || !(event.ctrlKey || event.shiftKey)) return;
    event.preventDefault();
    if (event.shiftKey) columns.setWidth(text, width + by * STEP);
    else moveColumn(texts, text, by);
  }

  return (
    <div
      class={classes.filter(Boolean).join(" ")}
      role="columnheader"
      aria-colindex={place + 1}
      aria-sort={at < 0 ? undefined : isDescending ? "descending" : "ascending"}
      style={{ width: `${width}px`, left: left === null ? undefined : `${left}px` }}
      draggable={text !== "name" && !header.column.getIsResizing()}
      onDragStart={(event) => {
        // Where its edge was taken it is made wider, and stays.
        if (header.column.getIsResizing()) event.preventDefault();
        else carries("column", text).onDragStart(event);
      }}
      {...takes}
    >
      <button
        class="head-button"
        title={`${field.text}\nClick sorts, with Shift by several. Ctrl and arrows move the column, Shift and arrows make it wider or narrower.`}
        disabled={field.kind === "curve" || text === "tags"}
        onClick={(event) => sortBy(text, { add: event.shiftKey })}
        onKeyDown={onKeyDown}
      >
        <span class="head-label">
          <bdi>{label}</bdi>
        </span>
        {aside && <span class="head-aside">{aside}</span>}
        {at >= 0 && (
          <span class="head-sort">
            <Icon name={isDescending ? "down" : "up"} size={12} />
            {sort.length > 1 && at + 1}
          </span>
        )}
      </button>
      <Menu text={text} texts={texts} />
      <Handle header={header} label={label} columns={columns} />
    </div>
  );
}

function Handle({ header, label, columns }: { header: RunHeader; label: string; columns: Columns }) {
  const onResize = header.getResizeHandler();
  const width = header.getSize();
  return (
    <div
      class={header.column.getIsResizing() ? "handle is-held" : "handle"}
      role="separator"
      aria-orientation="vertical"
      aria-label={`Width of ${label}`}
      aria-valuenow={Math.round(width)}
      aria-valuemin={LEAST}
      onMouseDown={onResize}
      onTouchStart={onResize}
      onDblClick={() => columns.setWidth(header.id, header.column.columnDef.size ?? width)}
    />
  );
}

function Menu({ text, texts }: { text: string; texts: readonly string[] }) {
  const field = fieldOf(text);
  const { pinned, by } = view.value;
  const isPinned = pinned.includes(text);
  const isSortable = field.kind !== "curve" && text !== "tags";
  const isGroupable = isSortable && field.kind !== "series";
  return (
    <Popover label={<Icon name="more" />} name={`More on ${labelOf(field)}`} buttonClass="icon-button head-more">
      {(close) => {
        const item = (icon: IconName, says: string, does: () => void, enabled = true) => (
          <button
            class="row-button"
            disabled={!enabled}
            onClick={() => {
              close();
              does();
            }}
          >
            <Icon name={icon} />
            <span>{says}</span>
          </button>
        );
        return (
          <>
            {isSortable && item("up", "Sort, least first", () => sortBy(text, { descending: false }))}
            {isSortable && item("down", "Sort, greatest first", () => sortBy(text, { descending: true }))}
            {isGroupable && item("group", "Group by it", () => change({ by: [...by, text] }), !by.includes(text))}
            <hr />
            {text !== "name" &&
              item("pin", isPinned ? "Let it scroll" : "Keep in sight", () =>
                change({ pinned: isPinned ? pinned.filter((one) => one !== text) : [...pinned, text] }),
              )}
            {item("left", "Move left", () => moveColumn(texts, text, -1), text !== "name" && texts.indexOf(text) > 0)}
            {item(
              "right",
              "Move right",
              () => moveColumn(texts, text, 1),
              text !== "name" && texts.indexOf(text) < texts.length - 1,
            )}
            {text !== "name" && item("close", "Hide", () => change({ columns: texts.filter((one) => one !== text) }))}
          </>
        );
      }}
    </Popover>
  );
}
