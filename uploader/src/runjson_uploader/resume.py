"""Where a stream that has grown is read on: behind its past, once that was found to be the one that is tracked."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final, Protocol, Self

import msgspec
from runjson_schema.decode import BOM, Past
from runjson_schema.files import Object
from runjson_schema.findings import Finding
from runjson_schema.text import SPACE
from runjson_tracker.blobs import digest_of

from runjson_uploader.attached import Attached

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


class KnownFile(Protocol):
    """A file of a source that is tracked."""

    @property
    def kind(self) -> str:
        """Whether an image's or an artifact's."""

    @property
    def name(self) -> str:
        """Of the image series, or of the artifact."""

    @property
    def path(self) -> str:
        """As the record gives it."""

    @property
    def sha256(self) -> str:
        """Of its bytes."""


class Known(Protocol):
    """A source that is tracked, as far as it takes to find out whether a file begins with it."""

    @property
    def kind(self) -> str:
        """What its file is, document or stream."""

    @property
    def read_bytes(self) -> int | None:
        """How far a stream was read."""

    @property
    def read_digest(self) -> str | None:
        """The SHA-256 of that much of it."""

    @property
    def record(self) -> Object:
        """Its fold, points aside."""

    @property
    def series(self) -> Iterable[tuple[str, str]]:
        """The kinds and names of its series."""

    @property
    def files(self) -> Sequence[KnownFile]:
        """Its files."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part of a stream belongs.

    Attributes:
        project: of its source, as are `run` and `writer`, "" for none.
        read: how many bytes stand before the part.
        prefix: their SHA-256; empty if it is not known.
        digest: that of them and the part; empty if it is not known.
        line: how many lines stand before the part.
    """

    project: str
    run: str
    writer: str
    read: int
    prefix: str
    digest: str = ""
    line: int = 0


class _Told:
    """The SHA-256 of a stream of which only the end is at hand, as whoever has all of it says."""

    def __init__(self, digest: str, length: int) -> None:
        self._digest = digest
        self._left = length

    def update(self, data: bytes) -> None:
        """Take note of some of the part."""
        self._left -= len(data)

    def copy(self) -> Self:
        """Itself: it is read once."""
        return self

    def hexdigest(self) -> str:
        """The digest; nothing where not all of the part counts as read, since of that nobody said one."""
        return "" if self._left else self._digest


def continued(part: BinaryIO, tracked: Known, place: Place) -> Past | None:
    """The past of a part of a stream, if that is what is tracked of it."""
    if tracked.kind != "stream" or not place.read or tracked.read_bytes != place.read:
        return None
    if place.prefix and place.prefix != tracked.read_digest:
        return None
    told = _Told(place.digest, part.seek(0, io.SEEK_END))
    part.seek(0)
    return Past(tracked.record, place.read, told, place.line + 1)


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


def past(source: BinaryIO, tracked: Known, attached: Attached) -> Past | None:
    """What is tracked of a stream, if the file begins with the same bytes; else None, and all of it has to be read.

    Args:
        source: the file; it is left behind the past.
        tracked: the source.
        attached: the files that it names.
    """
    *_, found = verify(source, tracked, attached)
    return found


def verify(source: BinaryIO, tracked: Known, attached: Attached) -> Iterator[Past | None]:
    """As `past`, a megabyte at a time: the last thing it yields is the answer."""
    if tracked.kind != "stream" or not tracked.read_bytes or not tracked.read_digest:
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
    if not same or not all(_same_images(tracked, attached)):
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


def _same_images(tracked: Known, attached: Attached) -> Iterator[bool]:
    """Of each image of a path, whether its file is there and has the bytes that are tracked."""
    if not any(kind == "images" for kind, _ in tracked.series):
        return
    for one in tracked.files:
        if one.kind == "images" and one.path:
            faults: list[Finding] = [
                what for what in attached.check(("images", one.name), {"path": one.path}) if what.severity == "error"
            ]
            yield not faults and digest_of(attached.bytes_of(one.path)) == one.sha256
