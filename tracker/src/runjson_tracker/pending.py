"""Points on their way into the store: gathered into full chunks, encoded, and kept outside the database."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from runjson_schema.points import Floats, Kind, Points
from sqlalchemy import Connection

from runjson_tracker.chunks import CHUNK_POINTS, Chunk, encode_column, encode_values
from runjson_tracker.pieces import copied, fitting, joined
from runjson_tracker.points import MOST_SMALL, is_full
from runjson_tracker.summary import Extent, Marks, Summary, extent, marks, marks_row, summarise, summary_row
from runjson_tracker.tails import Counts, Ends, Key, Tails

# Texts and files of about this many bytes make a chunk, however few they are.
_CHUNK_BYTES: Final = 1 << 20
# So much may wait in chunks that are not full; then these are encoded as they are. It bounds memory where there are
# many names.
_WAITING_POINTS: Final = 1 << 22
_WAITING_BYTES: Final = 1 << 26
# Encoded chunks beyond this wait in a temporary file.
_SPOOL_BYTES: Final = 1 << 26

# The last chunks of so many series are read at once.
_READ_AT_ONCE: Final = 64
# A series' last chunk joins points that follow it if it has at most so many times their number: a live run then keeps
# few small chunks, and each of its points is written anew only a few times until it lies in a full one.
_JOINING: Final = 2
# So many points at the end of a series stay in memory for the next change: those of a live run's small chunks, which
# then are not read before they are joined.
_KEPT_POINTS: Final = 32


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


@dataclass(slots=True)
class _Held:
    """Points of one name that wait for those of its last chunks, which they are to join and which begin at `start`."""

    start: int
    pieces: list[Points] = field(default_factory=list)
    points: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A chunk whose bytes are in the spool; a length is None where it has no such column."""

    number: int
    first: int
    summary: Summary
    marks: Marks
    checksum: int
    lengths: tuple[int | None, ...]


class _Columns:
    """Encodes columns of steps or times; the one before is remembered, since most series of a source have the same."""

    def __init__(self) -> None:
        self._bytes: bytes | None = None
        self._known: tuple[bytes | None, Extent] = (None, extent(None))

    def encoded(self, column: Floats | None) -> tuple[bytes | None, Extent]:
        """A column encoded, and its extent."""
        own = None if column is None else column.tobytes()
        if own != self._bytes:
            self._bytes, self._known = own, (encode_column(column), extent(column))
        return self._known


