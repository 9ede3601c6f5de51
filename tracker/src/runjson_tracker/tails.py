"""The last chunks of series that are not full: points that are appended join them, so that few small ones are kept."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias

from runjson_schema.points import Kind, Points
from sqlalchemy import Connection, Engine

from runjson_tracker.chunks import CHUNK_POINTS
from runjson_tracker.errors import SourceChanged
from runjson_tracker.points import read_ends, small_counts

if TYPE_CHECKING:
    from runjson_tracker.pending import Series

Key: TypeAlias = tuple[Kind, str]
# How many points the last chunks of series have that are not full, the last chunk's first.
Counts: TypeAlias = dict[Key, tuple[int, ...]]
# The last points of series, a few of each.
Ends: TypeAlias = dict[Key, Points]

# So many series are asked for by one statement, if none has more than so many points more than another one: all are
# read from one index on, and of a long series not everything.
_AT_ONCE: Final = 256
_APART: Final = 32 * CHUNK_POINTS
# Small chunks at the end of a series have fewer points together than two full ones, since each has more than those
# that follow it.
_MOST_POINTS: Final = 2 * CHUNK_POINTS


class Tails:
    """The last chunks of the series of a source, in one version of it: those of many series are read at once.

    Attributes:
        known: what is known of them.
        ends: the points that stand last in them, of those series whose points were written by this process.
    """

    def __init__(
        self, engine: Engine, source: int, series: Mapping[Key, Series],
        known: Counts | None = None, ends: Ends | None = None,
    ) -> None:  # fmt: skip
        """The last chunks of a source's series.

        Args:
            engine: of the database.
            source: the source's number.
            series: its series.
            known: what is known of their last chunks already.
            ends: the points that stand last in them, as far as they are at hand.
        """
        self._engine = engine
        self._source = source
        self._series = series
        self.known: Counts = dict(known or {})
        self.ends: Ends = dict(ends or {})

    def counts(self, key: Key) -> tuple[int, ...]:
        """How many points the last chunks of a series have that are not full, the last chunk's first.

        Raises:
            SourceChanged: the source was changed after it was read.
        """
        if key not in self.known:
            batch = self._batches[key]
            numbers = {self._series[one].number: one[0] for one in batch}
            with self._engine.connect() as connection:
                found = small_counts(connection, self._source, numbers, self._series[batch[0]].count - _MOST_POINTS)
            for one in batch:
                end, counts = found.get(self._series[one].number, (0, ()))
                if end != self._series[one].count:
                    raise SourceChanged("The source grew while it was read; read it again.")
                self.known[one] = counts
        return self.known[key]

    def read(self, starts: Mapping[Key, int], connection: Connection | None = None) -> dict[Key, Points]:
        """The last points of series.

        Args:
            starts: the index of the first point of one of the last chunks, for each series.
            connection: to read by, where a transaction writes already.

        Raises:
            SourceChanged: the source was changed after it was read.
        """
        if connection is None:
            with self._engine.connect() as own:
                return self.read(starts, own)
        found: dict[Key, Points] = {}
        for kind in {kind for kind, _ in starts}:
            of_kind = {key: start for key, start in starts.items() if key[0] == kind}
            wanted = {self._series[key].number: self._chunks_from(key, start) for key, start in of_kind.items()}
            points = read_ends(connection, self._source, kind, wanted)
            found |= {key: points[self._series[key].number] for key in of_kind}
        return found

    @cached_property
    def _batches(self) -> dict[Key, list[Key]]:
        """The series that are asked for together, the shortest first, for each of them."""
        batches: dict[Key, list[Key]] = {}
        batch: list[Key] = []
        for count, key in sorted((one.count, key) for key, one in self._series.items() if key not in self.known):
            if not batch or len(batch) == _AT_ONCE or count - self._series[batch[0]].count > _APART:
                batch = []
            batch.append(key)
            batches[key] = batch
        return batches

    def _chunks_from(self, key: Key, start: int) -> dict[int, int]:
        """How many points each chunk of a series has from an index on, by the index of its first one."""
        found: list[tuple[int, int]] = []
        first = self._series[key].count
        for count in self.counts(key):
            if first == start:
                break
            first -= count
            found.append((first, count))
        return dict(reversed(found))
