"""What `runjson store check` verifies: every digest, count, chunk and summary against what it was made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from runjson_schema.sources import Disagreement, merged
from runjson_schema.wording import counted
from sqlalchemy import Connection, Engine, Row, RowMapping, func, select
from sqlalchemy.exc import DBAPIError

from runjson_tracker.blobs import Blob, Blobs, digest_and_size, digest_of
from runjson_tracker.chunks import Chunk, decode, decode_json
from runjson_tracker.database import reason
from runjson_tracker.exports.canonical import canonical_source
from runjson_tracker.fields import FieldValue, fields_of, series_told
from runjson_tracker.sources import TrackedSource, load_sources
from runjson_tracker.sqlite import damage
from runjson_tracker.summary import Summary, marks, marks_row, summarise, summary_row
from runjson_tracker.tables import (
    blobs,
    chunks,
    field_series,
    field_values,
    fields,
    files,
    projects,
    records,
    runs,
    series,
    sources,
)

# Of each point added to a sum, as a share of the largest.
_ROUNDING: Final = 1e-12


@dataclass(slots=True)
class Checked:
    """What was looked at, and what is wrong.

    Attributes:
        runs: how many runs there are, with `points`, `chunks` and `files`.
        problems: a sentence each; empty if all is well.
    """

    runs: int = 0
    points: int = 0
    chunks: int = 0
    files: int = 0
    problems: list[str] = field(default_factory=list)


def check(engine: Engine, stored: Blobs) -> Checked:
    """Verify all that a store holds, run by run, in bounded memory.

    A run that changes meanwhile is looked at as it was at one moment.
    """
    checked = Checked()
    try:
        with engine.connect() as connection:
            checked.problems += damage(connection)
        if not checked.problems:  # what is read of a damaged database says nothing more
            _check_all(engine, stored, checked)
    except DBAPIError as error:
        checked.problems.append(f"the database can not be read: {reason(error)}")
    return checked


def _check_all(engine: Engine, stored: Blobs, checked: Checked) -> None:
    with engine.connect() as connection:
        named = select(runs.c.id, projects.c.name, runs.c.run).join(projects, runs.c.project == projects.c.id)
        all_runs = connection.execute(named.order_by(runs.c.id)).all()
    for number, project, run in all_runs:
        with engine.connect() as connection:
            for problem in _run(connection, number, checked):
                checked.problems.append(f"{project}/{run}: {problem}")
        for source in load_sources(engine, project, run):
            checked.problems += [f"{project}/{run}: {problem}" for problem in _digest(source)]
    checked.problems += _blobs(engine, stored, checked)


def _run(connection: Connection, run: int, checked: Checked) -> Iterator[str]:
    row = connection.execute(
        select(runs, records.c.record.label("said"))
        .outerjoin(records, records.c.run == runs.c.id)
        .where(runs.c.id == run)
    ).one_or_none()
    if row is None:
        return  # removed meanwhile
    checked.runs += 1
    if row.said is None:
        yield "has no record"
        return
    record = decode_json(row.said)
    said: dict[str, Any] = {}
    counts = [0, 0, 0]
    for source in connection.execute(select(sources).where(sources.c.run == run).order_by(sources.c.writer)).all():
        said[source.writer] = decode_json(source.record)
        counts = [counts[0] + 1, counts[1] + source.points, counts[2] + source.series]
        writer = f"writer {source.writer}, " if source.writer else ""
        for problem in _source(connection, source, checked):
            yield writer + problem
    if counts != [row.sources, row.points, row.series]:
        told = f"{counted(row.sources, 'source')}, {counted(row.points, 'point')}, {row.series:,} series"
        yield f"counts {told}, and has {counts}"
    try:
        if said and merged(said) != record:
            yield "its record is not what its sources say together"
    except Disagreement as disagreement:
        yield f"its sources disagree: {disagreement}"
    yield from _fields(connection, run, record)


def _source(connection: Connection, source: Row[Any], checked: Checked) -> Iterator[str]:
    points = 0
    rows = connection.execute(select(series).where(series.c.source == source.id)).all()
    for one in rows:
        points += one._mapping["count"]
        for problem in _series(connection, one, checked):
            yield f'{one.kind} "{one.name}": {problem}'
    if (points, len(rows)) != (source.points, source.series):
        yield f"counts {counted(source.points, 'point')} in {source.series:,} series, and has {points:,} in {len(rows)}"
    numbers = {one.number for one in rows}
    found = set(connection.execute(select(chunks.c.number).where(chunks.c.source == source.id).distinct()).scalars())
    if lost := found - numbers:
        yield f"{len(lost):,} series {'has' if len(lost) == 1 else 'have'} chunks and no name"


def _series(connection: Connection, one: Row[Any], checked: Checked) -> Iterator[str]:
    """The chunks of a series, one by one."""
    of_series = (chunks.c.source == one.source) & (chunks.c.number == one.number)
    whole: Summary | None = None
    first = 0
    for cells in connection.execute(select(chunks).where(of_series).order_by(chunks.c.first)).yield_per(16).mappings():
        checked.chunks += 1
        begin, count = cells["first"], cells["count"]
        place = f"the chunk at point {begin:,}"
        if begin != first:
            yield f"{place} should begin at {first:,}"
        first = begin + count
        chunk = Chunk(count, cells["values"], cells["steps"], cells["times"])
        if chunk.checksum != cells["checksum"]:
            yield f"{place} has other bytes than were written"
            continue
        try:
            points = decode(one.kind, [chunk])
        except Exception as fault:
            yield f"{place} cannot be read: {fault}"
            continue
        if len(points) != count:
            yield f"{place} counts {counted(count, 'point')} and has {len(points):,}"
            continue
        summary = summarise(points, begin)
        if not _same(summary_row(summary) | marks_row(marks(points, begin, summary)), cells):
            yield f"{place} is not as its summary says"
        whole = summary if whole is None else whole.then(summary)
    checked.points += first
    if whole is None or not _same(summary_row(whole), one._mapping):
        yield "its summary is not that of its chunks"


def _same(expected: Mapping[str, Any], found: RowMapping) -> bool:
    """Whether two summaries are the same; sums may differ by their rounding, as points were added in other portions."""
    for name, value in expected.items():
        if value == found[name]:
            continue
        if name != "total" or value is None or found[name] is None:
            return False
        largest = max(abs(expected["minimum"] or 0.0), abs(expected["maximum"] or 0.0))
        if not abs(value - found[name]) <= _ROUNDING * expected["count"] * largest:
            return False
    return True


def _fields(connection: Connection, run: int, record: Mapping[str, Any]) -> Iterator[str]:
    statement = (
        select(fields.c.kind, fields.c.name, field_values.c.type, field_values.c.number, field_values.c.text)
        .join(field_values, field_values.c.field == fields.c.id)
        .where(
            field_values.c.run == run,
            fields.c.project == select(runs.c.project).where(runs.c.id == run).scalar_subquery(),
        )
    )
    found = {(row.kind, row.name): FieldValue(row.type, row.number, row.text) for row in connection.execute(statement)}
    if found != fields_of(record):
        yield "its fields are not those of its record"
    told = (
        select(fields.c.name, field_series)
        .join(field_series, field_series.c.field == fields.c.id)
        .where(field_series.c.run == run)
    )
    rows = {row.name: row._mapping for row in connection.execute(told)}
    expected = dict(series_told(connection, run))
    if rows.keys() != expected.keys() or not all(
        rows[name][column] == value for name, row in expected.items() for column, value in row.items()
    ):
        yield "what is told of its series is not what these say"


def _digest(source: TrackedSource) -> Iterator[str]:
    """A document without an id is known by its digest."""
    if source.digest and digest_of(canonical_source(source)) != source.digest:
        yield "its digest is not that of what is stored"


def _blobs(engine: Engine, stored: Blobs, checked: Checked) -> Iterator[str]:
    with engine.connect() as connection:
        known = {row.sha256: row.bytes for row in connection.execute(select(blobs))}
        needed = connection.execute(
            select(files.c.sha256, files.c.bytes, files.c.name, func.count()).group_by(
                files.c.sha256, files.c.bytes, files.c.name
            )
        ).all()
    for sha256, size, name, count in needed:
        checked.files += count
        if known.get(sha256) != size:
            yield f'the file "{name}" ({sha256[:12]}, {size} bytes) is not among the blobs'
    for sha256, size in known.items():
        try:
            found = digest_and_size(Blob(sha256, size, stored))
        except FileNotFoundError:
            yield f"the blob {sha256} is missing"
            continue
        except OSError as error:
            yield f"the blob {sha256} can not be read: {error.strerror or error}"
            continue
        if found != (sha256, size):
            yield f"the blob {sha256} has other bytes than were stored"
