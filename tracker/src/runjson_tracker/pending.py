"""Points on their way into the store: gathered into full chunks, encoded, and kept outside the database."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from runjson_schema.points import Floats, Kind, Objects, Points

from runjson_tracker.chunks import CHUNK_POINTS, encode
from runjson_tracker.summary import Marks, Summary, marks, marks_row, summarise, summary_row

# Texts and files of about this many bytes make a chunk, however few they are.
_CHUNK_BYTES: Final = 1 << 20
# So much may wait in chunks that are not full; then these are encoded as they are. It bounds memory where there are
# many names.
_WAITING_POINTS: Final = 1 << 22
_WAITING_BYTES: Final = 1 << 26
# Encoded chunks beyond this wait in a temporary file.
_SPOOL_BYTES: Final = 1 << 26

# A series' last chunk joins points that follow it if it has at most so many times their number: a live run then keeps
# few small chunks, and each of its points is written anew only a few times until it lies in a full one.
_JOINING: Final = 2


@dataclass(slots=True)
class Series:
    """A series of a source.

    Attributes:
        number: what its chunks call it.
        summary: of the points that are in chunks; None if there are none yet.
    """

    number: int
    summary: Summary | None = None

    @property
    def count(self) -> int:
        """How many points are in chunks."""
        return 0 if self.summary is None else self.summary.count


@dataclass(slots=True)
class _Growing:
    """Points of one name that do not fill a chunk yet, as copies: their arrays belong to whoever handed them over."""

    pieces: list[Points] = field(default_factory=list)
    points: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Tail:
    """The last chunks of a tracked series that are not full.

    Attributes:
        counts: how many points they have, the last chunk's first.
        read: gives the points from an index on.
    """

    counts: tuple[int, ...]
    read: Callable[[int], Points]


# Gives the tail of a series, by kind and name.
Tails: TypeAlias = Callable[[Kind, str], Tail]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A chunk whose bytes are in the spool; a length is None where it has no such column."""

    number: int
    first: int
    summary: Summary
    marks: Marks
    checksum: int
    lengths: tuple[int | None, ...]


