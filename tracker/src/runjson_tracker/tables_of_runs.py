"""Runs as tables for a terminal."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from rich.table import Table
from rich.text import Text

from runjson_tracker.terminal import duration, moment, neutral, number

if TYPE_CHECKING:
    from runjson_tracker.query.table import TableRow
    from runjson_tracker.reading.frames import Frame

_OF_EVERY_RUN: Final = frozenset({"project", "id", "name", "status", "started", "duration", "points", "tags"})
_STATUS: Final = {"running": "cyan", "succeeded": "green", "failed": "red", "aborted": "yellow", "crashed": "red"}


def runs_table(rows: Sequence[TableRow], columns: Sequence[str] = ()) -> Table:
    """A table of runs.

    Args:
        rows: the runs.
        columns: the fields that were asked for; those that have a column in every table have no other one.
    """
    columns = [name for name in columns if name not in _OF_EVERY_RUN]
    numeric = {
        name for name in columns if all(isinstance(row.values[name], int | float) for row in rows if name in row.values)
    }
    headers = ("project", "run", "name", "status", "started", "duration", *columns, "points", "tags")
    table = new_table(*headers, right={"duration", "points", *numeric})
    for row in rows:
        add_row(
            table,
            neutral(row.project),
            row.id,
            neutral(row.name or "", 60),
            status_text(row.status),
            moment(row.started),
            duration(0.0, row.duration),
            *(cell_text(row.values[name]) if name in row.values else "" for name in columns),
            f"{row.points:,}",
            neutral(", ".join(row.tags), 60),
        )
    return table


def frame_table(frame: Frame) -> Table:
    """Any table of cells."""
    right = {
        name
        for name in frame.columns
        if any(isinstance(cell, int | float) for cell in frame.column(name))
        and all(cell is None or isinstance(cell, int | float) for cell in frame.column(name))
    }
    table = new_table(*frame.columns, right=right)
    for row in frame:
        add_row(table, *(cell_text(cell) for cell in row.values()))
    return table


def status_text(status: str | None) -> Text:
    """A status in its colour."""
    return Text(status or "", style=_STATUS.get(status or "", ""))


def cell_text(cell: Any, *, exact: bool = False) -> str:  # Any: a cell
    """A cell as text: numbers to six digits, unless they are to be exact."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return repr(cell) if exact and cell - cell == 0 else number(cell)
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, datetime):
        return cell.isoformat() if exact else moment(cell.timestamp())
    text = cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False, default=str)
    return text if exact else neutral(text, 60)


def new_table(*headers: str, right: Collection[str] = ()) -> Table:
    """A table without lines."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for header in headers:
        table.add_column(Text(neutral(header)), overflow="fold", justify="right" if header in right else "left")
    return table


def add_row(table: Table, *cells: str | Text) -> None:
    """Add a row; a text that is no `Text` would be read as Rich's markup."""
    table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in cells))
