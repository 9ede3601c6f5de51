"""A tracked source as it was when it was read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from runjson_schema.points import Kind, Points
from sqlalchemy import Connection, Engine, Row, Select, bindparam, case, func, select

from runjson_tracker.chunks import decode_json
from runjson_tracker.pending import Series
from runjson_tracker.points import Bounds, empty, read_range, read_whole
from runjson_tracker.reduce import Reduced, read_reduced, read_reduced_many, reduced
from runjson_tracker.summary import SUMMARY_COLUMNS, Summary
from runjson_tracker.tables import files, projects, records, runs, series, sources
from runjson_tracker.tails import Tails

Record: TypeAlias = dict[str, Any]  # Any: a record's members are any JSON
FileKind: TypeAlias = Literal["images", "artifacts"]

_of_run: Final = (
    select(sources)
    .join(runs, sources.c.run == runs.c.id)
    .join(projects, runs.c.project == projects.c.id)
    .where(projects.c.name == bindparam("of_project"), runs.c.run == bindparam("of_run"))
    .order_by(sources.c.writer)
)
_of_writer: Final = _of_run.where(sources.c.writer == bindparam("of_writer"))
# The run's record stands in the first of its rows alone: it may be large, and the sources many.
_of_run_merged: Final = _of_run.join(records, records.c.run == runs.c.id).add_columns(
    case((func.row_number().over(order_by=sources.c.writer) == 1, records.c.record)).label("merged")
)
_series_of_source: Final = (
    select(
        series.c.source, series.c.kind, series.c.name, series.c.number, *(series.c[name] for name in SUMMARY_COLUMNS)
    )
    .where(series.c.source == bindparam("of_source"))
    .order_by(series.c.source, series.c.kind, series.c.name)
)  # fmt: skip
_series_of_run: Final = (
    select(*_series_of_source.selected_columns)
    .join(sources, series.c.source == sources.c.id)
    .where(sources.c.run == bindparam("of_run"))
    .order_by(series.c.source, series.c.kind, series.c.name)
)
_files_of_source: Final = (
    select(files).where(files.c.source == bindparam("of_source")).order_by(files.c.kind, files.c.name, files.c.position)
)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file whose bytes are in the store's blobs.

    Attributes:
        kind: whether an image point's or an artifact's.
        name: of the image series, or of the artifact.
        index: of the image's point; None for an artifact.
        path: as the record gave it; empty for `data`.
        media_type: as the record gave it.
        sha256: in lower-case hexadecimal.
        bytes: the size.
    """

    kind: FileKind
    name: str
    index: int | None
    path: str
    media_type: str | None
    sha256: str
    bytes: int

    @classmethod
    def of(cls, row: Row[Any]) -> StoredFile:  # Any: columns of several types
        """A row of the table of files."""
        place = row.position if row.kind == "images" else None
        return cls(row.kind, row.name, place, row.path, row.media_type, row.sha256, row.bytes)


