"""Where a pointer leads in the text of a record, and the part of a line that is shown for it.

The text is walked once for all pointers that are asked for. What does not lie on the way is stepped over by regular
expressions, number arrays by their commas, so that the last point of a line of 40 MB is found in a fraction of a
second. The text need not be JSON: a number that is spelled as Fortran does is stepped over like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import msgspec

from runjson_schema.findings import Excerpt, Pointer

_SPACE: Final = re.compile(rb"[ \t\r\n]*+")
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_SCALAR: Final = re.compile(rb"[^ \t\r\n,\]}]*+")
_MARK: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[{}\[\]]', re.DOTALL)
# How much of a line is shown before and behind what is at fault, in characters.
_BEFORE: Final = 40
_SHOWN: Final = 100
_CHUNK: Final = 1 << 16
_Tree: TypeAlias = "dict[str | int, _Tree]"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a text: the offsets of its value, and of its name (the value's if it has none)."""

    start: int
    end: int
    name: int


def locate(text: bytes, pointers: Iterable[Pointer]) -> dict[Pointer, Place]:
    """Where pointers lead; those that lead nowhere are left out.

    Args:
        text: a record.
        pointers: member names and indices.
    """
    tree: _Tree = {}
    for pointer in pointers:
        node = tree
        for part in pointer:
            node = node.setdefault(part, {})
    finder = _Finder(text)
    start = _after_space(text, 0)
    finder.value(start, start, (), tree)
    return finder.found


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object in a text.

    Attributes:
        name: after escapes were resolved.
        start: where its name begins.
        value: where its value begins.
        end: behind its value.
    """

    name: str
    start: int
    value: int
    end: int


def members(text: bytes, at: int) -> list[Member]:
    """The members of the object that begins at an offset of a text that is JSON."""
    finder = _Finder(text)
    found = []
    at = _after_space(text, at + 1)
    while text[at : at + 1] == b'"':
        start, behind = at, finder.behind(at)
        value = _after_space(text, _after_space(text, behind) + 1)
        end = finder.behind(value)
        found.append(Member(_name(text[start:behind]), start, value, end))
        at = finder.over_comma(end)
    return found


def entries(text: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Where the entries of the array that begins at an offset of a text that is JSON begin and end."""
    finder = _Finder(text)
    at = _after_space(text, at + 1)
    while text[at : at + 1] not in {b"]", b""}:
        end = finder.behind(at)
        yield at, end
        at = finder.over_comma(end)


def _after_space(text: bytes, at: int) -> int:
    return _SPACE.match(text, at).end()  # type: ignore[union-attr]  # it matches the empty text


