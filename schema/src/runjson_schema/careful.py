"""The way into the typed records for what their decoder does not take: unknown members, other ways to say nothing."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from runjson_schema.files import is_nothing
from runjson_schema.findings import Pointer
from runjson_schema.points import KINDS
from runjson_schema.records import MEMBERS, DocumentRecord
from runjson_schema.twice import colons, suspicious

_PLACE: Final = re.compile(r"at `\$\.([A-Za-z_$]+)")
_object: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_any: Final = msgspec.json.Decoder(Any)


class Unreadable(ValueError):
    """Text that is no record; the careful scan of the text, or the schema, says why."""

    def __init__(self, message: str, pointer: Pointer = ()) -> None:
        super().__init__(message)
        self.pointer = pointer


def careful(text: bytes) -> tuple[DocumentRecord, dict[str, Any], bool]:
    """A record, its unknown members, and whether the text surely holds no name twice.

    Raises:
        Unreadable: the text is no JSON object, or a member has the wrong type.
    """
    known: dict[str, Any] = {}
    unknown: dict[str, Any] = {}
    points: dict[str, Any] = {}
    trusted = True
    member = ""
    try:
        top = _object.decode(text)
        trusted = not suspicious(text, colons(top))
        for member, raw in top.items():
            if member == "series" and bytes(raw).startswith(b"{"):
                points[member], sure = _series(raw)
                trusted = trusted and sure
                continue
            value = _any.decode(raw)
            trusted = trusted and not suspicious(bytes(raw), colons(value))
            if member not in MEMBERS:
                unknown[member] = value
            elif is_nothing(value):
                continue
            elif member in KINDS:
                if not isinstance(value, dict):
                    raise Unreadable(f"{member} is not an object", (member,))
                points[member] = value
            else:
                known[member] = value
        member = ""
        record = msgspec.convert(known, DocumentRecord)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as fault:
        place = _PLACE.search(str(fault))
        raise Unreadable(str(fault), (member,) if member else (place[1],) if place else ()) from None
    for kind, entries in points.items():
        setattr(record, kind, entries)
    return record, unknown, trusted


def _series(raw: msgspec.Raw) -> tuple[dict[str, Any], bool]:
    entries: dict[str, Any] = dict(_object.decode(raw))
    trusted = not suspicious(bytes(raw), colons(entries))
    for name, entry in entries.items():
        if not bytes(entry).startswith(b"{"):
            continue
        columns: dict[str, Any] = dict(_object.decode(entry))
        trusted = trusted and not suspicious(bytes(entry), colons(columns))
        for member, value in columns.items():
            if member not in {"values", "steps", "times"}:
                columns[member] = _any.decode(value)
                trusted = trusted and not suspicious(bytes(value), colons(columns[member]))
        entries[name] = columns
    return entries, trusted