class TrackedSource:
    """A snapshot of a source; points and files are read when they are asked for.

    Attributes:
        id: its number in the store.
        writer: "" for none.
        version: how often it was changed; a commit says which version it was made from.
        kind: whether a document or a stream.
        digest: of its canonical form.
        read_bytes: how far a stream was read, and `read_digest` the SHA-256 of that much of it.
        record: its fold without points.
        point_count: how many points it has, of all kinds.
        series: its series by kind and name, and `next_number` the next free number of one.
        changed: when it was last changed, in seconds since 1970.
        tails: the last chunks of its series.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        id: int,  # noqa: A002  it is one
        writer: str,
        version: int,
        kind: Literal["document", "stream"],
        digest: str,
        read_bytes: int | None,
        read_digest: str | None,
        record: Record,
        point_count: int,
        next_number: int,
        changed: float,
        series: dict[tuple[Kind, str], Series],
        tails: Tails | None = None,
    ) -> None:
        self._engine = engine
        self.id = id
        self.writer = writer
        self.version = version
        self.kind: Literal["document", "stream"] = kind
        self.digest = digest
        self.read_bytes = read_bytes
        self.read_digest = read_digest
        self.record = record
        self.point_count = point_count
        self.next_number = next_number
        self.changed = changed
        self.series = series
        self.tails = tails or Tails(engine, id, series)

    @property
    def counts(self) -> dict[tuple[Kind, str], int]:
        """How many points each series has."""
        return {key: one.count for key, one in self.series.items()}

    @cached_property
    def files(self) -> list[StoredFile]:
        """Its files, by kind, name and index."""
        return self.files_from(0, None)

    def files_from(self, start: int, most: int | None) -> list[StoredFile]:
        """So many of its files, behind the first `start` ones."""
        page = _files_of_source.offset(start).limit(most) if start or most is not None else _files_of_source
        with self._engine.connect() as connection:
            return [StoredFile.of(row) for row in connection.execute(page, {"of_source": self.id})]

    def points(self, kind: Kind, name: str, start: int = 0, stop: int | None = None) -> Points:
        """The points of a series from the index `start` to before `stop`; none if there is no such series.

        Raises:
            SourceChanged: the source was replaced after this snapshot was made.
        """
        known = self.series.get((kind, name))
        if known is None:
            return empty(kind)
        end = known.count if stop is None else min(stop, known.count)
        with self._engine.connect() as connection:
            return read_range(connection, self.id, known.number, kind, start, end)

    def many(self, kind: Kind, names: Iterable[str], *, only_values: bool = False) -> dict[str, Points]:
        """The points of many series, by name; names that the source lacks are left out.

        Args:
            kind: of the series.
            names: of the series.
            only_values: whether to leave steps and times unread.

        Raises:
            SourceChanged: the source was replaced after this snapshot was made.
        """
        known = {name: self.series[kind, name] for name in names if (kind, name) in self.series}
        counts = {one.number: one.count for one in known.values()}
        with self._engine.connect() as connection:
            found = read_whole(connection, self.id, kind, counts, only_values=only_values)
        return {name: found[one.number] for name, one in known.items()}

    def ends(self, kind: Kind, names: Iterable[str], most: int) -> dict[str, Points]:
        """The last points of many series, at most `most` of each, by name; names that the source lacks are left out.

        Raises:
            SourceChanged: the source was replaced after this snapshot was made.
        """
        known = {name: self.series[kind, name].count for name in names if (kind, name) in self.series}
        return {name: self.points(kind, name, max(count - most, 0), count) for name, count in known.items()}

    def reduced(
        self, name: str, most: int, *,
        start: int = 0, stop: int | None = None, steps: Bounds | None = None, times: Bounds | None = None,
    ) -> Reduced:  # fmt: skip
        """At most `most` points that show a series of numbers, or a part of it; none if there is no such series.

        Args:
            name: of the series.
            most: of the points, `reduce.LEAST_POINTS` or more.
            start: the index of the first point of the part.
            stop: the index behind its last one; None for all.
            steps: the least and the greatest step of the part's points; a point without a step stands at its index.
            times: the same of times, in seconds since 1970; points without a time are left out.

        Raises:
            SourceChanged: the source was replaced after this snapshot was made.
            ValueError: `most` is too small.
        """
        known = self.series.get(("series", name))
        if known is None:
            return reduced(empty("series"), most)
        with self._engine.connect() as connection:
            return read_reduced(
                connection, self.id, known.number, known.count, most, start=start, stop=stop, steps=steps, times=times
            )

    def part(self, name: str, *, steps: Bounds | None = None, times: Bounds | None = None) -> Reduced:
        """All points of a series of numbers that lie within some steps and times; none if there is no such series.

        Args:
            name: of the series.
            steps: the least and the greatest step of the points; a point without a step stands at its index.
            times: the same of times, in seconds since 1970; points without a time are left out.

        Raises:
            SourceChanged: the source was replaced after this snapshot was made.
        """
        from runjson_tracker.portions import read_part  # noqa: PLC0415  not needed to write

        known = self.series.get(("series", name))
        if known is None:
            return Reduced(empty("series"), np.empty(0, dtype=np.int64), 0)
        return read_part(self._engine, self.id, known.number, known.count, steps=steps, times=times)

    def reduced_many(self, names: Iterable[str], most: int) -> dict[str, Reduced]:
        """At most `most` points that show each of many series of numbers, by name; names it lacks are left out.

        Raises:
            SourceChanged: the source was replaced after this snapshot was made.
            ValueError: `most` is less than `reduce.LEAST_POINTS`.
        """
        known = {name: self.series["series", name] for name in names if ("series", name) in self.series}
        counts = {one.number: one.count for one in known.values()}
        with self._engine.connect() as connection:
            found = read_reduced_many(connection, self.id, counts, most)
        return {name: found[one.number] for name, one in known.items()}


def load_source(engine: Engine, project: str, run: str, writer: str) -> TrackedSource | None:
    """The source of a project, a run and a writer ("" for none), if it is tracked."""
    found = _load(engine, _of_writer, {"of_project": project, "of_run": run, "of_writer": writer})
    return found[0] if found else None


def load_sources(engine: Engine, project: str, run: str) -> list[TrackedSource]:
    """All sources of a run, in the order of their writers, none first."""
    return _load(engine, _of_run, {"of_project": project, "of_run": run})


def load_merged(engine: Engine, project: str, run: str) -> tuple[Record, list[TrackedSource]] | None:
    """What the sources of a run say together, points aside, and these sources; None if there is no such run."""
    with engine.connect() as connection:
        rows = connection.execute(_of_run_merged, {"of_project": project, "of_run": run}).all()
        return (decode_json(rows[0].merged), _tracked(connection, rows)) if rows else None


def load_records(engine: Engine, project: str, run: str) -> dict[str, Record]:
    """The folds without points of all sources of a run, by writer."""
    statement = _of_run.with_only_columns(sources.c.writer, sources.c.record)
    with engine.connect() as connection:
        found = connection.execute(statement, {"of_project": project, "of_run": run})
        return {writer: decode_json(record) for writer, record in found}


def _load(engine: Engine, statement: Select[Any], of: dict[str, str]) -> list[TrackedSource]:
    # One connection, so that the sources and their series are of one state.
    with engine.connect() as connection:
        return _tracked(connection, connection.execute(statement, of).all())


def _tracked(connection: Connection, rows: Sequence[Row[Any]]) -> list[TrackedSource]:  # Any: several types
    """The sources of rows, which are all of one run, with their series."""
    if not rows:
        return []
    found: dict[int, dict[tuple[Kind, str], Series]] = {row.id: {} for row in rows}
    if len(rows) == 1:
        told = connection.execute(_series_of_source, {"of_source": rows[0].id})
    else:
        told = connection.execute(_series_of_run, {"of_run": rows[0].run})
    for source, kind, name, number, *summary in told:
        found[source][kind, name] = Series(number, Summary(*summary))
    return [
        TrackedSource(
            connection.engine,
            id=row.id,
            writer=row.writer,
            version=row.version,
            kind=row.kind,
            digest=row.digest,
            read_bytes=row.read_bytes,
            read_digest=row.read_digest,
            record=decode_json(row.record),
            point_count=row.points,
            next_number=row.next_number,
            changed=row.changed,
            series=found[row.id],
        )
        for row in rows
    ]
