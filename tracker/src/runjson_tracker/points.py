"""Reading points out of chunks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from runjson_schema.points import Kind, Points
from sqlalchemy import BindParameter, Connection, Double, Row, bindparam, false, func, null, or_, select

from runjson_tracker.chunks import CHUNK_POINTS, Chunk, decode
from runjson_tracker.errors import SourceChanged
from runjson_tracker.tables import chunks

# The least and the greatest of the steps, or times, that are asked for.
Bounds: TypeAlias = tuple[float, float]

# So many series or chunks are read by one statement; SQLite allows some thousand parameters.
_AT_ONCE: Final = 500

# A series that grows by small appends has some dozen small chunks at most, since each is joined with what follows.
MOST_SMALL: Final = 64
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
_values_of_range: Final = _rows_of_range.with_only_columns(
    chunks.c.first, chunks.c.count, chunks.c["values"], null().label("steps"), null().label("times")
)
_chunk_of_index: Final = (
    select(chunks.c.first, chunks.c.count, chunks.c["values"])
    .where(_same_series, chunks.c.first <= bindparam("index"))
    .order_by(chunks.c.first.desc())
    .limit(1)
)
_some_chunks: Final = select(chunks.c.first, chunks.c.count, chunks.c["values"], chunks.c.steps, chunks.c.times).where(
    _same_series, chunks.c.first.in_(bindparam("firsts", expanding=True))
)
_whole_series: Final = (
    select(chunks.c.source, chunks.c.number, chunks.c.count, chunks.c["values"], chunks.c.steps, chunks.c.times)
    .where(
        chunks.c.source.in_(bindparam("of_sources", expanding=True)),
        chunks.c.number.in_(bindparam("numbers", expanding=True)),
    )
    .order_by(chunks.c.source, chunks.c.number, chunks.c.first)
)
_whole_values: Final = _whole_series.with_only_columns(
    chunks.c.source, chunks.c.number, chunks.c.count, chunks.c["values"], null().label("steps"), null().label("times")
)
_end: Final = select(chunks.c.first + chunks.c.count).where(_same_series).order_by(chunks.c.first.desc()).limit(1)
# A point without a step stands at its index. Only chunks that have no steps, or do not rise, can hold such points.
_some_at_index: Final = or_(chunks.c.step_min.is_(None), chunks.c.rising == false())
# Bounds are doubles, infinities too, also where they are compared with an index.
_step_low: Final[BindParameter[float]] = bindparam("step_low", type_=Double())
_step_high: Final[BindParameter[float]] = bindparam("step_high", type_=Double())
_touches_steps: Final = (
    or_(chunks.c.step_min <= _step_high, _some_at_index & (chunks.c.first <= _step_high)),
    or_(
        chunks.c.step_max >= _step_low,
        _some_at_index & (chunks.c.first + chunks.c.count - 1 >= _step_low),
    ),
)
_touches_times: Final = (chunks.c.time_min <= bindparam("time_high"), chunks.c.time_max >= bindparam("time_low"))
_last_chunks: Final = (
    select(chunks.c.number, chunks.c.first, chunks.c.count, func.length(chunks.c["values"]))
    .where(
        chunks.c.source == bindparam("of_source"),
        chunks.c.number.in_(bindparam("numbers", expanding=True)),
        chunks.c.first >= bindparam("start"),
    )
    .order_by(chunks.c.number, chunks.c.first.desc())
)
_named_chunks: Final = (
    select(
        chunks.c.number, chunks.c.first, chunks.c.count, chunks.c["values"], chunks.c.steps, chunks.c.times
    )
    .where(
        chunks.c.source == bindparam("of_source"),
chunks.c.number.in_(bindparam("numbers", expanding=True)),
        chunks.c.first.in_(bindparam("firsts", expanding=True)),
    )
    .order_by(chunks.c.number, chunks.c.first)
)  # fmt: skip


def is_full(kind: Kind, points: int, size: int) -> bool:
    """Whether a chunk of so many points is not to be joined with others; `size` is the bytes of its encoded values."""
    return points >= CHUNK_POINTS or (kind != "series" and size >= _FULL_BYTES)


def small_counts(
    connection: Connection, source: int, numbers: Mapping[int, Kind], start: int
) -> dict[int, tuple[int, tuple[int, ...]]]:
    """The last chunks of series that are not full.

    Args:
        connection: to read by.
        source: the source's number.
        numbers: of the series, and their kinds.
        start: only chunks are looked at that begin at this index or later.

    Returns:
        By number, how many points the series has, and how many its last chunks have that are not full, the last one's
        first.
    """
    found: dict[int, list[int]] = {}
    ends: dict[int, int] = {}
    closed: set[int] = set()
    of = {"of_source": source, "numbers": list(numbers), "start": start}
    for number, first, points, size in connection.execute(_last_chunks, of):
        ends.setdefault(number, first + points)
        counts = found.setdefault(number, [])
        if number in closed or len(counts) == MOST_SMALL or is_full(numbers[number], points, size):
            closed.add(number)
        else:
            counts.append(points)
    return {number: (ends[number], tuple(counts)) for number, counts in found.items()}


def read_ends(
    connection: Connection, source: int, kind: Kind, wanted: Mapping[int, Mapping[int, int]]
) -> dict[int, Points]:
    """The points of the last chunks of series.

    Args:
        connection: to read by.
        source: the source's number.
        kind: of the series.
        wanted: by a series' number, how many points each chunk has, by the index of its first one, in their order.

    Raises:
        SourceChanged: one of the chunks is not there any more, or is another one.
    """
    # Series that grow together have chunks that begin at the same points: few are read that nobody asked for.
    firsts = {first for of_series in wanted.values() for first in of_series}
    of = {"of_source": source, "numbers": sorted(wanted), "firsts": sorted(firsts)}
    parts: dict[int, dict[int, Chunk]] = {number: {} for number in wanted}
    for number, first, *chunk in connection.execute(_named_chunks, of):
        if first in wanted[number]:
            parts[number][first] = Chunk(*chunk)
    for number, counts in wanted.items():
        if {first: one.count for first, one in parts[number].items()} != dict(counts):
            raise SourceChanged("The source was changed while it was read; read it again.")
    return {number: decode(kind, [parts[number][first] for first in counts]) for number, counts in wanted.items()}


def empty(kind: Kind) -> Points:
    """No points."""
    return Points(np.empty(0) if kind == "series" else [])


def read_range(
    connection: Connection, source: int, number: int, kind: Kind, start: int, stop: int, *, only_values: bool = False
) -> Points:
    """The points of a series from the index `start` to before `stop`, all of which it has.

    `only_values` leaves steps and times where they are.

    Raises:
        SourceChanged: the series was replaced by one that has not all of them.
    """
    if start >= stop:
        return empty(kind)
    bounds = {"of_source": source, "of_number": number, "start": start, "stop": stop}
    rows = connection.execute(_values_of_range if only_values else _range_of_series, bounds).all()
    points = decode(kind, [Chunk(*row[1:]) for row in rows])
    first = rows[0].first if rows else start
    return _complete(points[start - first : stop - first], stop - start)


def read_values_at(connection: Connection, source: int, number: int, index: int) -> tuple[int, int, bytes]:
    """The index of the first point of the chunk that holds a point, how many it has, and its encoded values.

    Raises:
        SourceChanged: the series was replaced by one that has not so many.
    """
    row = connection.execute(_chunk_of_index, {"of_source": source, "of_number": number, "index": index}).one_or_none()
    first, count, values = row or (0, 0, b"")
    if first + count <= index:
        raise SourceChanged("The source was replaced while it was read; read it again.")
    return first, count, values


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
    """The points of many series of one source and one kind, read with few statements; see `read_whole_of`."""
    found = read_whole_of(connection, kind, {source: counts}, only_values=only_values)
    return {number: points for _, number, points in found}


def read_whole_of(
    connection: Connection, kind: Kind, wanted: Mapping[int, Mapping[int, int]], *, only_values: bool = False
) -> Iterator[tuple[int, int, Points]]:
    """The points of series of many sources, all of one kind, read with few statements.

    Args:
        connection: to read by.
        kind: of all of the series.
        wanted: by the number of the source, how many points to read of each series, from its beginning, by its number.
        only_values: whether to leave steps and times where they are.

    Returns:
        The numbers of a source and of a series, and its points; these are decoded as they are asked for.

    Raises:
        SourceChanged: a series was replaced by one that has fewer points.
    """
    statement = _whole_values if only_values else _whole_series
    parts: dict[tuple[int, int], list[Chunk]] = {
        (source, number): [] for source, counts in wanted.items() for number in counts
    }
    for numbers, of_sources in _alike(wanted):
        for begin in range(0, len(numbers), _AT_ONCE):
            asked = {"of_sources": of_sources, "numbers": numbers[begin : begin + _AT_ONCE]}
            for source, number, *chunk in connection.execute(statement, asked):
                parts[source, number].append(Chunk(*chunk))
    for (source, number), encoded in parts.items():
        count = wanted[source][number]
        yield source, number, _complete(decode(kind, encoded)[:count], count)


def _alike(wanted: Mapping[int, Mapping[int, int]]) -> Iterator[tuple[list[int], list[int]]]:
    """Sources of which series of the same numbers are wanted, as those of one program are: one statement has them."""
    alike: dict[tuple[int, ...], list[int]] = {}
    for source, counts in wanted.items():
        alike.setdefault(tuple(sorted(counts)), []).append(source)
    for numbers, of_sources in alike.items():
        for begin in range(0, len(of_sources), _AT_ONCE):
            yield list(numbers), of_sources[begin : begin + _AT_ONCE]


def _complete(points: Points, count: int) -> Points:
    if len(points) != count:
        raise SourceChanged("The source was replaced while it was read; read it again.")
    return points