class Pending:
    """The points to be added to one source.

    Attributes:
        series: the source's series as they will be, by kind and name.
        changed: those that got points.
        next_number: the next free number of a series.
        points: how many points were added.
        rewritten: by number, the index from which on the tracked chunks of a series are written anew.
        ends: the last points of series of numbers that got some, as far as they are at hand.
    """

    def __init__(
        self,
        folder: Path | None,
        known: Mapping[Key, Series],
        next_number: int,
        tails: Tails | None = None,
    ) -> None:
        self.series = {key: Series(one.number, one.summary) for key, one in known.items()}
        self.changed: set[Key] = set()
        self.next_number = next_number
        self.points = 0
        self.rewritten: dict[int, int] = {}
        self.ends: Ends = {}
        self._tails = tails
        self._known = {key: one.count for key, one in known.items()}
        self._chunked: dict[Key, int] = {}  # behind which point the next chunk begins
        self._growing: dict[Key, _Growing] = {}
        self._held: dict[Key, _Held] = {}
        self._small: Counts = {}
        self._waiting_points = 0
        self._waiting_bytes = 0
        self._chunks: list[_Waiting] = []
        self._steps, self._times = _Columns(), _Columns()
        self._spool = tempfile.SpooledTemporaryFile(_SPOOL_BYTES, dir=None if folder is None else str(folder))  # noqa: SIM115  `close` closes it

    @property
    def size(self) -> int:
        """How many bytes the encoded chunks have."""
        return sum(length or 0 for chunk in self._chunks for length in chunk.lengths)

    def close(self) -> None:
        """Give the spool back."""
        self._spool.close()

    @property
    def tails(self) -> Counts:
        """The last chunks that are not full, of the series that got points; known once `finish` is done."""
        return self._small

    def append(self, kind: Kind, name: str, points: Points) -> None:
        """Add points behind those of the name; the arrays may be changed afterwards."""
        key = kind, name
        self.points += len(points)
        if key in self._known and key not in self._chunked:
            self._join_tail(key, len(points))
        if key in self._held:
            self._hold(key, points)
        else:
            self._fill(key, points)

    def join_tails(self) -> None:
        """Join the small chunks of all series that are tracked: no more points will follow soon."""
        for key in self._known:
            if key not in self._chunked:
                self._join_tail(key, None)

    def _join_tail(self, key: Key, more: int | None) -> None:
        """Take the last chunks of a tracked series back that are to be joined with so many more points."""
        count = self._known[key]
        self._chunked[key] = count
        if self._tails is None or not count:
            return
        counts = self._tails.counts(key)
        back = taken = 0
        if more is None:
            taken = len(counts) if len(counts) > 1 else 0
            back = sum(counts[:taken])
        else:
            for size in counts:
                if size > _JOINING * (more + back):
                    break
                back += size
                taken += 1
        self._small[key] = counts[taken:]
        if back:
            self._chunked[key] = count - back
            self.rewritten[self.series[key].number] = count - back
            end = self._tails.ends.get(key)
            if end is not None and len(end) >= back:
                self._fill(key, end[len(end) - back :])
            else:
                self._held[key] = _Held(count - back)

    def _hold(self, key: Key, points: Points) -> None:
        """Keep points until the chunks are read that they join, together with those of other series."""
        held = self._held[key]
        length, size = fitting(points.values, 0, CHUNK_POINTS - held.points, _CHUNK_BYTES - held.bytes)
        if length < len(points) or held.points + length >= CHUNK_POINTS:
            self._release([key], None)
            self._fill(key, points)
            return
        held.pieces.append(copied(points))
        held.points += length
        held.bytes += size
        self._waiting_points += length
        self._waiting_bytes += size
        if self._waiting_points >= _WAITING_POINTS or self._waiting_bytes >= _WAITING_BYTES:
            self.finish()

    def _release(self, keys: list[Key], connection: Connection | None) -> None:
        """Join points that are held with the chunks that they waited for."""
        assert self._tails is not None
        for begin in range(0, len(keys), _READ_AT_ONCE):
            batch = {key: self._held.pop(key) for key in keys[begin : begin + _READ_AT_ONCE]}
            tails = self._tails.read({key: held.start for key, held in batch.items()}, connection)
            for key, held in batch.items():
                self._waiting_points -= held.points
                self._waiting_bytes -= held.bytes
                for piece in (tails[key], *held.pieces):
                    self._fill(key, piece)

    def _fill(self, key: Key, points: Points) -> None:
        start = 0
        while start < len(points):
            growing = self._growing.setdefault(key, _Growing())
            length, size = fitting(points.values, start, CHUNK_POINTS - growing.points, _CHUNK_BYTES - growing.bytes)
            piece = points[start : start + length]
            start += length
            if length == CHUNK_POINTS:
                self._encode(key, piece)
                continue
            growing.pieces.append(copied(piece))
            growing.points += length
            growing.bytes += size
            self._waiting_points += length
            self._waiting_bytes += size
            if growing.points == CHUNK_POINTS or growing.bytes >= _CHUNK_BYTES:
                self._flush(key)
        if self._waiting_points >= _WAITING_POINTS or self._waiting_bytes >= _WAITING_BYTES:
            self._flush_all()

    def finish(self, connection: Connection | None = None) -> None:
        """Encode the points that wait for a full chunk, or for those that they join.

        Args:
            connection: to read these by, where a transaction writes already.

        Raises:
            SourceChanged: the source was changed after it was read.
        """
        if self._held:
            self._release(list(self._held), connection)
        self._flush_all()

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

    def _flush_all(self) -> None:
        for key in list(self._growing):
            self._flush(key)

    def _flush(self, key: Key) -> None:
        growing = self._growing.pop(key)
        if growing.points:
            self._waiting_points -= growing.points
            self._waiting_bytes -= growing.bytes
            self._encode(key, joined(growing.pieces))

    def _encode(self, key: Key, points: Points) -> None:
        series = self.series.get(key)
        if series is None:
            series = self.series[key] = Series(self.next_number)
            self.next_number += 1
        first = self._chunked.get(key, 0)
        self._chunked[key] = first + len(points)
        steps, of_steps = self._steps.encoded(points.steps)
        times, of_times = self._times.encoded(points.times)
        summary = summarise(points, first, of_steps, of_times)
        chunk = Chunk(len(points), encode_values(points.values), steps, times)
        blobs = (chunk.values, steps, times)
        for blob in blobs:
            if blob is not None:
                self._spool.write(blob)
        lengths = tuple(None if blob is None else len(blob) for blob in blobs)
        full = is_full(key[0], len(points), len(chunk.values))
        self._small[key] = () if full else (len(points), *self._small.get(key, ())[: MOST_SMALL - 1])
        self._keep(key, first, points)
        placed = marks(points, first, summary)
        self._chunks.append(_Waiting(series.number, first, summary, placed, chunk.checksum, lengths))
        old = max(self._known.get(key, 0) - first, 0)  # so many of them are tracked, and in the summary
        if old >= len(points):
            return
        if old:
            summary = summarise(points[old:], first + old)
        series.summary = summary if series.summary is None else series.summary.then(summary)
        self.changed.add(key)

    def _keep(self, key: Key, first: int, points: Points) -> None:
        """Keep the last points of a series of numbers at hand, of which these are the last from an index on."""
        if key[0] != "series":
            return
        if len(points) < _KEPT_POINTS:
            before, stop = self.ends.get(key), first
            if before is None and self._tails is not None:
                before, stop = self._tails.ends.get(key), self._known.get(key, 0)
            if before is not None:
                points = joined([before[: max(len(before) - (stop - first), 0)], points])
        self.ends[key] = copied(points[-_KEPT_POINTS:])
