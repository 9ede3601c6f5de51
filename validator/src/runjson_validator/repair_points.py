"""What `runjson fix` changes in points, steps and times."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

import msgspec
from runjson_schema import wording
from runjson_schema.entries import LATEST
from runjson_schema.names import name_fault, normal_time
from runjson_schema.numbers import SPECIAL, special, spelled
from runjson_schema.places import Member, entries, members
from runjson_schema.records import GOALS

Null: TypeAlias = Literal["nan", "drop"] | None
# Text between two offsets, and what is to stand there.
Edit: TypeAlias = tuple[int, int, bytes]
_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[^ \t\r\n,\[\]"]+', re.DOTALL)
_right_values: Final = msgspec.json.Decoder(list[float | Literal["NaN", "Infinity", "-Infinity"]])
_right_numbers: Final = msgspec.json.Decoder(list[float | None])


class Points:
    """The points of a record, name by name.

    Attributes:
        text: of the record, which is JSON.
        null: what a point that is null is to become; None to leave it.
        done: how often each repair was made, by its code.
        step: whether the record has a step.
    """

    def __init__(self, text: bytes, null: Null, done: dict[str, int]) -> None:
        self.text = text
        self.null = null
        self.done = done
        self.step = False

    def count(self, code: str, number: int = 1) -> None:
        """Count repairs."""
        self.done[code] = self.done.get(code, 0) + number

    def value(self, start: int, end: int) -> Any:  # Any: any JSON
        """What stands between two offsets."""
        return msgspec.json.decode(self.text[start:end])

    def number(self, start: int, end: int, *, time: bool) -> Iterator[Edit]:
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

    def allowed(self, one: Member, allowed: tuple[str, ...]) -> Iterator[Edit]:
        """A status, or a goal, in other words."""
        value = self.value(one.value, one.end)
        if isinstance(value, str) and value not in allowed and (meant := wording.meant_by(value, allowed)):
            self.count("RJ107")
            yield one.value, one.end, quoted(meant)

    def points(self, kind: str, entry: Member) -> Iterator[Edit]:
        """A name in `series` or `text`."""
        head = self.text[entry.value : entry.value + 1]
        if head == b"{":
            yield from self._object(kind, entry)
        elif kind == "series" and head == b"[":
            yield from self._array(entry.value, entry.end, None)
        elif kind == "series":
            yield from self._scalar(entry)

    def _scalar(self, entry: Member) -> Iterator[Edit]:
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

    def _object(self, kind: str, entry: Member) -> Iterator[Edit]:
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
                yield from self.allowed(named["goal"], GOALS)
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
                yield b"%b: %b" % (quoted(name), self.text[one.value : one.end])

    def _typed_array(self, start: int, end: int) -> Iterator[Edit]:
        value = self.value(start, end)
        if wording.is_typed_array(value):
            self.count("RJ113")
            inner = members(self.text, start)
            yield start, end, b"[%b]" % b", ".join(self.text[one.value : one.end] for one in inner)

    def _column(self, column: Member, *, time: bool) -> Iterator[Edit]:
        """A column of steps or times."""
        text = self.text[column.value : column.end]
        if not text.startswith(b"["):
            yield from self.number(column.value, column.end, time=time)
            return
        try:
            numbers = _right_numbers.decode(text)
        except msgspec.DecodeError:
            numbers = None
        if numbers is None or (time and any(one is not None and abs(one) > LATEST for one in numbers)):
            for start, end in entries(self.text, column.value):
                yield from self.number(start, end, time=time)

    def _array(self, start: int, end: int, columns: dict[str, Member] | None) -> Iterator[Edit]:
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

    def _rows(self, start: int, end: int) -> Iterator[Edit]:
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

    def _without_nulls(self, start: int, end: int, columns: dict[str, Member] | None) -> Iterator[Edit]:
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


def quoted(text: str) -> bytes:
    """A text as JSON."""
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
