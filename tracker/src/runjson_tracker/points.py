"""Reading points out of chunks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from runjson_schema.points import Kind, Points
from sqlalchemy import Connection, Row, bindparam, false, func, null, or_, select

from runjson_tracker.chunks import CHUNK_POINTS, Chunk, decode
from runjson_tracker.errors import SourceChanged
from runjson_tracker.tables import chunks

# The least and the greatest of the steps, or times, that are asked for.
Bounds: TypeAlias = tuple[float, float]

# So many series or chunks are read by one statement; SQLite allows some thousand parameters.
_AT_ONCE: Final = 500

# A series that grows by small appends has some dozen small chunks at most, since each is joined with what follows.
_MOST_SMALL: Final = 64
# Chunks of texts, images and histograms that have as many bytes as this are full.
_FULL_BYTES: Final = 1 << 16

_same_series: Final = (chunks.c.source == bindparam("of_source")) & (chunks.c.number == bindparam("of_number"))
# The chunk that holds the first point asked for is the last one that begins at it or before.
_chunk_of_start: Final = (
    select(func.max(chunks.c.first)).where(_same_series, chunks.c.first <= bindparam("start")).scalar_subquery()
)
_rows_of_range: Final = (
    select(chunks.c.first)
    .where(_same_series, chunks.c.first < bindparam("stop"), chunks.c.first >= _chunk_of_start)
    .order_by(chunks.c.first)
)
_range_of_series: Final = _rows_of_range.with_only_columns(
    chunks.c.first, chunks.c.count, chunks.c["values"], chunks.c.steps, chunks.c.times
)
_some_chunks: Final = select(chunks.c.first, chunks.c.count, chunks.c["values"], chunks.c.steps, chunks.c.times).where(
    _same_series, chunks.c.first.in_(bindparam("firsts", expanding=True))
)
_whole_series: Final = (
    select(chunks.c.number, chunks.c.count, chunks.c["values"], chunks.c.steps, chunks.c.times)
    .where(chunks.c.source == bindparam("of_source"), chunks.c.number.in_(bindparam("numbers", expanding=True)))
    .order_by(chunks.c.number, chunks.c.first)
)
_whole_values: Final = _whole_series.with_only_columns(
    chunks.c.number, chunks.c.count, chunks.c["values"], null().label("steps"), null().label("times")
)
_end: Final = select(chunks.c.first + chunks.c.count).where(_same_series).order_by(chunks.c.first.desc()).limit(1)
# A point without a step stands at its index. Only chunks that have no steps, or do not rise, can hold such points.
_some_at_index: Final = or_(chunks.c.step_min.is_(None), chunks.c.rising == false())
_touches_steps: Final = (
    or_(chunks.c.step_min <= bindparam("step_high"), _some_at_index & (chunks.c.first <= bindparam("step_high"))),
    or_(
        chunks.c.step_max >= bindparam("step_low"),
        _some_at_index & (chunks.c.first + chunks.c.count - 1 >= bindparam("step_low")),
    ),
)
_touches_times: Final = (chunks.c.time_min <= bindparam("time_high"), chunks.c.time_max >= bindparam("time_low"))
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


def read_rows(
    connection: Connection, source: int, number: int, names: Sequence[str], count: int, *,
    start: int, stop: int, steps: Bounds | None, times: Bounds | None,
) -> list[Row[Any]]:  # fmt: skip  # Any: columns of several types
    """What is known, without decoding them, of the chunks of a series that may hold points of a part of it.

    Args:
        connection: to read by.
        source: the source's number.
        number: the series' number.
        names: of the columns to read.
        count: how many points the series has at least.
        start: the index of the first point of the part.
        stop: the index behind its last one.
        steps: the least and the greatest step of its points; a point without a step stands at its index.
        times: the least and the greatest time of its points.

    Raises:
        SourceChanged: the series was replaced by one that has fewer points.
    """
    if start >= stop:
        return []
    of: dict[str, float] = {"of_source": source, "of_number": number}
    bounds = of | {"start": start, "stop": stop}
    statement = _rows_of_range.with_only_columns(*(chunks.c[name] for name in names))
    if steps is not None:
        statement = statement.where(*_touches_steps)
        bounds |= {"step_low": float(steps[0]), "step_high": float(steps[1])}
    if times is not None:
        statement = statement.where(*_touches_times)
        bounds |= {"time_low": float(times[0]), "time_high": float(times[1])}
    rows = list(connection.execute(statement, bounds))
    # Read last: a series that has all of its points now had them when its rows were read.
    if (connection.execute(_end, of).scalar() or 0) < count:
        raise SourceChanged("The source was replaced while it was read; read it again.")
    return rows


def read_chunks(connection: Connection, source: int, number: int, counts: Mapping[int, int]) -> list[Chunk]:
    """Some chunks of a series.

    Args:
        connection: to read by.
        source: the source's number.
        number: the series' number.
        counts: how many points each chunk has, by the index of its first one.

    Raises:
        SourceChanged: one is not there any more, or is another one.
    """
    firsts = list(counts)
    found: dict[int, Chunk] = {}
    for begin in range(0, len(firsts), _AT_ONCE):
        of = {"of_source": source, "of_number": number, "firsts": firsts[begin : begin + _AT_ONCE]}
        found |= {first: Chunk(*chunk) for first, *chunk in connection.execute(_some_chunks, of)}
    if any(first not in found or found[first].count != count for first, count in counts.items()):
        raise SourceChanged("The source was changed while it was read; read it again.")
    return [found[first] for first in firsts]


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
    for begin in range(0, len(numbers), _AT_ONCE):
        batch = numbers[begin : begin + _AT_ONCE]
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
