"""Run files laid out for people, and folds written as documents and streams."""

from __future__ import annotations

from collections.abc import Iterator
from json.encoder import encode_basestring
from typing import Any, Final

import msgspec

from runjson_schema.canonical import columns, digest, json_pieces, json_text, whole
from runjson_schema.fold import Fold
from runjson_schema.points import KINDS
from runjson_schema.records import LAYOUT, MAPS

_OPENED: Final = frozenset({"parameters", *MAPS, *KINDS, "artifacts"})
_WIDTH: Final = 100
_ORDER: Final = {member: index for index, member in enumerate(LAYOUT)}
_object: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def in_layout(members: dict[str, Any]) -> list[str]:
    """The names of a record's members in the order of the layout, unknown ones behind."""
    return sorted(members, key=lambda member: (_ORDER.get(member, len(_ORDER)), member))


def document(text: bytes) -> bytes:
    """A valid document, each member on its line and every spelling kept."""
    members = _object.decode(text)
    lines = []
    for member in in_layout(members):
        value = msgspec.json.format(bytes(members[member]), indent=0)
        if member in _OPENED and len(value) > _WIDTH and value.startswith(b"{"):
            entries = _object.decode(members[member])
            inner = [
                b"    %b: %b" % (_name(name), msgspec.json.format(bytes(raw), indent=0))
                for name, raw in entries.items()
            ]
            value = b"{\n%b\n  }" % b",\n".join(inner)
        lines.append(b"  %b: %b" % (_name(member), value))
    return b"{\n%b\n}\n" % b",\n".join(lines) if lines else b"{}\n"


def line(text: bytes) -> bytes:
    """A valid record of a stream on one line, its members in the order of the layout and every spelling kept."""
    members = _object.decode(text)
    return b"{%b}" % b", ".join(
        b"%b: %b" % (_name(member), msgspec.json.format(bytes(members[member]), indent=0))
        for member in in_layout(members)
    )


def _name(name: str) -> bytes:
    return encode_basestring(name).encode()


def folded(fold: Fold) -> Iterator[bytes]:
    """The fold, all of whose points wait in it, as a document for people, piece by piece."""
    record = whole(fold)
    yield b"{"
    for index, member in enumerate(in_layout(record)):
        yield b",\n  " if index else b"\n  "
        yield _name(member) + b": "
        value = record[member]
        if member not in _OPENED:
            yield json_text(value)
            continue
        yield b"{"
        for entry_index, (name, entry) in enumerate(value.items()):
            yield b",\n    " if entry_index else b"\n    "
            yield _name(name) + b": "
            yield from json_pieces(entry)
        yield b"\n  }" if value else b"}"
    yield b"\n}\n"


def split(fold: Fold, points: int) -> Iterator[bytes]:
    """The fold, all of whose points wait in it, as the lines of a stream.

    Args:
        fold: what is split; without an id, it gets the one by which its document is known (SPEC 9.1).
        points: at most so many points of one name stand on a line.
    """
    record = fold.record()
    if "id" not in record:
        record["id"] = digest(fold)[:32]
    yield _ordered(record)
    for kind, names in fold.columns.items():
        for name, column in names.items():
            waiting = column.peek()
            for start in range(0, len(waiting), points):
                part = waiting[start : start + points]
                yield b"{%b: {%b: %b}}\n" % (_name(kind), _name(name), json_text(columns(part)))


def _ordered(record: dict[str, Any]) -> bytes:
    return b"{%b}\n" % b", ".join(
        b"%b: %b" % (_name(member), json_text(record[member])) for member in in_layout(record)
    )
