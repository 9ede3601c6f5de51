"""The transaction that makes one change of one source visible: its run, its series and chunks, its files and fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, Table, bindparam, case, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from runjson_tracker.chunks import decode_json, encode_json
from runjson_tracker.database import insert_new, lock_run, shared
from runjson_tracker.errors import RunTrashed, SourceChanged
from runjson_tracker.fields import seconds, storable_or_none, write_fields, write_series_fields
from runjson_tracker.pending import Pending
from runjson_tracker.sources import Record, TrackedSource
from runjson_tracker.summary import SUMMARY_COLUMNS, summary_row
from runjson_tracker.tables import blobs, chunks, files, projects, records, runs, series, sources

# The run's merged record, or what makes it of the records of the run's sources, by writer.
Merge: TypeAlias = Record | Callable[[Mapping[str, Record]], Record]
Row: TypeAlias = dict[str, Any]  # Any: columns of several types

_ROWS_A_STATEMENT: Final = 256

_find_run: Final = (
    select(projects.c.id, runs.c.id, runs.c.trashed, records.c.record)
    .select_from(
        projects.outerjoin(runs, (runs.c.project == projects.c.id) & (runs.c.run == bindparam("run_name"))).outerjoin(
            records, records.c.run == runs.c.id
        )
    )
    .where(projects.c.name == bindparam("project_name"))
)
_records_of_run: Final = select(sources.c.writer, sources.c.record).where(sources.c.run == bindparam("of_run"))
_change_run: Final = update(runs).where(runs.c.id == bindparam("of_run"))
_count_run: Final = _change_run.values(
    sources=runs.c.sources + bindparam("more_sources"),
    points=runs.c.points + bindparam("more_points"),
    series=runs.c.series + bindparam("more_series"),
    heard=case((runs.c.heard > bindparam("heard_now"), runs.c.heard), else_=bindparam("heard_now")),
)
_change_record: Final = update(records).where(records.c.run == bindparam("of_run"))
_forget_chunks: Final = delete(chunks).where(
    chunks.c.source == bindparam("of_source"),
    chunks.c.number == bindparam("of_number"),
    chunks.c.first >= bindparam("of_first"),
)
_change_source: Final = update(sources).where(
    sources.c.id == bindparam("of_source"),
    sources.c.version == bindparam("of_version"),
    # Numbers are given anew where a database was made anew, or a run freed.
    sources.c.run == bindparam("of_run"),
    sources.c.writer == bindparam("of_writer"),
)
_add_series: Final = insert(series)
_add_chunk: Final = insert(chunks)
_grow_series: Final = (
    update(series)
    .where(
        series.c.source == bindparam("of_source"),
        series.c.kind == bindparam("of_kind"),
        series.c.name == bindparam("of_name"),
    )
    .values({name: bindparam(name) for name in SUMMARY_COLUMNS})
)
_forget_file: Final = delete(files).where(
    files.c.source == bindparam("of_source"),
    files.c.kind == bindparam("of_kind"),
    files.c.name == bindparam("of_name"),
    files.c.position == bindparam("of_position"),
)
_add_blob: Final = insert_new(blobs)
_add_project: Final = insert_new(projects)
_project: Final = select(projects.c.id).where(projects.c.name == bindparam("project_name"))


@dataclass(slots=True)
class Change:
    """What is to become of a source.

    Attributes:
        project: of the source, as are `run` and `writer`, "" for none.
        tracked: the source before; None if it is new.
        pending: the points that are added.
        replacing: whether the new state replaces all of the old one.
        files: rows of the table of files, by kind, name and position.
    """

    project: str
    run: str
    writer: str
    tracked: TrackedSource | None
    pending: Pending
    replacing: bool = False
    files: dict[tuple[str, str, int], Row] = field(default_factory=dict)

    @property
    def point_count(self) -> int:
        """How many points the source has after this change."""
        kept = self.tracked.point_count if self.tracked and not self.replacing else 0
        return kept + self.pending.points


class Commit:
    """A change on its way into the database, within a transaction that writes."""

    def __init__(self, connection: Connection, change: Change) -> None:
        self._connection = connection
        self._change = change

    def write(self, record: Record, source: Row, merged: Merge, heard: float) -> tuple[int, int]:
        """Write all; the number of the source, and its version."""
        project, run, new_run = self._write_run(record, merged, source["changed"], heard)
        number, version = self._write_source(run, source)
        self._write_series(number)
        if self._change.pending.rewritten:
            self._connection.execute(
                _forget_chunks,
                [
                    {"of_source": number, "of_number": one, "of_first": first}
                    for one, first in self._change.pending.rewritten.items()
                ],
            )
        rows = self._change.pending.rows()
        while batch := [{"source": number, **row} for row in islice(rows, _ROWS_A_STATEMENT)]:
            self._connection.execute(_add_chunk, batch)
        self._write_files(number, source["changed"])
        changed = {name for kind, name in self._change.pending.changed if kind == "series"}
        if self._change.tracked and self._change.replacing:
            changed |= {name for kind, name in self._change.tracked.series if kind == "series"}
        write_series_fields(self._connection, project, run, changed, new=new_run)
        return number, version

    def _write_run(self, record: Record, merged: Merge, now: float, heard: float) -> tuple[int, int, bool]:
        """Write the run's row, record and fields; the numbers of project and run, and whether the run is new."""
        change = self._change
        lock_run(self._connection, change.project, change.run)
        found = self._connection.execute(
            _find_run, {"project_name": change.project, "run_name": change.run}
        ).one_or_none()
        project, run, trashed, stored = found or (None, None, None, None)
        if trashed is not None:
            raise RunTrashed(
                f"The run {change.project}/{change.run} is in the trash; "
                f"`runjson rm --restore {change.project}/{change.run}` takes it back."
            )
        if callable(merged):
            others = self._connection.execute(_records_of_run, {"of_run": run}) if run is not None else ()
            merged = merged({other: decode_json(text) for other, text in others} | {change.writer: record})
        encoded = encode_json(merged)
        row: Row = {
            "name": storable_or_none(merged.get("name")),
            "group": storable_or_none(merged.get("group")),
            "status": merged.get("status"),
            "started": seconds(merged.get("started_at")),
            "ended": seconds(merged.get("ended_at")),
            "tags": encode_json(merged["tags"]) if merged.get("tags") else None,
            "changed": now,
        }
        counts = self._more()
        if project is not None and run is not None and stored is not None:
            self._connection.execute(_count_run, row | counts | {"of_run": run, "heard_now": heard})
            if encoded != stored:
                self._connection.execute(_change_record, {"of_run": run, "record": encoded})
                write_fields(self._connection, project, run, decode_json(stored), merged)
            return int(project), int(run), False
        if project is None:
            project = add_project(self._connection, change.project, now)
        new = row | {"heard": heard} | {name.removeprefix("more_"): count for name, count in counts.items()}
        run = inserted(self._connection, runs, new | {"project": project, "run": change.run, "created": now})
        self._connection.execute(insert(records), {"run": run, "record": encoded})
        write_fields(self._connection, project, run, {}, merged)
        return int(project), run, True

    def _more(self) -> Row:
        """How many sources, points and series the run has more than before."""
        tracked = self._change.tracked
        return {
            "more_sources": 0 if tracked else 1,
            "more_points": self._change.point_count - (tracked.point_count if tracked else 0),
            "more_series": len(self._change.pending.series) - (len(tracked.series) if tracked else 0),
        }

    def _write_source(self, run: int, source: Row) -> tuple[int, int]:
        """Write the source's row; its number and its version."""
        tracked, now = self._change.tracked, source["changed"]
        if tracked is None:
            new = source | {"run": run, "writer": self._change.writer, "version": 1, "created": now}
            try:
                return inserted(self._connection, sources, new | {"points": self._change.point_count}), 1
            except IntegrityError as error:
                raise SourceChanged(self._told("was made by somebody else")) from error
        changes = source | {"points": self._change.point_count, "version": tracked.version + 1}
        known = {
            "of_source": tracked.id, "of_version": tracked.version, "of_run": run, "of_writer": self._change.writer,
        }  # fmt: skip
        if self._connection.execute(_change_source, changes | known).rowcount != 1:
            raise SourceChanged(self._told("was changed by somebody else"))
        if self._change.replacing:
            for table in (series, chunks, files):
                self._connection.execute(delete(table).where(table.c.source == tracked.id))
        return tracked.id, tracked.version + 1

    def _write_series(self, source: int) -> None:
        known = self._change.tracked.series if self._change.tracked and not self._change.replacing else {}
        new, grown = [], []
        for kind, name in self._change.pending.changed:
            one = self._change.pending.series[kind, name]
            if one.summary is None:
                continue
            row = summary_row(one.summary)
            if (kind, name) in known:
                grown.append(row | {"of_source": source, "of_kind": kind, "of_name": name})
            else:
                new.append(row | {"source": source, "kind": kind, "name": name, "number": one.number})
        if new:
            self._connection.execute(_add_series, new)
        if grown:
            self._connection.execute(_grow_series, grown)

    def _write_files(self, source: int, now: float) -> None:
        if not self._change.files:
            return
        rows = list(self._change.files.values())
        names = ("kind", "name", "position")
        self._connection.execute(
            _forget_file, [{f"of_{name}": row[name] for name in names} | {"of_source": source} for row in rows]
        )
        self._connection.execute(insert(files), [row | {"source": source} for row in rows])
        add_blobs(self._connection, rows, now)

    def _told(self, what: str) -> str:
        change = self._change
        writer = f", writer {change.writer}," if change.writer else ""
        return f"The source of {change.project}/{change.run}{writer} {what} meanwhile."


def add_project(connection: Connection, name: str, created: float) -> int:
    """Make a project, unless there is one of this name; its number."""
    with shared(connection) as apart:
        apart.execute(_add_project, {"name": name, "created": created})
    return int(connection.execute(_project, {"project_name": name}).scalar_one())


def add_blobs(connection: Connection, rows: Iterable[Row], added: float) -> None:
    """Write down the blobs of rows of files, but those that are known."""
    with shared(connection) as apart:
        apart.execute(_add_blob, [{"sha256": row["sha256"], "bytes": row["bytes"], "added": added} for row in rows])


def inserted(connection: Connection, table: Table, row: Row) -> int:
    """Insert one row, and return the number that the database gave it."""
    key = connection.execute(insert(table), row).inserted_primary_key
    assert key is not None
    return int(key[0])
