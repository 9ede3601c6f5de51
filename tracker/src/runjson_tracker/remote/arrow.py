"""Points on their way as an Arrow IPC stream: a row for each portion, whose points are lists."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from itertools import pairwise
from typing import IO, Any, Final

import nanoarrow as na
import numpy as np
from nanoarrow.c_array import CArray, c_array_from_buffers
from nanoarrow.ipc import InputStream, StreamWriter
from runjson_schema.points import Points

from runjson_tracker.errors import StoreError
from runjson_tracker.reading.interface import Portion

MEDIA_TYPE: Final = "application/vnd.apache.arrow.stream"
_TEXTS: Final = ("project", "run", "writer", "name")
_INTEGERS: Final = na.list_(na.int64())
_DOUBLES: Final = na.list_(na.float64())
_SCHEMA: Final = na.struct(
    {name: na.string() for name in _TEXTS}
    | {"count": na.int64(), "indices": _INTEGERS, "steps": _DOUBLES, "times": _DOUBLES, "values": _DOUBLES}
    | {"smoothed": _DOUBLES}
)
# Short portions go together until they have so many points.
_POINTS_A_BATCH: Final = 1 << 16
# What nanoarrow writes at the end of a stream: one that was cut off lacks it.
_END: Final = b"\xff\xff\xff\xff\0\0\0\0"


def encoded(portions: Iterable[Portion]) -> Generator[bytes, None, None]:
    """An Arrow IPC stream of portions, piece by piece.

    The columns are project, run, writer, name and count, and the lists indices, steps, times, values and smoothed:
    steps and times are null where no point has one, and their entries where a point has none. A value that is NaN is
    no null. Averages are null where nobody asked for them, and their entries before the first finite value.
    """
    out = _Pieces()
    with StreamWriter.from_writable(out) as writer:
        # The schema stands in the first piece, also where no portion follows.
        writer.write_stream(na.c_array_stream(na.c_array([], _SCHEMA)))
        for some in _together(portions):
            writer.write_array(_rows(some))
            yield out.take()
    yield out.take()


def decoded(stream: IO[bytes]) -> Iterator[Portion]:
    """The portions of a stream that `encoded` made, one after the other.

    Raises:
        StoreError: the stream is cut off, or is something else.
    """
    watched = _Watched(stream)
    try:
        with InputStream.from_readable(watched) as reader:
            for batch in na.c_array_stream(reader):
                yield from _portions(batch)
    except RuntimeError as fault:
        raise StoreError(f"The points that the server sent can not be read: {fault}.") from None
    if not watched.ended:
        raise StoreError("The points that the server sent are cut off; ask again.")


def _together(portions: Iterable[Portion]) -> Iterator[list[Portion]]:
    """Portions that go in one batch of rows: what a batch costs is more than what a short portion does."""
    some: list[Portion] = []
    points = 0
    for one in portions:
        if some and points + len(one.points) > _POINTS_A_BATCH:
            yield some
            some, points = [], 0
        some.append(one)
        points += len(one.points)
    if some:
        yield some


class _Pieces:
    """What was written and not taken yet."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: Any) -> int:  # Any: a buffer
        self._pieces.append(bytes(piece))
        return len(self._pieces[-1])

    def take(self) -> bytes:
        """All of it."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken

    def close(self) -> None:
        """Nothing: what was written is still to be taken."""


class _Watched:
    """A stream, and the last bytes that came of it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._last = b""

    def readinto(self, buffer: Any) -> int:  # Any: a writable buffer
        view = memoryview(buffer).cast("B")
        piece = self._stream.read(len(view))
        view[: len(piece)] = piece
        self._last = (self._last + piece[-len(_END) :])[-len(_END) :]
        return len(piece)

    @property
    def ended(self) -> bool:
        """Whether the stream ended as it should."""
        return self._last == _END

    def close(self) -> None:
        """Nothing: whoever opened the stream closes it."""


def _rows(some: list[Portion]) -> CArray:
    counts = np.array([one.count for one in some], dtype=np.int64)
    columns = [
        *(_texts([getattr(one, name) for one in some]) for name in _TEXTS),
        c_array_from_buffers(na.int64(), len(some), [None, counts], null_count=0),
        _lists(_INTEGERS, na.int64(), [one.indices.astype(np.int64, copy=False) for one in some]),
        _lists(_DOUBLES, na.float64(), [one.points.steps for one in some], nullable=True),
        _lists(_DOUBLES, na.float64(), [one.points.times for one in some], nullable=True),
        _lists(_DOUBLES, na.float64(), [np.asarray(one.points.values, dtype=np.float64) for one in some]),
        _lists(_DOUBLES, na.float64(), [one.smoothed for one in some], nullable=True),
    ]
    return c_array_from_buffers(_SCHEMA, len(some), [None], null_count=0, children=columns)


