"""What `runjson fix` changes in the text of one record: mechanical mistakes alone, and nothing else by a byte."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

from runjson_schema import wording
from runjson_schema.findings import Finding
from runjson_schema.names import SHA256, name_fault, path_fault
from runjson_schema.places import Member, entries, members
from runjson_schema.records import MEMBERS, STATUSES
from runjson_schema.text import SPACE, At, mended, scan

from runjson_validator.repair_points import Edit, Null, Points, quoted

_TEXTS: Final = frozenset(
    {"runjson", "project", "id", "writer", "name", "description", "group", "status", "started_at", "ended_at"}
)
_DATA_URL: Final = re.compile(r"data:([\w.+-]+/[\w.+-]+);base64,(.*)\Z", re.DOTALL)
# A repair may make another one possible: an unquoted NaN first, then the row that holds it.
_ROUNDS: Final = 4


@dataclass(slots=True)
class Repaired:
    """The text of a record after its repair.

    Attributes:
        text: what is to be written.
        done: how often each repair was made, by its code.
    """

    text: bytes
    done: dict[str, int] = field(default_factory=dict)


def repair(text: bytes, null: Null = None) -> Repaired:
    """Repair the text of a record.

    Args:
        text: one JSON object, or what was meant to be one.
        null: what a point that is null is to become; None to leave it.
    """
    result = Repaired(text)
    for _ in range(_ROUNDS):
        faults: list[tuple[Finding, int, int]] = []
        found = scan(result.text, _appending(faults))
        written = [fault for fault in faults if fault[0].written is not None]
        if written:
            for what, _start, _end in written:
                result.done[what.code] = result.done.get(what.code, 0) + 1
            result.text = mended(result.text, written)
            continue
        if faults or not found.whole or not isinstance(found.tree, dict):
            return result
        edits = list(_Record(result.text, null, result.done).edits())
        if not edits:
            return result
        result.text = _applied(result.text, edits)
    return result


def _appending(faults: list[tuple[Finding, int, int]]) -> At:
    return lambda *fault: faults.append(fault)


def _applied(text: bytes, edits: list[Edit]) -> bytes:
    parts = []
    at = 0
    for start, end, new in sorted(edits):
        if start < at:
            continue  # inside what another edit replaced: the next round sees it
        parts += [text[at:start], new]
        at = end
    return b"".join([*parts, text[at:]])


class _Record(Points):
    """A record, member by member."""

    def edits(self) -> Iterator[Edit]:
        begin = len(self.text) - len(self.text.lstrip(SPACE))
        top = members(self.text, begin)
        self.has = {one.name for one in top}
        self.stepped = any(
            one.name in {"step", "time"} and self.text[one.value : one.value + 1] not in b'n{["' for one in top
        )
        self.step = any(one.name == "step" and self.text[one.value : one.value + 1] not in b"n{[" for one in top)
        for one in top:
            head = self.text[one.value : one.value + 1]
            if one.name in _TEXTS:
                yield from self._text(one)
            elif one.name in {"step", "time"}:
                yield from self.number(one.value, one.end, time=one.name == "time")
            elif one.name in {"series", "text"} and head == b"{":
                for entry in members(self.text, one.value):
                    yield from self.points(one.name, entry)
            elif one.name in {"images", "artifacts"} and head == b"{":
                for entry in members(self.text, one.value):
                    yield from self._files(entry.value, entry.end)
        yield from self._flat(top)

    # -- single values -----------------------------------------------------------------------------------------------

    def _text(self, one: Member) -> Iterator[Edit]:
        """A text that R boxed, a version that is a number, a status in other words."""
        start, end = one.value, one.end
        value = self.value(start, end)
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
            start, end = next(entries(self.text, start))
            self.count("RJ102" if one.name == "runjson" else "RJ106")
            yield one.value, one.end, self.text[start:end]
        elif one.name == "runjson" and value == 1.0 and not isinstance(value, bool):
            self.count("RJ102")
            yield start, end, b'"1.0"'
        elif one.name == "status":
            yield from self.allowed(one, STATUSES)

    # -- files -------------------------------------------------------------------------------------------------------

    def _files(self, start: int, end: int) -> Iterator[Edit]:
        head = self.text[start : start + 1]
        if head == b"[":
            for first, last in entries(self.text, start):
                yield from self._files(first, last)
        elif head == b'"':
            yield from self._path(start, end)
        elif head == b"{":
            inner = members(self.text, start)
            for one in inner:
                if one.name == "values":
                    yield from self._files(one.value, one.end)
                elif self.text[one.value : one.value + 1] != b'"':
                    continue
                elif one.name == "path":
                    yield from self._path(one.value, one.end, one, {two.name for two in inner})
                elif one.name == "sha256":
                    said = self.value(one.value, one.end)
                    if len(said) > 64 and SHA256.match(said[:64]) and said[64].isspace():
                        self.count("RJ120")
                        yield one.value, one.end, json.dumps(said[:64]).encode()

    def _path(self, start: int, end: int, member: Member | None = None, beside: Collection[str] = ()) -> Iterator[Edit]:
        """A path: alone, or a member of a file with other members beside it."""
        path = self.value(start, end)
        if match := _DATA_URL.match(path):
            data, media = b'"data": %b' % quoted(match[2]), b', "media_type": %b' % quoted(match[1])
            self.count("RJ119")
            if member is None:
                yield start, end, b"{%b%b}" % (data, media)
            else:
                yield member.start, end, data + (b"" if "media_type" in beside else media)
        elif "\\" in path and path_fault(turned := path.replace("\\", "/")) is None:
            self.count("RJ119")
            yield start, end, quoted(turned)

    # -- unknown members that are points -----------------------------------------------------------------------------

    def _flat(self, top: list[Member]) -> Iterator[Edit]:
        """Metrics beside `step` go into `series`."""
        flat = [
            one
            for one in top
            if one.name not in MEMBERS
            and ":" not in one.name
            and not name_fault(one.name)
            and wording.is_metric(one.name, self.value(one.value, one.end), steps=self.stepped)
        ]
        if not flat:
            return
        moved = b", ".join(self.text[one.start : one.end] for one in flat)
        series = next((one for one in top if one.name == "series"), None)
        if series is None:
            first, *rest = flat
            yield first.start, first.end, b'"series": {%b}' % moved
        else:
            rest = flat
            if self.text[series.value : series.value + 1] != b"{":
                return
            inner = members(self.text, series.value)
            if {one.name for one in inner} & {one.name for one in flat}:
                return
            at = inner[-1].end if inner else series.value + 1
            yield at, at, (b", " if inner else b"") + moved
        self.count("RJ105", len(flat))
        for one in rest:
            index = top.index(one)
            if index:
                yield top[index - 1].end, one.end, b""
            else:
                yield one.start, top[1].start, b""
