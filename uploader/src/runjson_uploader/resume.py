"""Where a stream that has grown is read on: behind its past, once that was found to be the one that is tracked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import msgspec
from runjson_schema.decode import BOM, Past
from runjson_schema.findings import Finding
from runjson_schema.text import SPACE
from runjson_tracker.blobs import digest_of
from runjson_validator.files import Folder

if TYPE_CHECKING:
    from runjson_tracker.store import TrackedSource

# So much of a past is hashed in one go.
_PIECE: Final = 1 << 20
# A first line of more than this is left to whoever reads all.
_FIRST: Final = 1 << 20


class Identity(msgspec.Struct):
    """Which source a stream says that it is, told from its first line alone."""

    id: str
    project: str | None = None
    writer: str | None = None


_identity: Final = msgspec.json.Decoder(Identity)


def identity(source: BinaryIO) -> Identity | None:
    """Which source a file is that begins with a whole line; None if that can not be said from its first line.

    Args:
        source: the file, at its beginning; it is left somewhere behind its first line.
    """
    line = source.readline(_FIRST)
    if line.startswith(BOM):
        line = line[len(BOM) :]
    while line and not line.strip(SPACE):
        line = source.readline(_FIRST)
    try:
        return _identity.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def past(source: BinaryIO, tracked: TrackedSource, folder: Path) -> Past | None:
    """What is tracked of a stream, if the file begins with the same bytes; else None, and all of it has to be read.

    Args:
        source: the file; it is left behind the past.
        tracked: the source.
        folder: where its paths begin.
    """
    *_, found = verify(source, tracked, folder)
    return found


def verify(source: BinaryIO, tracked: TrackedSource, folder: Path) -> Iterator[Past | None]:
    """As `past`, a megabyte at a time: the last thing it yields is the answer."""
    if tracked.kind != "stream" or not tracked.read_bytes or tracked.read_digest is None:
        yield None
        return
    sha256, line, left = hashlib.sha256(), 1, tracked.read_bytes
    source.seek(0)
    while left:
        piece = source.read(min(left, _PIECE))
        if not piece:
            yield None
            return
        sha256.update(piece)
        line += piece.count(b"\n")
        left -= len(piece)
        yield None
    same = sha256.hexdigest() == tracked.read_digest and goes_on(source, tracked.read_bytes)
    if not same or not all(_same_images(tracked, folder)):
        yield None
        return
    source.seek(tracked.read_bytes)
    yield Past(tracked.record, tracked.read_bytes, sha256, line)


def goes_on(source: BinaryIO, read: int) -> bool:
    """Whether what stands behind the first `read` bytes of a stream is apart from them.

    A last line that was whole without a line break counts as read. What is appended to that same line is an error.
    """
    if read <= len(BOM):
        return True
    source.seek(read - 1)
    return source.read(1) == b"\n" or not source.readline().strip(SPACE)


def _same_images(tracked: TrackedSource, folder: Path) -> Iterator[bool]:
    """Of each image of a path, whether its file is there and has the bytes that are tracked."""
    if not any(kind == "images" for kind, _ in tracked.series):
        return
    inside = Folder(folder)
    for one in tracked.files:
        if one.kind == "images" and one.path:
            faults: list[Finding] = [
                what for what in inside.check(("images", one.name), {"path": one.path}) if what.severity == "error"
            ]
            yield not faults and digest_of(folder / one.path) == one.sha256