def _texts(texts: list[str]) -> CArray:
    found = [text.encode() for text in texts]
    return c_array_from_buffers(
        na.string(), len(texts), [None, _offsets(map(len, found)), b"".join(found)], null_count=0
    )


def _lists(kind: Any, entry: Any, columns: list[Any], *, nullable: bool = False) -> CArray:  # Any: types of nanoarrow
    """A column of lists; null for those that are None. In lists that are nullable, NaN stands for a null."""
    there = [column for column in columns if column is not None]
    joined = np.ascontiguousarray(np.concatenate(there)) if there else np.empty(0)
    known = ~np.isnan(joined) if nullable else None
    missing = 0 if known is None else len(joined) - int(np.count_nonzero(known))
    entries = c_array_from_buffers(entry, len(joined), [_bits(known) if missing else None, joined], null_count=missing)
    offsets = _offsets(0 if column is None else len(column) for column in columns)
    nulls = len(columns) - len(there)
    valid = _bits([column is not None for column in columns]) if nulls else None
    return c_array_from_buffers(kind, len(columns), [valid, offsets], null_count=nulls, children=[entries])


def _offsets(lengths: Iterable[int]) -> Any:  # Any: an array
    return np.cumsum([0, *lengths], dtype=np.int32)


def _bits(flags: Any) -> Any:  # Any: flags, and an array
    return np.packbits(np.asarray(flags, dtype=np.bool_), bitorder="little")


def _portions(batch: CArray) -> Iterator[Portion]:
    if not batch.length:
        return
    columns = dict(zip(_SCHEMA_NAMES, batch.view().children, strict=True))
    texts = zip(*(_texts_of(columns[name], batch.length) for name in _TEXTS), strict=True)
    counts = np.asarray(columns["count"].buffer(1))[columns["count"].offset :][: batch.length].tolist()
    lists = zip(*(_lists_of(columns[name], batch.length) for name in _LISTS), strict=True)
    for (project, run, writer, name), count, (indices, steps, times, values, smoothed) in zip(
        texts, counts, lists, strict=True
    ):
        if indices is None or values is None:
            raise StoreError("The points that the server sent lack a column.")
        points = Points(values, steps, times)
        yield Portion(project, run, writer, name, points, indices.astype(np.int64), count, smoothed)


_LISTS: Final = ("indices", "steps", "times", "values", "smoothed")
_SCHEMA_NAMES: Final = (*_TEXTS, "count", *_LISTS)


def _texts_of(column: Any, length: int) -> list[str]:  # Any: a view of nanoarrow's
    places = np.asarray(column.buffer(1))[column.offset : column.offset + length + 1].tolist()
    text = bytes(memoryview(column.buffer(2))[: places[-1]])
    return [text[first:last].decode() for first, last in pairwise(places)]


def _lists_of(column: Any, length: int) -> Iterator[Any]:  # Any: a view of nanoarrow's, and arrays
    """The entries of lists, as copies; None for null. A null in one is NaN."""
    there = _flags(column, column.offset, length)
    places = np.asarray(column.buffer(1))[column.offset : column.offset + length + 1].tolist()
    entries = column.child(0)
    first, last = entries.offset + places[0], entries.offset + places[-1]
    found: Any = np.array(np.asarray(entries.buffer(1))[first:last])
    known = _flags(entries, first, last - first)
    if known is not None:
        found[~known] = np.nan
    for row, (begin, end) in enumerate(pairwise(places)):
        yield found[begin - places[0] : end - places[0]] if there is None or there[row] else None


def _flags(column: Any, first: int, length: int) -> Any:  # Any: a view of nanoarrow's, and an array
    """Which of some entries are no nulls; None where none is."""
    valid = np.frombuffer(column.buffer(0), dtype=np.uint8) if column.null_count else np.empty(0, dtype=np.uint8)
    return np.unpackbits(valid, bitorder="little")[first : first + length].astype(np.bool_) if len(valid) else None
