"""The body of a request, kept in a temporary file: memory and disk are bounded, whatever a client sends."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import BinaryIO, Final, Protocol, cast

from fastapi import Request

from runjson_server.problems import Problem
from runjson_server.settings import Settings

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# What is smaller waits in memory.
_SPOOL: Final = 1 << 20
_PIECE: Final = 1 << 20
# A window of 8 MiB is what zstd uses up to its level 19: a larger one is memory that the client decides on.
_WINDOW_LOG: Final = 23


async def spooled(request: Request, settings: Settings, most: int | None = None) -> BinaryIO:
    """The body of a request, decompressed, as a file that stands at its beginning; whoever asks closes it.

    Args:
        request: whose body was not read yet.
        settings: of the server.
        most: of how many bytes it may be; as the settings say by default.

    Raises:
        Problem: it is too large, too slow, cut off, or not compressed as it says.
    """
    file = tempfile.SpooledTemporaryFile(_SPOOL, dir=settings.spool or None)  # noqa: SIM115  it is handed on
    try:
        async for part in pieces(request, settings, most):
            await _write(file, part)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return cast("BinaryIO", file)


async def pieces(request: Request, settings: Settings, most: int | None = None) -> AsyncIterator[bytes]:
    """The pieces of a body, decompressed; as `spooled`, which keeps them."""
    most = min(most or settings.body, settings.body)
    length = request.headers.get("content-length", "")
    _within(int(length) if length.isdecimal() else 0, most)
    decoding = _decoder(request.headers.get("content-encoding", ""))
    size = 0
    async for piece in request.stream():
        for part in decoding.feed(piece):
            size += len(part)
            _within(size, most)
            yield part
    if not decoding.ended:
        raise Problem(400, "The body is cut off: its compressed data have no end.")


def _within(size: int, most: int) -> None:
    if size > most:
        raise Problem(
            413, f"The body is larger than the {most:,} bytes that this server takes.", {"Connection": "close"}
        )


def demand_lines(run: BinaryIO, most: int, before: int = 0) -> None:
    """See that no line of a run file is longer than what may be held in memory.

    Args:
        run: the run file, which stands at its beginning afterwards.
        most: of how many bytes a line may be.
        before: how many lines stand before the file, for the message.

    Raises:
        Problem: one is longer.
    """
    size = run.seek(0, os.SEEK_END)
    run.seek(0)
    if size <= most:
        return
    line, length = before + 1, 0
    while piece := run.read(min(_PIECE, most)):
        end = piece.find(b"\n")
        if length + (len(piece) if end < 0 else end) > most:
            raise Problem(
                413,
                f"Line {line:,} is longer than the {most:,} bytes that this server takes of one line, and nothing of "
                "the file was tracked: write several shorter lines, with some thousand points each. `runjson split` "
                "makes them of a document.",
            )
        length = length + len(piece) if end < 0 else len(piece) - piece.rfind(b"\n") - 1
        line += piece.count(b"\n")
    run.seek(0)


async def _write(file: tempfile.SpooledTemporaryFile[bytes], part: bytes) -> None:
    if file.tell() + len(part) <= _SPOOL:
        file.write(part)
    else:
        await asyncio.to_thread(file.write, part)


class _Decoder(Protocol):
    """Undoes a compression, in pieces of bounded size."""

    @property
    def ended(self) -> bool:
        """Whether what came so far may be all."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take more, and give what comes of it."""


class _Plain:
    ended = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data


class _Gzip:
    def __init__(self) -> None:
        self._one = zlib.decompressobj(31)
        self._begun = False

    @property
    def ended(self) -> bool:
        return self._one.eof or not self._begun

    def feed(self, data: bytes) -> Iterator[bytes]:
        full = False
        try:
            while data or full:
                if self._one.eof:  # members may follow each other
                    self._one = zlib.decompressobj(31)
                self._begun = True
                part = self._one.decompress(data, _PIECE)
                yield part
                full = len(part) == _PIECE and not self._one.eof
                data = self._one.unused_data if self._one.eof else self._one.unconsumed_tail
        except zlib.error:
            raise Problem(400, "The body is no gzip, as its Content-Encoding says.") from None


class _Zstd:
    def __init__(self) -> None:
        self._one = self._new()
        self._begun = False

    @staticmethod
    def _new() -> zstd.ZstdDecompressor:
        return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG})

    @property
    def ended(self) -> bool:
        return self._one.eof or not self._begun

    def feed(self, data: bytes) -> Iterator[bytes]:
        try:
            while data:
                if self._one.eof:
                    self._one = self._new()
                self._begun = True
                yield self._one.decompress(data, max_length=_PIECE)
                while not self._one.needs_input and not self._one.eof:
                    yield self._one.decompress(b"", max_length=_PIECE)
                data = self._one.unused_data if self._one.eof else b""
        except zstd.ZstdError:
            raise Problem(
                400, "The body is no zstd, as its Content-Encoding says, or wants a window of more than 8 MiB."
            ) from None


def _decoder(encoding: str) -> _Decoder:
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        return _Plain()
    if encoding in {"gzip", "x-gzip"}:
        return _Gzip()
    if encoding == "zstd":
        return _Zstd()
    raise Problem(
        415,
        f'Content-Encoding "{encoding[:40]}" is not known here: gzip, zstd, or none.',
        {"Accept-Encoding": "gzip, zstd"},
    )
