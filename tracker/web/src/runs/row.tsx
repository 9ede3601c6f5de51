import { keyText } from "../api/runs";
import type { Row } from "../api/schema";
import { mayEdit } from "../app/projects";
import { href } from "../app/router";
import { Icon, type IconName } from "../design/icons";
import { COLOURS } from "../design/palette";
import { cellOf } from "./cells";
import type { Columns, RunColumn } from "./columns";
import { Sparkline } from "./curves";
import { CellEditor, type Editing } from "./edit";
import { fieldOf } from "./fields";
import { Status } from "./status";

interface Props {
  row: Row | undefined;
  place: number;
  top: number;
  columns: Columns;
  best: ReadonlyMap<string, number>;
  /** Its place among the selected runs; -1 if it is not selected. */
  selected: number;
  isActive: boolean;
  editing: Editing | null;
  onSelect: (event: MouseEvent) => void;
  onActivate: () => void;
  onEdit: (what: Editing["what"]) => void;
}

/** A run in the table. */
export function RunRow(props: Props) {
  const { row, place, top, columns, selected, isActive } = props;
  const classes = ["grid-row", selected >= 0 && "is-selected", isActive && "is-active", !row && "is-waiting"];
  return (
    <div
      id={`run-${place}`}
      class={classes.filter(Boolean).join(" ")}
      role="row"
      aria-rowindex={place + 2}
      aria-selected={selected >= 0}
      style={{ transform: `translateY(${top}px)`, width: `${columns.width}px` }}
      onMouseDown={props.onActivate}
    >
      {columns.shown.map((column, at) => (
        <RunCell key={column.id} {...props} column={column} at={at} isLast={at === columns.pinned.length - 1} />
      ))}
    </div>
  );
}

function RunCell({
  row,
  column,
  at,
  isLast,
  columns,
  best,
  editing,
  ...rest
}: Props & { column: RunColumn; at: number; isLast: boolean }) {
  const field = fieldOf(column.id);
  const isPinned = at < columns.pinned.length;
  const style = { width: `${column.getSize()}px`, left: isPinned ? `${column.getStart("start")}px` : undefined };
  const base = `cell${isPinned ? " is-pinned" : ""}${isPinned && isLast ? " is-last" : ""}`;
  const common = { role: "gridcell", "aria-colindex": at + 1, style } as const;
  if (!row)
    return (
      <div {...common} class={base}>
        {at === 0 ? <span class="blank" /> : null}
      </div>
    );
  if (editing && editing.what === column.id) {
    return (
      <div {...common} class={`${base} is-edited`}>
        <CellEditor editing={editing} row={row} />
      </div>
    );
  }
  if (column.id === "name") return <NameCell {...rest} row={row} common={common} base={base} />;
  if (column.id === "status")
    return (
      <div {...common} class={base} data-exact={row.status ?? ""}>
        <Status status={row.status} />
      </div>
    );
  if (column.id === "tags") {
    return (
      <div
        {...common}
        class={base}
        data-exact={row.tags.join(", ")}
        title={row.tags.join(", ")}
        onDblClick={() => rest.onEdit("tags")}
      >
        {row.tags.map((tag) => (
          <span key={tag} class="tag">
            <bdi>{tag}</bdi>
          </span>
        ))}
      </div>
    );
  }
  if (field.kind === "curve")
    return (
      <div {...common} class={base}>
        <Sparkline row={row} name={field.path[0] ?? ""} />
      </div>
    );
  const cell = cellOf(row, field);
  const isBest = cell.number !== null && best.get(column.id) === cell.number;
  return (
    <div
      {...common}
      class={`${base}${cell.isNumber ? " is-number" : ""}${isBest ? " is-best" : ""}`}
      data-exact={cell.exact}
      title={cell.title}
    >
      {isBest && (
        <span class="best" role="img" aria-label="The best">
          <Icon name="star" size={11} />
        </span>
      )}
      <span class="cell-text">
        <bdi>{cell.text}</bdi>
      </span>
    </div>
  );
}

interface NameProps extends Pick<Props, "selected" | "onSelect" | "onEdit"> {
  row: Row;
  common: { role: "gridcell"; "aria-colindex": number; style: Record<string, string | undefined> };
  base: string;
}

function NameCell({ row, selected, onSelect, onEdit, common, base }: NameProps) {
  const name = row.name ?? row.id;
  return (
    <div
      {...common}
      class={`${base} is-name`}
      data-exact={name}
      title={`${name}\n${keyText(row)}`}
      onDblClick={() => onEdit("name")}
    >
      <input
        type="checkbox"
        tabIndex={-1}
        class={selected >= 0 ? `curve-${(selected % COLOURS) + 1}` : ""}
        aria-label={`Select ${name}`}
        checked={selected >= 0}
        onClick={onSelect}
      />
      <span class="cell-text">
        <a tabIndex={-1} href={href("/run", { run: keyText(row) })}>
          <bdi>{name}</bdi>
        </a>
      </span>
      {mayEdit(row.project) && (
        <span class="row-edit">
          <EditButton label={`Edit ${name}`} title="Edit the name (e)" icon="edit" does={() => onEdit("name")} />
          <EditButton
            label={`Describe ${name}`}
            title="Edit the description (d)"
            icon="log"
            does={() => onEdit("description")}
          />
        </span>
      )}
    </div>
  );
}

interface EditButtonProps {
  label: string;
  title: string;
  icon: IconName;
  does: () => void;
}

/** Out of the way of the Tab key, since keys of the table do the same. */
function EditButton({ label, title, icon, does }: EditButtonProps) {
  return (
    <button class="icon-button" tabIndex={-1} aria-label={label} title={title} onClick={does}>
      <Icon name={icon} size={13} />
    </button>
  );
}
