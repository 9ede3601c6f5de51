"""Which files a run file names, found without folding it: a guess that saves sending the run file twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import msgspec

_MEMBERS: Final = (b'"images"', b'"artifacts"')
# A line without a line break, or a document, of more than this is left to the server, which says what it wants.
_LONGEST: Final = 1 << 28
# Bytes of lines that are looked at together.
_PIECE: Final = 1 << 18


class _Named(msgspec.Struct):
    """The members of a record that name files."""

    images: Any = None  # Any: JSON, of any shape
    artifacts: Any = None


_decoder: Final = msgspec.json.Decoder(_Named)


def named_files(source: BinaryIO, *, stream: bool) -> dict[str, None]:
    """The paths that records name, as they are written, each once.

    Args:
        source: the records, from here on.
        stream: whether each is a line.
    """
    found: dict[str, None] = {}
    for piece in _lines(source) if stream else (source.read(_LONGEST),):
        # Most lines have points alone, and are passed over many at once.
        if _may_name(piece):
            for record in filter(_may_name, piece.split(b"\n") if stream else (piece,)):
                try:
                    named = _decoder.decode(record)
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                    continue
                for member in (named.images, named.artifacts):
                    found.update(dict.fromkeys(_paths(member)))
    return found


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """Pieces that end where lines do."""
    while piece := source.read(_PIECE):
        yield piece + source.readline()


def _may_name(text: bytes) -> bool:
    return any(member in text for member in _MEMBERS)


def _paths(member: Any) -> Iterator[str]:  # Any: JSON
    """The paths of a member: names stand over a file, an array of them, or columns with `values`."""
    if not isinstance(member, dict):
        return
    for entry in member.values():
        values = entry.get("values", entry) if isinstance(entry, dict) else entry
        for value in values if isinstance(values, list) else [values]:
            path = value.get("path") if isinstance(value, dict) else value
            if isinstance(path, str):
                yield path
