"""Reading points out of chunks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from runjson_schema.points import Kind, Points
from sqlalchemy import Connection, bindparam, func, null, select

from runjson_tracker.chunks import CHUNK_POINTS, Chunk, decode
from runjson_tracker.errors import SourceChanged
from runjson_tracker.tables import chunks

# So many series are read by one statement; SQLite allows some thousand parameters.
_SERIES_A_STATEMENT: Final = 500

# A series that grows by small appends has some dozen small chunks at most, since each is joined with what follows.
_MOST_SMALL: Final = 64
# Chunks of texts, images and histograms that have as many bytes as this are full.
_FULL_BYTES: Final = 1 << 16

_same_series: Final = (chunks.c.source == bindparam("of_source")) & (chunks.c.number == bindparam("of_number"))
# The chunk that holds the first point asked for is the last one that begins at it or before.
_chunk_of_start: Final = (
    select(func.max(chunks.c.first)).where(_same_series, chunks.c.first <= bindparam("start")).scalar_subquery()
)
_range_of_series: Final = (
    select(chunks.c.first, chunks.c.count, chunks.c["values"], chunks.c.steps, chunks.c.times)
    .where(_same_series, chunks.c.first < bindparam("stop"), chunks.c.first >= _chunk_of_start)
    .order_by(chunks.c.first)
)
_whole_series: Final = (
    select(chunks.c.number, chunks.c.count, chunks.c["values"], chunks.c.steps, chunks.c.times)
    .where(chunks.c.source == bindparam("of_source"), chunks.c.number.in_(bindparam("numbers", expanding=True)))
    .order_by(chunks.c.number, chunks.c.first)
)
_whole_values: Final = _whole_series.with_only_columns(
    chunks.c.number, chunks.c.count, chunks.c["values"], null().label("steps"), null().label("times")
)


_last_chunks: Final = (
    select(chunks.c.first, chunks.c.count, func.length(chunks.c["values"]))
    .where(_same_series)
    .order_by(chunks.c.first.desc())
    .limit(_MOST_SMALL)
)


def small_counts(connection: Connection, source: int, number: int, kind: Kind, count: int) -> tuple[int, ...]:
    """How many points the last chunks of a series have that are not full, the last one's first.

    Raises:
        SourceChanged: the series has not the count of points that it had.
    """
    found: list[int] = []
    for first, points, size in connection.execute(_last_chunks, {"of_source": source, "of_number": number}):
        if not found and first + points != count:
            raise SourceChanged("The source grew while it was read; read it again.")
        if points >= CHUNK_POINTS or (kind != "series" and size >= _FULL_BYTES):
            break
        found.append(points)
    return tuple(found)


def empty(kind: Kind) -> Points:
    """No points."""
    return Points(np.empty(0) if kind == "series" else [])


def read_range(connection: Connection, source: int, number: int, kind: Kind, start: int, stop: int) -> Points:
    """The points of a series from the index `start` to before `stop`, all of which it has.

    Raises:
        SourceChanged: the series was replaced by one that has not all of them.
    """
    if start >= stop:
        return empty(kind)
    bounds = {"of_source": source, "of_number": number, "start": start, "stop": stop}
    rows = connection.execute(_range_of_series, bounds).all()
    points = decode(kind, [Chunk(*row[1:]) for row in rows])
    first = rows[0].first if rows else start
    return _complete(points[start - first : stop - first], stop - start)


def read_whole(
    connection: Connection, source: int, kind: Kind, counts: Mapping[int, int], *, only_values: bool = False
) -> dict[int, Points]:
    """The points of many series of one source and one kind, read with few statements.

    Args:
        connection: to read by.
        source: the source's number.
        kind: of all of the series.
        counts: how many points to read of each series, from its beginning, by its number.
        only_values: whether to leave steps and times where they are.

    Raises:
        SourceChanged: a series was replaced by one that has fewer points.
    """
    statement = _whole_values if only_values else _whole_series
    numbers = sorted(counts)
    found: dict[int, Points] = {}
    for begin in range(0, len(numbers), _SERIES_A_STATEMENT):
        batch = numbers[begin : begin + _SERIES_A_STATEMENT]
        parts: dict[int, list[Chunk]] = {number: [] for number in batch}
        for number, *chunk in connection.execute(statement, {"of_source": source, "numbers": batch}):
            parts[number].append(Chunk(*chunk))
        for number, encoded in parts.items():
            found[number] = _complete(decode(kind, encoded)[: counts[number]], counts[number])
    return found


def _complete(points: Points, count: int) -> Points:
    if len(points) != count:
        raise SourceChanged("The source was replaced while it was read; read it again.")
    return points
