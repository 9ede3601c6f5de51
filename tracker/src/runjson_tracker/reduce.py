"""Series of numbers with fewer points, for pictures: no spike is hidden, and what is not finite stays as a mark.

A series, or a part of it, is cut into stretches of consecutive points. Of each stretch its least and its greatest
finite value are kept, and the first point that is NaN or an infinity; of all, the first and the last point. Of stored
series with many chunks the rows of the chunks tell these points, so that hardly any is decoded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from runjson_schema.points import Floats, Points
from sqlalchemy import Connection

from runjson_tracker.chunks import CHUNK_POINTS, Chunk, decode
from runjson_tracker.points import Bounds, empty, read_chunks, read_rows, read_whole_of

Indices: TypeAlias = NDArray[np.int64]
_Mask: TypeAlias = NDArray[np.bool_]

# The first and the last point, and of one stretch the least, the greatest and the first that is not finite.
LEAST_POINTS: Final = 5
# So many points at most are decoded at once: 100 MB with steps and times, and 60 ms.
_DECODED_POINTS: Final = 1024 * CHUNK_POINTS

# What the rows of chunks tell: one column each of a table of doubles, in which an index is exact up to 2^53.
_TOLD: Final = (
    "first", "count", "nonfinite", "step_min", "step_max", "time_min", "time_max", "rising",
    "argmin", "argmin_step", "argmin_time", "minimum",
    "argmax", "argmax_step", "argmax_time", "maximum",
    "odd", "odd_step", "odd_time", "odd_value",
)  # fmt: skip
_AT: Final = {name: place for place, name in enumerate(_TOLD)}
# The columns of a point: index, step, time, value.
_MINIMUM: Final = slice(_AT["argmin"], _AT["minimum"] + 1)
_MAXIMUM: Final = slice(_AT["argmax"], _AT["maximum"] + 1)
_ODD: Final = slice(_AT["odd"], _AT["odd_value"] + 1)


@dataclass(frozen=True, slots=True)
class Reduced:
    """Some points of a series, which show all of them.

    Attributes:
        points: shape (n,), in the order in which they were written.
        indices: shape (n,), ascending: their indices in the series.
        count: how many points they stand for. In a part by times, points without a time count where they lie in a chunk
            of others that are all in the part.
    """

    points: Points
    indices: Indices
    count: int


def reduced(points: Points, most: int) -> Reduced:
    """At most `most` of the points of a series of numbers.

    These are all if there are no more. Else they are the first, the last, and of each of some stretches of equal length
    the least and the greatest finite value, each where it occurs first, and the first that is NaN or an infinity.

    Raises:
        ValueError: `most` is less than `LEAST_POINTS`.
    """
    values = np.asarray(points.values, dtype=np.float64)
    count = len(values)
    finite = np.isfinite(values)
    odd = np.flatnonzero(~finite)
    number = _stretches(most, len(odd))
    if count <= most:
        return Reduced(_picked(points, slice(None)), np.arange(count), count)
    size = -(-count // number)
    low = np.where(finite, values, np.inf) if len(odd) else values
    high = np.where(finite, values, -np.inf) if len(odd) else values
    extremes = np.concatenate((_places(low, size, np.argmin), _places(high, size, np.argmax)))
    marked = odd[_heads(odd // size)]
    # Where a stretch has no finite value, its extremes are its first point, which is marked.
    indices = np.unique(np.concatenate(([0, count - 1], extremes, marked)))
    return Reduced(_picked(points, indices), indices, count)


def read_reduced(
    connection: Connection, source: int, number: int, count: int, most: int, *,
    start: int = 0, stop: int | None = None, steps: Bounds | None = None, times: Bounds | None = None,
) -> Reduced:  # fmt: skip
    """At most `most` points of a stored series of numbers, or of a part of it.

    Where there are no more points than chunks fit into the stretches, they are decoded and reduced; stretches are whole
    chunks else, and only chunks at the edges of the part are decoded.

    Args:
        connection: to read by, in a transaction.
        source: the source's number.
        number: the series' number.
        count: how many points it had when the source was read; what it got since is left out.
        most: of the points.
        start: the index of the first point of the part.
        stop: the index behind its last one; None for all.
        steps: the least and the greatest step of the part's points, in whatever order these are. A point without a step
            stands at its index.
        times: the same of times, in seconds since 1970; points without a time are left out.

    Raises:
        SourceChanged: the series was replaced by one that has fewer points.
        ValueError: `most` is less than `LEAST_POINTS`.
    """
    part = _Part(max(start, 0), count if stop is None else min(stop, count), steps, times)
    _stretches(most, 0)
    series = _Stored(connection, source, number)
    table = series.rows(part, count)
    if table[:, _AT["count"]].sum() <= _decodable(most):
        return _decoded(series, table, part, most)
    return _told(series, table, part, most)


def read_reduced_many(connection: Connection, source: int, counts: Mapping[int, int], most: int) -> dict[int, Reduced]:
    """At most `most` points each of many series of numbers of one source; see `read_reduced_of`."""
    return {number: found for _, number, found in read_reduced_of(connection, {source: counts}, most)}


def read_reduced_of(
    connection: Connection, wanted: Mapping[int, Mapping[int, int]], most: int
) -> Iterator[tuple[int, int, Reduced]]:
    """At most `most` points each of series of numbers of many sources, read with few statements.

    Args:
        connection: to read by, in a transaction.
        wanted: by the number of the source, how many points each series had when the source was read, by its number.
        most: of the points of each.

    Returns:
        The numbers of a source and of a series, and its points, in the order in which they were read.

    Raises:
        SourceChanged: a series was replaced by one that has fewer points.
        ValueError: `most` is less than `LEAST_POINTS`.
    """
    _stretches(most, 0)
    batch: dict[int, dict[int, int]] = {}
    gathered = 0
    for source, counts in wanted.items():
        for number, count in counts.items():
            if count > _decodable(most):
                yield source, number, read_reduced(connection, source, number, count, most)
                continue
            if gathered + count > _DECODED_POINTS:
                yield from _read_batch(connection, batch, most)
                batch, gathered = {}, 0
            batch.setdefault(source, {})[number] = count
            gathered += count
    yield from _read_batch(connection, batch, most)


def _read_batch(
    connection: Connection, batch: Mapping[int, Mapping[int, int]], most: int
) -> Iterator[tuple[int, int, Reduced]]:
    for source, number, points in read_whole_of(connection, "series", batch):
        yield source, number, reduced(points, most)


@dataclass(frozen=True, slots=True)
class _Part:
    """Which points of a series are asked for."""

    start: int
    stop: int
    steps: Bounds | None
    times: Bounds | None

    def holds(self, points: Points, indices: Indices) -> _Mask:
        """Which of some points are in it."""
        inside: _Mask = (indices >= self.start) & (indices < self.stop)
        if self.steps is not None:
            inside &= _between(positions(points, indices), self.steps)
        if self.times is not None:
            inside &= False if points.times is None else _between(points.times, self.times)
        return inside

    def holds_all(self, table: Floats) -> _Mask:
        """Which chunks are in it as a whole, as their rows tell."""
        column = dict(zip(_TOLD, table.T, strict=True))
        first, last = column["first"], column["first"] + column["count"] - 1
        inside: _Mask = (first >= self.start) & (last < self.stop)
        if self.steps is not None:
            some_at_index = (column["rising"] == 0) | np.isnan(column["step_min"])
            low = np.where(some_at_index, np.fmin(column["step_min"], first), column["step_min"])
            high = np.where(some_at_index, np.fmax(column["step_max"], last), column["step_max"])
            inside &= (low >= self.steps[0]) & (high <= self.steps[1])
        if self.times is not None:
            inside &= (column["time_min"] >= self.times[0]) & (column["time_max"] <= self.times[1])
            # An extreme without a time is not in the part, and hides one that is.
            for place, when in (("argmin", "argmin_time"), ("argmax", "argmax_time"), ("odd", "odd_time")):
                inside &= np.isnan(column[place]) | ~np.isnan(column[when])
        return inside


@dataclass(frozen=True, slots=True)
class _Stored:
    """A series in the store."""

    connection: Connection
    source: int
    number: int

    def rows(self, part: _Part, count: int) -> Floats:
        """What the rows of all chunks tell that may hold points of a part, shape (chunks, len(_TOLD))."""
        rows = read_rows(
            self.connection, self.source, self.number, _TOLD, count,
            start=part.start, stop=part.stop, steps=part.steps, times=part.times,
        )  # fmt: skip
        # Of SQLAlchemy's rows numpy makes an array in five times the time.
        return np.array([tuple(row) for row in rows], dtype=np.float64).reshape(len(rows), len(_TOLD))

    def chunks(self, table: Floats) -> list[Chunk]:
        """The chunks of some rows."""
        firsts, counts = (table[:, _AT[name]].astype(np.int64).tolist() for name in ("first", "count"))
        return read_chunks(self.connection, self.source, self.number, dict(zip(firsts, counts, strict=True)))


def _decoded(series: _Stored, table: Floats, part: _Part, most: int) -> Reduced:
    """A part of a series, by decoding all chunks that may hold points of it."""
    if not len(table):
        return Reduced(empty("series"), np.empty(0, dtype=np.int64), 0)
    points = decode("series", series.chunks(table))
    counts = table[:, _AT["count"]].astype(np.int64)
    begins = table[:, _AT["first"]].astype(np.int64) - np.cumsum(counts) + counts
    indices = np.repeat(begins, counts) + np.arange(len(points))
    return _within(points, indices, part, most)


def _told(series: _Stored, table: Floats, part: _Part, most: int) -> Reduced:
    """A part of a series, by what the rows of its chunks tell; chunks that are in it partly are decoded."""
    whole = part.holds_all(table)
    counts = table[:, _AT["count"]].astype(np.int64)
    found = [_Placed.of_rows(table, np.flatnonzero(whole))]
    for row, shown in _shown(series, table, part, np.flatnonzero(~whole)):
        counts[row] = shown.count
        found.append(_Placed.of_chunk(row, shown))
    filled = np.flatnonzero(counts)
    if not len(filled):
        return Reduced(empty("series"), np.empty(0, dtype=np.int64), 0)
    # No row tells the first and the last point.
    found += [_Placed.of_chunk(*one) for one in _shown(series, table, part, np.unique(filled[[0, -1]]))]
    placed = _Placed(np.concatenate([one.points for one in found]), np.concatenate([one.rows for one in found]))
    order = np.argsort(placed.points[:, 0], kind="stable")
    points, rows = placed.points[order], placed.rows[order]

    values = points[:, 3]
    finite = np.flatnonzero(np.isfinite(values))
    odd = np.flatnonzero(~np.isfinite(values))
    number = _stretches(most, len(odd))
    total = int(counts.sum())
    stretches = ((np.cumsum(counts) - counts) * number // total)[rows]
    chosen = [np.array([0, len(points) - 1]), odd[_heads(stretches[odd])]]
    for key in (values, -values):
        by_key = finite[np.lexsort((key[finite], stretches[finite]))]
        chosen.append(by_key[_heads(stretches[by_key])])
    _, places = np.unique(points[np.concatenate(chosen), 0], return_index=True)
    table = points[np.concatenate(chosen)[places]]
    columns = Points(table[:, 3].copy(), table[:, 1].copy(), table[:, 2].copy())
    return Reduced(_picked(columns, slice(None)), table[:, 0].astype(np.int64), total)


@dataclass(frozen=True, slots=True)
class _Placed:
    """Points of chunks, shape (n, 4) of index, step, time and value, and the rows of their chunks, shape (n,)."""

    points: Floats
    rows: Indices

    @classmethod
    def of_rows(cls, table: Floats, rows: Indices) -> _Placed:
        """Those that some rows tell."""
        points = np.concatenate([table[rows, columns] for columns in (_MINIMUM, _MAXIMUM, _ODD)])
        told = ~np.isnan(points[:, 0])
        return cls(points[told], np.tile(rows, 3)[told])

    @classmethod
    def of_chunk(cls, row: int, shown: Reduced) -> _Placed:
        """Those that show the points of one chunk."""
        columns = (shown.points.steps, shown.points.times, shown.points.values)
        missing = np.full(len(shown.indices), np.nan)
        points = np.column_stack([shown.indices, *(missing if column is None else column for column in columns)])
        return cls(points, np.full(len(points), row))


def _shown(series: _Stored, table: Floats, part: _Part, rows: Indices) -> Iterator[tuple[int, Reduced]]:
    """For some rows of chunks, the few points that show what their chunks have in a part of the series."""
    at_once = _DECODED_POINTS // CHUNK_POINTS
    for begin in range(0, len(rows), at_once):
        batch = rows[begin : begin + at_once]
        for row, chunk in zip(batch.tolist(), series.chunks(table[batch]), strict=True):
            points = decode("series", [chunk])
            indices = int(table[row, _AT["first"]]) + np.arange(len(points))
            yield row, _within(points, indices, part, LEAST_POINTS)


def _within(points: Points, indices: Indices, part: _Part, most: int) -> Reduced:
    """At most `most` of the points of these indices that are in a part."""
    inside = part.holds(points, indices)
    if not inside.all():
        points, indices = _picked(points, inside), indices[inside]
    found = reduced(points, most)
    return Reduced(found.points, indices[found.indices], found.count)


def demand_most(most: int | None) -> None:
    """See that a series can be shown by so many points.

    Raises:
        ValueError: it can not.
    """
    if most is not None and most < LEAST_POINTS:
        raise ValueError(f"a series is shown by {LEAST_POINTS} points or more, not by {most}")


def positions(points: Points, indices: Indices) -> Floats:
    """Where points stand on the axis of steps, shape (n,): at their step, or at their index where they have none."""
    if points.steps is None:
        return indices.astype(np.float64)
    return np.where(np.isnan(points.steps), indices, points.steps)


def _between(column: Floats, bounds: Bounds) -> _Mask:
    inside: _Mask = (column >= bounds[0]) & (column <= bounds[1])
    return inside


def _stretches(most: int, odd: int) -> int:
    """Into how many stretches a series is cut of which `most` points are shown and `odd` are not finite."""
    demand_most(most)
    return max((most - 2 - odd) // 2, (most - 2) // 3)


def _decodable(most: int) -> int:
    """How many points are decoded, where their stretches are shorter than chunks."""
    return min((most - 2) // 2 * CHUNK_POINTS, _DECODED_POINTS)


def _places(values: Floats, size: int, find: Callable[..., Any]) -> Indices:  # Any: numpy's argmin or argmax
    """The places that a function finds in the stretches of a column, the last of which may be shorter."""
    full = len(values) // size
    places = find(values[: full * size].reshape(full, size), axis=1) + np.arange(full) * size
    rest = values[full * size :]
    found: Indices = np.append(places, full * size + find(rest)) if len(rest) else places
    return found


def _heads(stretches: Indices) -> Indices:
    """Where a column of stretches in order has the first of each."""
    return np.flatnonzero(np.diff(stretches, prepend=-1))


def _picked(points: Points, places: slice | Indices | _Mask) -> Points:
    """Some points; a column that has no entry among them is None."""
    columns = (None if column is None else column[places] for column in (points.steps, points.times))
    steps, times = (None if column is None or np.isnan(column).all() else column for column in columns)
    return Points(np.asarray(points.values, dtype=np.float64)[places], steps, times)