class Pending:
    """The points to be added to one source.

    Attributes:
        series: the source's series as they will be, by kind and name.
        changed: those that got points.
        next_number: the next free number of a series.
        points: how many points were added.
        rewritten: by number, the index from which on the tracked chunks of a series are written anew.
    """

    def __init__(
        self,
        folder: Path | None,
        known: Mapping[tuple[Kind, str], Series],
        next_number: int,
        tails: Tails | None = None,
    ) -> None:
        self.series = {key: Series(one.number, one.summary) for key, one in known.items()}
        self.changed: set[tuple[Kind, str]] = set()
        self.next_number = next_number
        self.points = 0
        self.rewritten: dict[int, int] = {}
        self._tails = tails
        self._known = {key: one.count for key, one in known.items()}
        self._chunked: dict[tuple[Kind, str], int] = {}  # behind which point the next chunk begins
        self._growing: dict[tuple[Kind, str], _Growing] = {}
        self._waiting_points = 0
        self._waiting_bytes = 0
        self._chunks: list[_Waiting] = []
        self._spool = tempfile.SpooledTemporaryFile(_SPOOL_BYTES, dir=None if folder is None else str(folder))  # noqa: SIM115  `close` closes it

    def close(self) -> None:
        """Give the spool back."""
        self._spool.close()

    def append(self, kind: Kind, name: str, points: Points) -> None:
        """Add points behind those of the name; the arrays may be changed afterwards."""
        key = kind, name
        self.points += len(points)
        if key in self._known and key not in self._chunked:
            self._join_tail(key, len(points))
        self._fill(key, points)

    def join_tails(self) -> None:
        """Join the small chunks of all series that are tracked: no more points will follow soon."""
        for key in self._known:
            if key not in self._chunked:
                self._join_tail(key, None)

    def _join_tail(self, key: tuple[Kind, str], more: int | None) -> None:
        """Take the last chunks of a tracked series back that are to be joined with so many more points."""
        count = self._known[key]
        self._chunked[key] = count
        if self._tails is None or not count:
            return
        tail = self._tails(*key)
        joined = 0
        if more is None:
            joined = sum(tail.counts) if len(tail.counts) > 1 else 0
        else:
            for size in tail.counts:
                if size > _JOINING * (more + joined):
                    break
                joined += size
        if joined:
            self._chunked[key] = count - joined
            self.rewritten[self.series[key].number] = count - joined
            self._fill(key, tail.read(count - joined))

    def _fill(self, key: tuple[Kind, str], points: Points) -> None:
        start = 0
        while start < len(points):
            growing = self._growing.setdefault(key, _Growing())
            length, size = _fitting(points.values, start, CHUNK_POINTS - growing.points, _CHUNK_BYTES - growing.bytes)
            piece = points[start : start + length]
            start += length
            if length == CHUNK_POINTS:
                self._encode(key, piece)
                continue
            growing.pieces.append(_copy(piece))
            growing.points += length
            growing.bytes += size
            self._waiting_points += length
            self._waiting_bytes += size
            if growing.points == CHUNK_POINTS or growing.bytes >= _CHUNK_BYTES:
                self._flush(key)
        if self._waiting_points >= _WAITING_POINTS or self._waiting_bytes >= _WAITING_BYTES:
            self.finish()

    def finish(self) -> None:
        """Encode the points that wait for a full chunk."""
        for key in list(self._growing):
            self._flush(key)

    def rows(self) -> Iterator[dict[str, Any]]:  # Any: columns of several types
        """The rows of the chunks, but for their source, in the order in which they were filled."""
        self._spool.seek(0)
        for chunk in self._chunks:
            values, steps, times = (None if length is None else self._spool.read(length) for length in chunk.lengths)
            yield {
                "number": chunk.number,
                "first": chunk.first,
                "values": values,
                "steps": steps,
                "times": times,
                "checksum": chunk.checksum,
                **summary_row(chunk.summary),
                **marks_row(chunk.marks),
            }

    def _flush(self, key: tuple[Kind, str]) -> None:
        growing = self._growing.pop(key)
        if growing.points:
            self._waiting_points -= growing.points
            self._waiting_bytes -= growing.bytes
            self._encode(key, _joined(growing.pieces))

    def _encode(self, key: tuple[Kind, str], points: Points) -> None:
        series = self.series.get(key)
        if series is None:
            series = self.series[key] = Series(self.next_number)
            self.next_number += 1
        first = self._chunked.get(key, 0)
        self._chunked[key] = first + len(points)
        summary = summarise(points, first)
        chunk = encode(points)
        blobs = (chunk.values, chunk.steps, chunk.times)
        for blob in blobs:
            if blob is not None:
                self._spool.write(blob)
        lengths = tuple(None if blob is None else len(blob) for blob in blobs)
        placed = marks(points, first, summary)
        self._chunks.append(_Waiting(series.number, first, summary, placed, chunk.checksum, lengths))
        old = max(self._known.get(key, 0) - first, 0)  # so many of them are tracked, and in the summary
        if old >= len(points):
            return
        if old:
            summary = summarise(points[old:], first + old)
        series.summary = summary if series.summary is None else series.summary.then(summary)
        self.changed.add(key)


def _fitting(values: Floats | Objects, start: int, points: int, size: int) -> tuple[int, int]:
    """How many values from `start` on fit into so many points and so many bytes, at least one; and their bytes."""
    most = min(points, len(values) - start)
    if not isinstance(values, list):
        return most, 0
    used = 0
    for length in range(1, most + 1):
        used += _size(values[start + length - 1])
        if used >= size:
            return length, used
    return most, used


def _size(value: Any) -> int:  # Any: a text, a file or a histogram
    return len(value) if isinstance(value, str) else len(json.dumps(value))


def _copy(points: Points) -> Points:
    values = points.values
    return Points(
        values if isinstance(values, list) else values.copy(),
        None if points.steps is None else points.steps.copy(),
        None if points.times is None else points.times.copy(),
    )


def _joined(pieces: list[Points]) -> Points:
    """Pieces of one series, at least one, behind each other."""
    if len(pieces) == 1:
        return pieces[0]
    values: Floats | Objects
    if isinstance(pieces[0].values, list):
        values = [value for piece in pieces for value in piece.values]
    else:
        values = np.concatenate([piece.values for piece in pieces])
    return Points(
        values,
        _joined_column([(piece.steps, len(piece)) for piece in pieces]),
        _joined_column([(piece.times, len(piece)) for piece in pieces]),
    )


def _joined_column(parts: list[tuple[Floats | None, int]]) -> Floats | None:
    if all(column is None for column, _ in parts):
        return None
    return np.concatenate([np.full(count, np.nan) if column is None else column for column, count in parts])