class _Finder:
    def __init__(self, text: bytes) -> None:
        self.text = text
        self.found: dict[Pointer, Place] = {}

    def value(self, at: int, name: int, path: Pointer, wanted: _Tree) -> int:
        """Walk the value at an offset; returns the offset behind it."""
        head = self.text[at : at + 1]
        if head == b"{" and wanted:
            end = self.object(at, path, wanted)
        elif head == b"[" and wanted:
            end = self.array(at, path, wanted)
        else:
            end = self.behind(at)
        self.found[path] = Place(at, end, name)
        return end

    def behind(self, at: int) -> int:
        """The offset behind the value at an offset."""
        head = self.text[at : at + 1]
        if head == b'"':
            return _STRING.match(self.text, at).end()  # type: ignore[union-attr]  # it begins with a quote
        if head not in {b"{", b"["}:
            return _SCALAR.match(self.text, at).end()  # type: ignore[union-attr]  # it matches the empty text
        depth = 0
        for mark in _MARK.finditer(self.text, at):
            if mark[0] in {b"{", b"["}:
                depth += 1
            elif mark[0] in {b"}", b"]"}:
                depth -= 1
                if not depth:
                    return mark.end()
        return len(self.text)

    def object(self, at: int, path: Pointer, wanted: _Tree) -> int:
        at = _after_space(self.text, at + 1)
        while self.text[at : at + 1] == b'"':
            name_at = at
            at = self.behind(at)
            name = _name(self.text[name_at:at])
            at = _after_space(self.text, at)
            if self.text[at : at + 1] != b":":
                return at
            at = _after_space(self.text, at + 1)
            at = self.value(at, name_at, (*path, name), wanted[name]) if name in wanted else self.behind(at)
            at = self.over_comma(at)
        return at + (self.text[at : at + 1] == b"}")

    def over_comma(self, at: int) -> int:
        at = _after_space(self.text, at)
        return _after_space(self.text, at + 1) if self.text[at : at + 1] == b"," else at

    def array(self, at: int, path: Pointer, wanted: _Tree) -> int:
        at = _after_space(self.text, at + 1)
        index = 0
        for target in sorted(part for part in wanted if isinstance(part, int)):
            at, index = self.forward(at, index, target)
            if index != target or self.text[at : at + 1] in {b"]", b""}:
                break
            at = self.over_comma(self.value(at, at, (*path, target), wanted[target]))
            index += 1
        return self.close(at)

    def forward(self, at: int, index: int, target: int) -> tuple[int, int]:
        """Step from one entry of an array towards another; returns where that ended, and at which index."""
        while index < target and self.text[at : at + 1] not in {b"]", b""}:
            plain = min(
                (end for mark in (b'"', b"[", b"{", b"]") if (end := self.text.find(mark, at, at + _CHUNK)) >= 0),
                default=min(at + _CHUNK, len(self.text)),
            )
            commas = self.text.count(b",", at, plain)
            if commas and commas <= target - index:
                index += commas
                at = _after_space(self.text, self.text.rfind(b",", at, plain) + 1)
            elif commas:
                for _ in range(target - index):
                    at = self.text.find(b",", at) + 1
                return _after_space(self.text, at), target
            else:
                at = self.over_comma(self.behind(at))
                index += 1
        return at, index

    def close(self, at: int) -> int:
        """The offset behind an array, from the beginning of one of its entries."""
        depth = 1
        for mark in _MARK.finditer(self.text, at):
            if mark[0] in {b"{", b"["}:
                depth += 1
            elif mark[0] in {b"}", b"]"}:
                depth -= 1
                if not depth:
                    return mark.end()
        return len(self.text)


def _name(text: bytes) -> str:
    try:
        return msgspec.json.decode(text, type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return text[1:-1].decode("utf-8", "replace")


class Lines:
    """Counts lines and columns of a text, the offsets asked for never falling."""

    def __init__(self, text: bytes, first: int = 1) -> None:
        self._text = text
        self._line = first
        self._begin = 0  # of the line
        self._at = 0
        self._column = 1

    def place(self, offset: int) -> tuple[int, int]:
        """The line and the column, in characters counted from 1, of a byte that is not before the last one asked."""
        breaks = self._text.count(b"\n", self._at, offset)
        if breaks:
            self._line += breaks
            self._begin = self._at = self._text.rfind(b"\n", self._at, offset) + 1
            self._column = 1
        self._column += len(self._text[self._at : offset].decode("utf-8", "replace"))
        self._at = max(offset, self._at)
        return self._line, self._column


def excerpt(text: bytes, start: int, end: int) -> Excerpt:
    """The part of the line around what stands from `start` to `end`, on one line, at most some hundred characters."""
    begin = text.rfind(b"\n", max(0, start - 4 * _SHOWN), start) + 1
    cut_before = not begin and start > 4 * _SHOWN
    if cut_before:
        begin = start - 4 * _SHOWN
    close = text.find(b"\n", start, start + 4 * _SHOWN)
    line_end = close if close >= 0 else min(len(text), start + 4 * _SHOWN)
    before, at, behind = (
        text[first:last].decode("utf-8", "replace").replace("\ufffd", "?")
        for first, last in ((begin, start), (start, min(end, line_end)), (min(end, line_end), line_end))
    )
    at_and_behind = (at + behind).rstrip("\r")
    if cut_before or len(before) + len(at_and_behind) > _SHOWN:
        cut_before = cut_before or len(before) > _BEFORE
        before = before[-_BEFORE:]
    room = _SHOWN - len(before)
    cut_behind = len(at_and_behind) > room or (close < 0 and line_end < len(text))
    shown = at_and_behind[:room]
    return Excerpt(before + shown, len(before), max(1, min(len(at), len(shown))), (cut_before, cut_behind))
