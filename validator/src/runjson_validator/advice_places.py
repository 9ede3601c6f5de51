"""Where a piece of advice stands in its file, which is read once more for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import msgspec
from runjson_schema.decode import BOM
from runjson_schema.findings import Finding, Pointer
from runjson_schema.kind import FileKind
from runjson_schema.placing import place_in
from runjson_schema.points import KINDS


@dataclass(frozen=True, slots=True)
class Found:
    """A piece of advice, and the point that it is about.

    Attributes:
        finding: its pointer leads into the fold; the place in the file is not known yet.
        index: of the point among those of its name; None if it is about no point.
    """

    finding: Finding
    index: int | None = None


def placed(found: list[Found], source: BinaryIO | None, kind: FileKind) -> Iterable[Finding]:
    """Advice with its places, which are looked for in the file once more.

    Args:
        found: what was found.
        source: the file; None if it can not be read again.
        kind: what it is.
    """
    if not found or source is None:
        return [one.finding for one in found]
    source.seek(0)
    if kind == "document":
        text = source.read().removeprefix(BOM)
        return place_in(text, 1, [(one.finding, _candidates(one)) for one in found])
    return _placed_in_lines(found, source)


def _candidates(one: Found) -> list[Pointer]:
    """Where a piece of advice may stand in a document, the most precise place first."""
    pointer = one.finding.pointer or ()
    if one.index is None:
        return [pointer]
    kind, name = pointer[:2]
    column, of_the_record = {"RJ402": ("steps", "step"), "RJ405": ("times", "time")}.get(
        one.finding.code, ("values", "")
    )
    own: list[Pointer] = [(kind, name, column, one.index)] + ([(of_the_record,)] if of_the_record else [])
    return [*own, (kind, name, one.index), (kind, name, "values", one.index), (kind, name)]


def _placed_in_lines(found: list[Found], source: BinaryIO) -> list[Finding]:
    """The places of advice in a stream, which is read until all are found."""
    points: dict[Pointer, list[Found]] = {}
    values = [one for one in found if one.index is None]
    for one in found:
        if one.index is not None:
            points.setdefault((one.finding.pointer or ())[:2], []).append(one)
    seen = dict.fromkeys(points, 0)
    done: list[Finding] = []
    decode = msgspec.json.Decoder().decode
    for number, line in enumerate(source, 1):
        if not points and not values:
            break
        try:
            record = decode(line.removeprefix(BOM))
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            continue  # a torn line, or a blank one
        here: list[tuple[Finding, Sequence[Pointer]]] = []
        for one in [one for one in values if _holds(record, one.finding.pointer or ())]:
            here.append((one.finding, [one.finding.pointer or ()]))
            values.remove(one)
        names = [(kind, name) for kind in KINDS if isinstance(record.get(kind), dict) for name in record[kind]]
        for name in filter(points.__contains__, names):
            count = _count(record[name[0]][name[1]], name[0])
            for one in points[name][:]:
                inside = (one.index or 0) - seen[name]
                if inside < count:
                    here.append((one.finding, _candidates(replace(one, index=inside))))
                    points[name].remove(one)
            seen[name] += count
            if not points[name]:
                del points[name]
        if here:
            done += place_in(line.rstrip(b"\r\n"), number, here)
    return done + [one.finding for one in (*values, *(one for left in points.values() for one in left))]


def _holds(record: Any, pointer: Pointer) -> bool:  # Any: any JSON
    for part in pointer:
        inside = part in record if isinstance(record, dict) else isinstance(record, list) and part in range(len(record))
        if not inside:
            return False
        record = record[part]
    return True


def _count(entry: Any, kind: str) -> int:  # Any: any JSON
    """How many points an entry has."""
    if isinstance(entry, dict):
        entry = entry.get("values", entry if kind in {"images", "histograms"} else None)
    if isinstance(entry, list):
        return len(entry)
    return 0 if entry is None or entry == {} else 1
