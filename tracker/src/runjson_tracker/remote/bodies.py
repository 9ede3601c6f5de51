"""The bodies of answers, read as they come."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO, Any, Final

import requests
from urllib3.exceptions import HTTPError

from runjson_tracker.errors import StoreError

_PIECE: Final = 1 << 20


def opened(answer: requests.Response) -> IO[bytes]:
    """The body of an answer that was asked for with `stream`, as a file; what breaks off raises OSError."""
    return io.BufferedReader(_Body(answer), _PIECE)


def pieces(answer: requests.Response) -> Iterator[bytes]:
    """The body of an answer that was asked for with `stream`, piece by piece.

    Raises:
        StoreError: it breaks off.
    """
    with opened(answer) as body:
        while True:
            try:
                piece = body.read1(_PIECE)  # type: ignore[attr-defined]  # a BufferedReader
            except OSError as fault:
                raise StoreError(f"{fault}.") from None
            if not piece:
                return
            yield piece


class _Body(io.RawIOBase):
    def __init__(self, answer: requests.Response) -> None:
        self._answer = answer

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # Any: a writable buffer
        view = memoryview(buffer).cast("B")
        try:
            piece = self._answer.raw.read(len(view), decode_content=True)
        except (HTTPError, OSError):
            raise OSError("What the server sent broke off; ask again") from None
        view[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._answer.close()
        super().close()
