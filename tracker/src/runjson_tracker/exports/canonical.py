"""A tracked source as the text of its run file, piece by piece, however many points it has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from runjson_schema.canonical import columns, json_pieces, json_text
from runjson_schema.fold import utf_16
from runjson_schema.layout import in_layout
from runjson_schema.numbers import numbers_text
from runjson_schema.points import KINDS, Kind, Points

if TYPE_CHECKING:
    from runjson_tracker.reading.interface import Source
    from runjson_tracker.sources import Record
    from runjson_tracker.store import Store

# So many points are held at a time.
_POINTS: Final = 1 << 16
# So many points stand on a line of a stream.
_LINE: Final = 1000


def canonical_pieces(source: Source) -> Iterator[bytes]:
    """The canonical form of a tracked source (SPEC section 10): that of the run file which carried it."""
    members = sorted({*source.record, *(kind for kind, _ in source.counts)}, key=utf_16)
    yield b"{"
    for index, member in enumerate(members):
        yield (b"," if index else b"") + json_text(member) + b":"
        yield from _member(source, member)
    yield b"}"


def canonical_source(source: Source) -> bytes:
    """The canonical form of a tracked source as one text."""
    return b"".join(canonical_pieces(source))


def canonical_run(store: Store, project: str, run: str) -> str:
    """The canonical form of a tracked run: the array of those of its sources, in the order of their writers."""
    forms = []
    for writer in sorted(store.records(project, run)):
        if source := store.source(project, run, writer):
            forms.append(canonical_source(source).decode())
    return f"[{','.join(forms)}]"


def document(source: Source) -> Iterator[bytes]:
    """A tracked source as a document, a member a line."""
    members = in_layout(dict.fromkeys((*source.record, *(kind for kind, _ in source.counts))))
    for index, member in enumerate(members):
        yield (b",\n  " if index else b"{\n  ") + json_text(member) + b": "
        yield from _member(source, member)
    yield b"\n}\n"


def stream(source: Source) -> Iterator[bytes]:
    """A tracked source as the lines of a stream; it needs an id."""
    record = source.record
    members = b", ".join(json_text(member) + b": " + json_text(record[member]) for member in in_layout(record))
    yield b"{" + members + b"}\n"
    for kind, name in _ordered(source):
        for points in portions(source, kind, name):
            for start in range(0, len(points), _LINE):
                part = columns(points[start : start + _LINE])
                yield b"{%b: {%b: %b}}\n" % (json_text(kind), json_text(name), json_text(part))


def portions(source: Source, kind: Kind, name: str) -> Iterator[Points]:
    """The points of a series, a bounded number at a time."""
    count = source.counts.get((kind, name), 0)
    for start in range(0, count, _POINTS):
        yield source.points(kind, name, start, min(start + _POINTS, count))


def _ordered(source: Source) -> list[tuple[Kind, str]]:
    return sorted(source.counts, key=lambda key: (KINDS.index(key[0]), utf_16(key[1])))


def _member(source: Source, member: str) -> Iterator[bytes]:
    if member not in KINDS:
        yield from json_pieces(source.record[member])
        return
    notes: Record = source.record.get(member, {})
    names = sorted({*notes, *(name for kind, name in source.counts if kind == member)}, key=utf_16)
    yield b"{"
    for index, name in enumerate(names):
        yield (b"," if index else b"") + json_text(name) + b":"
        yield from _entry(source, member, name, notes.get(name, {}))
    yield b"}"


def _entry(source: Source, kind: Kind, name: str, notes: Record) -> Iterator[bytes]:
    """The columns of a name, and the notes beside them."""
    known = source.series.get((kind, name))
    there: set[str] = {"values"}
    if known is not None and known.summary is not None:
        there |= {"steps"} if known.summary.step_min is not None else set()
        there |= {"times"} if known.summary.time_min is not None else set()
    yield b"{"
    for index, member in enumerate(sorted({*notes, *there}, key=utf_16)):
        yield (b"," if index else b"") + json_text(member) + b":"
        if member in there:
            yield from _column(source, kind, name, member)
        else:
            yield from json_pieces(notes[member])
    yield b"}"


def _column(source: Source, kind: Kind, name: str, column: str) -> Iterator[bytes]:
    yield b"["
    for index, points in enumerate(portions(source, kind, name)):
        yield b"," if index else b""
        cells: Any = getattr(points, column)  # Any: an array or a list
        if isinstance(cells, list):
            yield b",".join(json_text(cell) for cell in cells)
        else:
            numbers = np.full(len(points), np.nan) if cells is None else cells
            yield numbers_text(numbers, b'"NaN"' if column == "values" else b"null")
    yield b"]"
