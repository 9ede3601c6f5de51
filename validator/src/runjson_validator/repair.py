"""What `runjson fix` changes in the text of one record: mechanical mistakes alone, and nothing else by a byte."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

import msgspec
from runjson_schema import wording
from runjson_schema.entries import LATEST
from runjson_schema.findings import Finding
from runjson_schema.names import SHA256, name_fault, normal_time, path_fault
from runjson_schema.numbers import SPECIAL, special, spelled
from runjson_schema.places import Member, entries, members
from runjson_schema.records import GOALS, MEMBERS, STATUSES
from runjson_schema.text import At, mended, scan

Null: TypeAlias = Literal["nan", "drop"] | None
# Text between two offsets, and what is to stand there.
_Edit: TypeAlias = tuple[int, int, bytes]
_TEXTS: Final = frozenset(
    {"runjson", "project", "id", "writer", "name", "description", "group", "status", "started_at", "ended_at"}
)
_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[^\s,\[\]"]+', re.DOTALL)
_DATA_URL: Final = re.compile(r"data:([\w.+-]+/[\w.+-]+);base64,(.*)\Z", re.DOTALL)
_right_values: Final = msgspec.json.Decoder(list[float | Literal["NaN", "Infinity", "-Infinity"]])
_right_numbers: Final = msgspec.json.Decoder(list[float | None])
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


def _applied(text: bytes, edits: list[_Edit]) -> bytes:
    parts = []
    at = 0
    for start, end, new in sorted(edits):
        if start < at:
            continue  # inside what another edit replaced: the next round sees it
        parts += [text[at:start], new]
        at = end
    return b"".join([*parts, text[at:]])


class _Record:
    def __init__(self, text: bytes, null: Null, done: dict[str, int]) -> None:
        self.text = text
        self.null = null
        self.done = done

    def count(self, code: str, number: int = 1) -> None:
        self.done[code] = self.done.get(code, 0) + number

    def value(self, start: int, end: int) -> Any:  # Any: any JSON
        return msgspec.json.decode(self.text[start:end])

    def edits(self) -> Iterator[_Edit]:
        begin = len(self.text) - len(self.text.lstrip())
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
                yield from self._number(one.value, one.end, time=one.name == "time")
            elif one.name in {"series", "text"} and head == b"{":
                for entry in members(self.text, one.value):
                    yield from self._points(one.name, entry)
            elif one.name in {"images", "artifacts"} and head == b"{":
                for entry in members(self.text, one.value):
                    yield from self._files(entry.value, entry.end)
        yield from self._flat(top)

    # -- single values -----------------------------------------------------------------------------------------------

    def _text(self, one: Member) -> Iterator[_Edit]:
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
            yield from self._allowed(one, STATUSES)

    def _allowed(self, one: Member, allowed: tuple[str, ...]) -> Iterator[_Edit]:
        value = self.value(one.value, one.end)
        if isinstance(value, str) and value not in allowed and (meant := wording.meant_by(value, allowed)):
            self.count("RJ107")
            yield one.value, one.end, _quoted(meant)

    def _number(self, start: int, end: int, *, time: bool) -> Iterator[_Edit]:
        """A step or a time that is a text, or a time in milliseconds."""
        value = self.value(start, end)
        written = self.text[start:end].decode()
        if isinstance(value, str) and wording.is_number(value):
            self.count("RJ114")
            yield start, end, value.encode()
        elif isinstance(value, str) and time and (moment := normal_time(value)):
            if seconds := _seconds(moment):
                self.count("RJ114")
                yield start, end, seconds.encode()
        elif time and type(value) in (int, float) and abs(value) > LATEST and abs(value) < LATEST * 1000:
            self.count("RJ204")
            yield start, end, _plain(Decimal(written) / 1000).encode()

    # -- points ------------------------------------------------------------------------------------------------------

    def _points(self, kind: str, entry: Member) -> Iterator[_Edit]:
        head = self.text[entry.value : entry.value + 1]
        if head == b"{":
            yield from self._object(kind, entry)
        elif kind == "series" and head == b"[":
            yield from self._array(entry.value, entry.end, None)
        elif kind == "series":
            yield from self._scalar(entry)

    def _scalar(self, entry: Member) -> Iterator[_Edit]:
        token = self.text[entry.value : entry.end]
        if token == b"null":
            if self.null == "nan":
                self.count("RJ112")
                yield entry.value, entry.end, b'"NaN"'
            elif self.null == "drop":
                self.count("RJ112")
                yield entry.value, entry.end, b"[]"
            return
        right, code = _right(token)
        if code:
            self.count(code)
            yield entry.value, entry.end, right

    def _object(self, kind: str, entry: Member) -> Iterator[_Edit]:
        inner = members(self.text, entry.value)
        named = {one.name: one for one in inner}
        if "values" in named:
            columns: dict[str, Member] = {name: named[name] for name in ("steps", "times") if name in named}
            values = named["values"]
            head = self.text[values.value : values.value + 1]
            if kind == "series" and head == b"[":
                yield from self._array(values.value, values.end, columns)
            elif kind == "series" and head == b"{":
                yield from self._typed_array(values.value, values.end)
            elif kind == "series":
                yield from self._scalar(values)
            for name, column in columns.items():
                yield from self._column(column, time=name == "times")
            if "goal" in named:
                yield from self._allowed(named["goal"], GOALS)
        elif kind == "series":
            value = self.value(entry.value, entry.end)
            if wording.is_typed_array(value):
                yield from self._typed_array(entry.value, entry.end)
            elif wording.is_nested(value) and all(not name_fault(name) for name in _flat_names(entry.name, value)):
                self.count("RJ115")
                yield entry.start, entry.end, b", ".join(self._unnested(entry.name, entry.value))

    def _unnested(self, above: str, at: int) -> Iterator[bytes]:
        for one in members(self.text, at):
            name = f"{above}/{one.name}"
            inner = members(self.text, one.value) if self.text[one.value : one.value + 1] == b"{" else []
            if inner and all(two.name != "values" for two in inner):
                yield from self._unnested(name, one.value)
            else:
                yield b"%b: %b" % (_quoted(name), self.text[one.value : one.end])

    def _typed_array(self, start: int, end: int) -> Iterator[_Edit]:
        value = self.value(start, end)
        if wording.is_typed_array(value):
            self.count("RJ113")
            inner = members(self.text, start)
            yield start, end, b"[%b]" % b", ".join(self.text[one.value : one.end] for one in inner)

    def _column(self, column: Member, *, time: bool) -> Iterator[_Edit]:
        """A column of steps or times."""
        text = self.text[column.value : column.end]
        if not text.startswith(b"["):
            yield from self._number(column.value, column.end, time=time)
            return
        try:
            numbers = _right_numbers.decode(text)
        except msgspec.DecodeError:
            numbers = None
        if numbers is None or (time and any(one is not None and abs(one) > LATEST for one in numbers)):
            for start, end in entries(self.text, column.value):
                yield from self._number(start, end, time=time)

    def _array(self, start: int, end: int, columns: dict[str, Member] | None) -> Iterator[_Edit]:
        """An array of points: texts that are numbers, other spellings of NaN, nulls, rows.

        `columns` are the steps and times beside it; None if it is no part of columns.
        """
        text = self.text[start:end]
        try:
            _right_values.decode(text)
        except msgspec.DecodeError:
            pass
        else:
            return
        if b"{" in text:
            if columns is None:
                yield from self._rows(start, end)
            return
        if b"[" in text[1:]:
            return
        if self.null == "drop" and b"null" in text:
            yield from self._without_nulls(start, end, columns)
            return

        def right(match: re.Match[bytes]) -> bytes:
            token = match[0]
            if token == b"null" and self.null == "nan":
                self.count("RJ112")
                return b'"NaN"'
            written, code = _right(token)
            if code:
                self.count(code)
            return written

        fixed = _TOKEN.sub(right, text)
        if fixed != text:
            yield start, end, fixed

    def _rows(self, start: int, end: int) -> Iterator[_Edit]:
        rows = self.value(start, end)
        if not all(map(wording.is_row, rows)) or len({tuple(row) for row in rows}) != 1:
            return
        columns: dict[str, list[bytes]] = {"values": [], "steps": [], "times": []}
        for begin, _ in entries(self.text, start):
            for one in members(self.text, begin):
                column = "steps" if one.name in wording.STEPS else "times" if one.name in wording.TIMES else "values"
                columns[column].append(self.text[one.value : one.end])
        self.count("RJ113", len(rows))
        said = [b'"%b": [%b]' % (name.encode(), b", ".join(tokens)) for name, tokens in columns.items() if tokens]
        yield start, end, b"{%b}" % b", ".join(said)

    def _without_nulls(self, start: int, end: int, columns: dict[str, Member] | None) -> Iterator[_Edit]:
        """Points that are null left out, with their steps and times; the others keep their places."""
        tokens = _TOKEN.findall(self.text[start:end])
        kept = [index for index, token in enumerate(tokens) if token != b"null"]
        for column in (columns or {}).values():
            its = _TOKEN.findall(self.text[column.value : column.end])
            if len(its) == len(tokens):
                yield column.value, column.end, b"[%b]" % b", ".join(its[index] for index in kept)
        self.count("RJ112", len(tokens) - len(kept))
        values = b"[%b]" % b", ".join(_right(tokens[index])[0] for index in kept)
        if self.step or (columns and "steps" in columns):
            yield start, end, values
        elif columns is not None:  # columns without steps: the places of the others are said
            steps = b", ".join(b"%d" % index for index in kept)
            yield start, end, b'%b, "steps": [%b]' % (values, steps)
        else:
            steps = b", ".join(b"%d" % index for index in kept)
            yield start, end, b'{"values": %b, "steps": [%b]}' % (values, steps)

    # -- files -------------------------------------------------------------------------------------------------------

    def _files(self, start: int, end: int) -> Iterator[_Edit]:
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

    def _path(
        self, start: int, end: int, member: Member | None = None, beside: Collection[str] = ()
    ) -> Iterator[_Edit]:
        """A path: alone, or a member of a file with other members beside it."""
        path = self.value(start, end)
        if match := _DATA_URL.match(path):
            data, media = b'"data": %b' % _quoted(match[2]), b', "media_type": %b' % _quoted(match[1])
            self.count("RJ119")
            if member is None:
                yield start, end, b"{%b%b}" % (data, media)
            else:
                yield member.start, end, data + (b"" if "media_type" in beside else media)
        elif "\\" in path and path_fault(turned := path.replace("\\", "/")) is None:
            self.count("RJ119")
            yield start, end, _quoted(turned)

    # -- unknown members that are points -----------------------------------------------------------------------------

    def _flat(self, top: list[Member]) -> Iterator[_Edit]:
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


def _right(token: bytes) -> tuple[bytes, str | None]:
    """A point as it is to be written, and the code of what was wrong; None if nothing was."""
    if token[:1] != b'"':
        return token, None
    text: str = msgspec.json.decode(token, type=str)
    if text in SPECIAL:
        return token, None
    if wording.is_number(text):
        return text.encode(), "RJ113"
    number = spelled(text)
    if number is None:
        return token, None
    return b'"%b"' % special(number).encode(), "RJ206"


def _flat_names(above: str, value: dict[str, Any]) -> Iterator[str]:
    for name, one in value.items():
        if isinstance(one, dict) and "values" not in one:
            yield from _flat_names(f"{above}/{name}", one)
        else:
            yield f"{above}/{name}"


def _quoted(text: str) -> bytes:
    return json.dumps(text, ensure_ascii=False).encode()


def _seconds(moment: str) -> str | None:
    """A normalised time text as seconds since 1970, no digit lost; None for a leap second."""
    whole, _, zone = moment.partition(".")
    fraction = ""
    if zone:
        digits = re.match(r"\d+", zone)
        fraction = digits[0] if digits else ""
        whole += zone[len(fraction) :]
    try:
        seconds = int(datetime.fromisoformat(whole).timestamp())
    except ValueError:
        return None
    return _plain(Decimal(seconds) + Decimal(f"0.{fraction or 0}"))


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
