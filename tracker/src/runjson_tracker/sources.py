"""A tracked source as it was when it was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

from runjson_schema.points import Kind, Points
from sqlalchemy import Engine, Select, bindparam, select

from runjson_tracker.chunks import decode_json
from runjson_tracker.pending import Series, Tail
from runjson_tracker.points import Bounds, empty, read_range, read_whole, small_counts
from runjson_tracker.reduce import Reduced, read_reduced, read_reduced_many, reduced
from runjson_tracker.summary import SUMMARY_COLUMNS, Summary
from runjson_tracker.tables import files, projects, runs, series, sources

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
_series_of_source: Final = (
    select(series.c.kind, series.c.name, series.c.number, *(series.c[name] for name in SUMMARY_COLUMNS))
    .where(series.c.source == bindparam("of_source"))
    .order_by(series.c.kind, series.c.name)
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

    @property
    def counts(self) -> dict[tuple[Kind, str], int]:
        """How many points each series has."""
        return {key: one.count for key, one in self.series.items()}

    @cached_property
    def files(self) -> list[StoredFile]:
        """Its files, by kind, name and index."""
        with self._engine.connect() as connection:
            return [
                StoredFile(
                    row.kind,
                    row.name,
                    row.position if row.kind == "images" else None,
                    row.path,
                    row.media_type,
                    row.sha256,
                    row.bytes,
                )
                for row in connection.execute(_files_of_source, {"of_source": self.id})
            ]

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

    def tail(self, kind: Kind, name: str) -> Tail:
        """The last chunks of a series that are not full.

        Raises:
            SourceChanged: the source was changed after this snapshot was made.
        """
        known = self.series[kind, name]
        with self._engine.connect() as connection:
            counts = small_counts(connection, self.id, known.number, kind, known.count)
        return Tail(counts, lambda start: self.points(kind, name, start))

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
    return next(_load(engine, _of_writer, {"of_project": project, "of_run": run, "of_writer": writer}), None)


def load_sources(engine: Engine, project: str, run: str) -> list[TrackedSource]:
    """All sources of a run, in the order of their writers, none first."""
    return list(_load(engine, _of_run, {"of_project": project, "of_run": run}))


def load_records(engine: Engine, project: str, run: str) -> dict[str, Record]:
    """The folds without points of all sources of a run, by writer."""
    statement = _of_run.with_only_columns(sources.c.writer, sources.c.record)
    with engine.connect() as connection:
        found = connection.execute(statement, {"of_project": project, "of_run": run})
        return {writer: decode_json(record) for writer, record in found}


def _load(engine: Engine, statement: Select[Any], of: dict[str, str]) -> Iterator[TrackedSource]:
    # One connection, so that the sources and their series are of one state.
    with engine.connect() as connection:
        for row in connection.execute(statement, of).all():
            yield TrackedSource(
                engine,
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
                series={
                    (kind, name): Series(number, Summary(*summary))
                    for kind, name, number, *summary in connection.execute(_series_of_source, {"of_source": row.id})
                },
            )
