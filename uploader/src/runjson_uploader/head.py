"""The beginning of a file, as a file of its own."""

from __future__ import annotations

import io
from typing import BinaryIO


class Head(io.RawIOBase):
    """The first bytes of a file that can seek, and no more."""

    def __init__(self, source: BinaryIO, size: int) -> None:
        super().__init__()
        self._source = source
        self._size = size
        self._at = 0

    @classmethod
    def of(cls, source: BinaryIO, size: int) -> BinaryIO:
        """The first `size` bytes of a file, buffered."""
        return io.BufferedReader(cls(source, size))

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, counted from the beginning, from here, or from the end."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def readinto(self, target: bytearray | memoryview) -> int:  # type: ignore[override]  # the stub asks for a buffer
        """Read into a buffer, up to the end."""
        self._source.seek(self._at)
        piece = self._source.read(max(min(len(target), self._size - self._at), 0))
        target[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def line_at(source: BinaryIO, number: int) -> tuple[int, bytes]:
    """Where a line begins, and the line; lines are counted from 1."""
    source.seek(0)
    place = 0
    for count, line in enumerate(source, 1):
        if count == number:
            return place, line
        place += len(line)
    return place, b""
