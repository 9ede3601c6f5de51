"""A run as a page for a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from runjson_schema.names import EDITS
from runjson_schema.points import Floats
from runjson_schema.wording import counted

from runjson_tracker.fields import seconds
from runjson_tracker.read import RunView, SeriesRow
from runjson_tracker.sources import StoredFile
from runjson_tracker.sparkline import sparkline
from runjson_tracker.tables_of_runs import add_row, new_table, status_text
from runjson_tracker.terminal import ago, duration, leaves, moment, neutral, number, size, value_text, writer_text

if TYPE_CHECKING:
    from runjson_tracker.reading.interface import Source
    from runjson_tracker.reduce import Reduced

# Narrower than this a drawing says little; wider it says no more.
_NARROWEST, _WIDEST = 10, 60
# On a narrower terminal the drawings need the room of the steps.
_STEPS_WIDTH: Final = 100
_LAST_LINES: Final = 5
# Of a longer series so many points are drawn, its extremes among them.
_WHOLE, _SHOWN = 100_000, 4000
# Of several series together no more points than this are read at once.
_AT_ONCE: Final = 10 * _WHOLE
_MAPS: Final = ("properties", "source", "environment")


def run_page(
    view: RunView, console: Console, status: str | None = None, heard: float | None = None
) -> Iterator[RenderableType]:
    """All that is known of a run, part by part, so that a large one shows its beginning at once.

    Args:
        view: the run.
        console: whose width there is.
        status: what to show; as the run says by default.
        heard: when a sign of its life was last seen, in seconds since 1970, if that is to be shown.
    """
    record = view.record
    yield _title(view, status or view.record.get("status"), heard)
    for member in ("description", "error"):
        if member in record:
            yield from _told(member, record[member])
    yield from _section("parameters", _pairs(leaves(record.get("parameters", {}))))
    for member in _MAPS:
        entries = {name: value for name, value in record.get(member, {}).items() if value is not None}
        yield from _section(member, _pairs((neutral(name), value_text(value)) for name, value in entries.items()))
    rows = view.series()
    yield from _section("series", _numbers(view, [row for row in rows if row.kind == "series"], console.width))
    yield from _section("text", *_texts(view, [row for row in rows if row.kind == "text"]))
    yield from _section("images", _images(view, [row for row in rows if row.kind == "images"]))
    yield from _section("histograms", _histograms(view, [row for row in rows if row.kind == "histograms"]))
    yield from _section("artifacts", _artifacts(view))


def _section(title: str, *parts: Table | Text | None) -> Iterator[RenderableType]:
    shown = [part for part in parts if part is not None]
    if shown:
        yield Group(Text(""), Text(title, style="bold"), *(Padding(part, (0, 0, 0, 2), expand=False) for part in shown))


def _pairs(pairs: Iterator[tuple[str, str]]) -> Table | None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(overflow="fold", style="cyan")
    table.add_column(overflow="fold")
    for name, value in pairs:
        add_row(table, name, value)
    return table if table.rows else None


def _title(view: RunView, status: str | None, heard: float | None) -> RenderableType:
    record = view.record
    start, end = seconds(record.get("started_at")), seconds(record.get("ended_at"))
    title = Text(neutral(f"{view.project}/{view.id}"), style="bold")
    if "name" in record:
        title.append(f"  {neutral(record['name'])}", style="")
    lines = [title]
    facts = [
        status_text(status),
        Text(f"started {moment(start)}" if start is not None else ""),
        Text(f"ended {moment(end)}" if end is not None else ""),
        Text(duration(start, end)),
        Text(f"last heard of {moment(heard)}, {ago(time.time() - heard)}" if heard is not None else ""),
        Text(f"group {neutral(record['group'])}" if "group" in record else ""),
    ]
    if told := [fact for fact in facts if fact.plain]:
        lines.append(Text("  ").join(told))
    if record.get("tags"):
        lines.append(Text("tags ").append(", ".join(neutral(tag) for tag in record["tags"]), style="magenta"))
    if "parent" in record:
        parent = record["parent"]
        step = f" at step {number(parent['step'])}" if "step" in parent else ""
        lines.append(Text(f"goes on from {neutral(str(parent['id']))}{step}"))
    writers = [source.writer for source in view.sources if source.writer and source.writer != EDITS]
    edited = any(source.writer == EDITS for source in view.sources)
    if writers:
        lines.append(Text(f"writers {', '.join(writers)}{', and edits' if edited else ''}"))
    elif edited:
        lines.append(Text("with edits"))
    return Group(*lines)


def _told(member: str, value: Any) -> Iterator[RenderableType]:  # Any: an error is an object, a description a text
    text = value
    if isinstance(value, dict):
        what = ": ".join(str(value[name]) for name in ("type", "message") if name in value)
        text = f"{value.get('traceback', '').rstrip()}\n{what}".strip()
    yield from _section(member, Text("\n".join(neutral(line) for line in text.splitlines())))


def _columns(view: RunView, row: SeriesRow) -> dict[str, Any]:  # Any: unit, goal and unknown members
    """What the record says of a series beside its points."""
    columns: dict[str, Any] = view.record.get(row.kind, {}).get(row.name, {})
    return columns


def _name(view: RunView, row: SeriesRow) -> str:
    several = sum((row.kind, row.name) in source.series for source in view.sources) > 1
    return neutral(row.name) + (f" ({writer_text(row.writer)})" if several else "")


def _source(view: RunView, row: SeriesRow) -> Source:
    return next(source for source in view.sources if source.writer == row.writer)


def _numbers(view: RunView, rows: list[SeriesRow], width: int) -> Table | None:
    if not rows:
        return None
    headers: tuple[str, ...] = ("name", "points", "last", "min", "max", "unit", "steps")
    cells: list[tuple[str, ...]] = [
        (
            _name(view, row),
            f"{row.count:,}",
            number(row.last),
            "" if row.min is None else number(row.min),
            "" if row.max is None else number(row.max),
            neutral(str(_columns(view, row).get("unit", "")), 20),
            "" if row.steps is None else f"{number(row.steps[0])} to {number(row.steps[1])}",
        )
        for row in rows
    ]
    if width < _STEPS_WIDTH:
        headers, cells = headers[:-1], [texts[:-1] for texts in cells]
    used = sum(2 + max(map(len, column)) for column in zip(headers, *cells, strict=True))
    drawn = min(max(width - used - 4, _NARROWEST), _WIDEST)
    table = new_table(*headers, right={"points", "last", "min", "max"})
    table.add_column(width=drawn)
    pictures = _pictures(view, rows, drawn)
    for row, texts in zip(rows, cells, strict=True):
        add_row(table, *texts, pictures[row.writer, row.name])
    return table


def _pictures(view: RunView, rows: list[SeriesRow], width: int) -> dict[tuple[str, str], Text]:
    """The drawings of series by writer and name, for which many are read at once."""
    found: dict[tuple[str, str], Text] = {}
    for source in view.sources:
        here = {row.name: row for row in rows if row.writer == source.writer}
        long = [name for name, row in here.items() if row.count > _WHOLE]
        for name, shown in source.reduced_many(long, _SHOWN).items() if long else ():
            found[source.writer, name] = _of_long(shown, here[name], width)
        for names in _together([row for row in here.values() if row.count <= _WHOLE]):
            for name, points in source.many("series", names, only_values=True).items():
                found[source.writer, name] = _of_values(np.asarray(points.values), width)
    return found


def _together(rows: Sequence[SeriesRow]) -> Iterator[list[str]]:
    """The names of series, as many at once as have not too many points together."""
    names: list[str] = []
    points = 0
    for row in rows:
        if points + row.count > _AT_ONCE:
            yield names
            names, points = [], 0
        names.append(row.name)
        points += row.count
    if names:
        yield names


def _of_long(shown: Reduced, row: SeriesRow, width: int) -> Text:
    drawing, marks = sparkline(np.asarray(shown.points.values), width, shown.indices, row.count)
    told = f"\n{marks}\n{row.summary.nonfinite:,} NaN or infinite" if row.summary.nonfinite else ""
    return Text(drawing).append(told, style="red")


def _of_values(values: Floats, width: int) -> Text:
    drawing, marks = sparkline(values, width)
    picture = Text(drawing)
    if marks:
        counts = {
            "NaN": np.count_nonzero(np.isnan(values)),
            "Infinity": np.count_nonzero(np.isposinf(values)),
            "-Infinity": np.count_nonzero(np.isneginf(values)),
        }
        told = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
        picture.append(f"\n{marks}\n{told}", style="red")
    return picture


def _ends(view: RunView, rows: list[SeriesRow], most: int) -> dict[tuple[str, str], list[Any]]:
    """The last values of series of one kind that are no numbers, by writer and name."""
    found: dict[tuple[str, str], list[Any]] = {}
    for source in view.sources:
        if here := [row for row in rows if row.writer == source.writer]:
            ends = source.ends(here[0].kind, [row.name for row in here], most)
            found |= {(source.writer, name): list(points.values) for name, points in ends.items()}
    return found


def _texts(view: RunView, rows: list[SeriesRow]) -> Iterator[Text]:
    ends = _ends(view, rows, _LAST_LINES)
    for row in rows:
        last = ends[row.writer, row.name]
        lines = [line for text in last for line in str(text).splitlines()][-_LAST_LINES:]
        shown = Text(f"{_name(view, row)}  {counted(row.count, 'text')}")
        for line in lines:
            shown.append(f"\n  {neutral(line)}", style="dim")
        yield shown


def _images(view: RunView, rows: list[SeriesRow]) -> Table | None:
    table = new_table("name", "points", "last", "size")
    ends = _ends(view, rows, 1)
    for row in rows:
        source = _source(view, row)
        image: Any = ends[row.writer, row.name][0]
        stored = [one for one in source.files if (one.kind, one.name, one.index) == ("images", row.name, row.count - 1)]
        add_row(table, _name(view, row), f"{row.count:,}", _place(image), size(stored[0].bytes) if stored else "")
    return table if rows else None


def _histograms(view: RunView, rows: list[SeriesRow]) -> Table | None:
    table = new_table("name", "points", "last")
    ends = _ends(view, rows, 1)
    for row in rows:
        last: Any = ends[row.writer, row.name][0]
        edges = [value_text(edge) for edge in last["edges"]]
        told = f"{counted(len(last['counts']), 'bin')} from {edges[0]} to {edges[-1]}"
        add_row(table, _name(view, row), f"{row.count:,}", told)
    return table if rows else None


def _artifacts(view: RunView) -> Table | None:
    recorded = {name: file for name, file in view.record.get("artifacts", {}).items() if file is not None}
    stored: dict[str, StoredFile] = {
        one.name: one for source in view.sources for one in source.files if one.kind == "artifacts"
    }
    table = new_table("name", "path", "size", "sha256")
    for name, file in recorded.items():
        # A directory is one artifact in the record, and each of its files is one in the store.
        below = [one for one in stored if one == name or one.startswith(f"{name}/")]
        for one in below:
            found = stored[one]
            add_row(table, neutral(one), neutral(found.path), size(found.bytes), found.sha256[:12])
        if not below:
            add_row(table, neutral(name), _place(file), "", str(file.get("sha256", ""))[:12])
    return table if table.rows else None


def _place(file: dict[str, Any]) -> str:  # Any: a file in its settled spelling
    """Where a file is, as the record says."""
    return neutral(str(file.get("path") or file.get("uri") or file.get("media_type", "")))
