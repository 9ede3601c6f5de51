"""The careful reading of JSON text: every fault of SPEC 3.1 with its place, and where a pointer leads.

It is slow beside the decoder and runs only where the decoder refused, or where a place is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from runjson_schema.findings import Finding, Pointer, finding
from runjson_schema.spelling import misspelled
from runjson_schema.values import DEPTH

_SPACE: Final = re.compile(rb"[ \t\r\n]*")
_STRING: Final = re.compile(rb'"[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*"', re.DOTALL)
_OPEN_STRING: Final = re.compile(rb'"[^"\\\x00-\x1f]*(?:\\[^\x00-\x1f][^"\\\x00-\x1f]*)*\\?')
_NUMBER: Final = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_TOKEN: Final = re.compile(rb"[^ \t\r\n,\]}:\"\[{]+")
_BEGINNING: Final = re.compile(
    rb"(?:-|-?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:(?<=[0-9])[eE][+-]?[0-9]*)?|t|tr|tru|f|fa|fal|fals|n|nu|nul)\Z"
)
_NUMBERS: Final = re.compile(
    rb"\[[ \t\r\n]*-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?"
    rb"(?:[ \t\r\n]*,[ \t\r\n]*-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?)*[ \t\r\n]*\]"
)
_LITERALS: Final = {b"true": True, b"false": False, b"null": None}
_COMMA_DECIMAL: Final = re.compile(rb"[0-9]+(?:[eE][+-]?[0-9]+)?(?=[ \t\r\n]*[,}\]])")

# Faults after which a text is no beginning of JSON; a name that stands twice, or half a surrogate pair, is grammatical.
_GRAMMAR: Final = frozenset({"RJ001", "RJ003", "RJ004", "RJ005"})

# Called with a fault and the offset of the byte where it stands.
At = Callable[[Finding, int], None]


class _Stop(Exception):
    """The text can not be read on."""


class _Torn(_Stop):
    """The text ended where more was expected."""


@dataclass(slots=True)
class Place:
    """Where a pointer leads: the offsets of the value, and of the member's name (the value's where it has none)."""

    value: int
    name: int


@dataclass(slots=True)
class Scan:
    """What a careful reading found.

    Attributes:
        tree: the JSON, with misspelled numbers read as they were meant; None where the text broke off.
        whole: whether the text could be read to the end of its first value.
        torn: whether it ended inside its first value, everything before being in order.
        end: the offset behind the first value, or of where the reading stopped.
        places: of those pointers that were asked for and found.
    """

    tree: Any = None  # Any: a JSON tree
    whole: bool = False
    torn: bool = False
    end: int = 0
    places: dict[Pointer, Place] = field(default_factory=dict)


def scan(data: bytes, tell: At, wanted: Collection[Pointer] = (), *, start: int = 0) -> Scan:
    """Read one JSON value carefully, telling every fault of the text.

    Args:
        data: the text.
        tell: called for each fault, in order.
        wanted: pointers whose places are asked for.
        start: where to begin.
    """
    scanner = _Scanner(data, tell, wanted)
    result = Scan(places=scanner.places)
    try:
        scanner.space(start)
        result.tree = scanner.value((), 1)
        result.whole = True
    except _Torn:
        result.torn = not scanner.faulty
    except _Stop:
        pass
    result.end = scanner.at
    return result


class _Scanner:
    def __init__(self, data: bytes, tell: At, wanted: Collection[Pointer]) -> None:
        self.data = data
        self.at = 0
        self.faulty = False
        self.places: dict[Pointer, Place] = {}
        self._tell = tell
        self._wanted = frozenset(wanted)
        self._above = frozenset(one[:size] for one in wanted for size in range(len(one)))

    def tell(self, code: str, message: str, at: int, hint: str | None = None) -> None:
        self.faulty = self.faulty or code in _GRAMMAR
        self._tell(finding(code, message, None, hint), at)

    def stop(self, message: str, at: int, hint: str | None = None) -> _Stop:
        self.tell("RJ003", message, at, hint)
        self.at = at
        return _Stop()

    def space(self, start: int) -> int:
        self.at = _SPACE.match(self.data, start).end()  # type: ignore[union-attr]  # it matches the empty text
        return self.at

    def value(self, path: Pointer, depth: int) -> Any:
        start = self.at
        if path in self._wanted:
            self.places[path] = Place(start, start)
        head = self.data[start : start + 1]
        if not head:
            raise _Torn
        if head == b'"':
            return self.string()
        if head in b"{[":
            if depth > DEPTH:
                self.tell("RJ009", f"nested more than {DEPTH} deep.", start)
                raise _Stop
            return self.object(path, depth) if head == b"{" else self.array(path, depth)
        return self.scalar()

    def object(self, path: Pointer, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        start = self.at
        if self.data[self.space(start + 1) : self.at + 1] == b"}":
            self.at += 1
            return found
        while True:
            head = self.data[self.at : self.at + 1]
            name_at = self.at
            if not head:
                raise _Torn
            if head != b'"':
                comma = found and _COMMA_DECIMAL.match(self.data, self.at)
                if not comma:
                    what = "a comma before the closing brace" if head == b"}" else "a name in quotes was expected"
                    raise self.stop(f"{what}, before {self.seen(self.at)}.", self.at)
                before = list(found)[-1]
                number = f"{found[before]},{comma[0].decode()}"
                self.tell(
                    "RJ004",
                    f'after "{before}": a decimal comma? `{number}` must be `{number.replace(",", ".")}`.',
                    self.at,
                    'Java: Locale.ROOT; C: setlocale(LC_NUMERIC, "C"); R: options(OutDec = ".").',
                )
                self.at = comma.end()
            else:
                name = self.string()
                if self.data[self.space(self.at) : self.at + 1] != b":":
                    if self.at >= len(self.data):
                        raise _Torn
                    raise self.stop(f"a colon was expected behind the name, before {self.seen(self.at)}.", self.at)
                self.space(self.at + 1)
                here = (*path, name)
                value = self.value(here, depth + 1)
                if here in self.places:
                    self.places[here].name = name_at
                if name in found:
                    message = f'"{name}" stands twice in one object.'
                    self.tell("RJ007", message, name_at, "Keep one; readers differ in which they take.")
                else:
                    found[name] = value
            if not self.more(b"}"):
                return found

    def array(self, path: Pointer, depth: int) -> list[Any]:
        inside = path in self._above
        if not inside and (plain := _NUMBERS.match(self.data, self.at)):
            self.at = plain.end()
            return list(msgspec.json.decode(plain[0]))
        found: list[Any] = []
        if self.data[self.space(self.at + 1) : self.at + 1] == b"]":
            self.at += 1
            return found
        while True:
            found.append(self.value((*path, len(found)), depth + 1))
            if not self.more(b"]"):
                return found

    def more(self, closing: bytes) -> bool:
        """Step over the comma or the closing bracket behind an entry."""
        head = self.data[self.space(self.at) : self.at + 1]
        if not head:
            raise _Torn
        self.at += 1
        if head == closing:
            return False
        if head != b",":
            raise self.stop(
                f"a comma or {closing.decode()} was expected, before {self.seen(self.at - 1)}.", self.at - 1
            )
        self.space(self.at)
        if self.data[self.at : self.at + 1] == closing:
            raise self.stop(f"a comma stands before the closing {closing.decode()}.", self.at)
        return True

    def seen(self, at: int) -> str:
        token = _TOKEN.match(self.data, at)
        text = (token[0] if token else self.data[at : at + 1]).decode("utf-8", "replace")
        return f"`{text[:30]}`"

    def scalar(self) -> Any:
        start = self.at
        match = _TOKEN.match(self.data, start)
        if not match:
            raise self.stop(f"a value was expected, before {self.seen(start)}.", start)
        token = match[0]
        if token in _LITERALS:
            self.at = match.end()
            return _LITERALS[token]
        if _NUMBER.fullmatch(token):
            self.at = match.end()
            return self.number(token, start)
        if match.end() == len(self.data) and _BEGINNING.match(token):
            raise _Torn
        self.at = match.end()
        text = token.decode("utf-8", "replace")
        meant = misspelled(text)
        if meant is None:
            raise self.stop(f"`{text[:40]}` is not JSON: a value was expected.", start)
        self.tell(meant.code, meant.message, start, meant.hint)
        return meant.value

    def number(self, token: bytes, start: int) -> Any:
        if not any(mark in token for mark in b".eE"):
            if len(token.lstrip(b"-")) > 1000:
                self.tell("RJ006", "an integer of more than 1000 digits.", start)
                return 0
            return int(token)
        value = float(token)
        if value in (float("inf"), float("-inf")):
            shown = token.decode()[:40]
            hint = 'Write "Infinity" if it is a point, or its logarithm as a series.'
            self.tell("RJ006", f"{shown} does not fit a double (largest 1.8e308).", start, hint)
        return value

    def string(self) -> str:
        start = self.at
        match = _STRING.match(self.data, start)
        if not match:
            end = _OPEN_STRING.match(self.data, start).end()  # type: ignore[union-attr]  # it begins with a quote
            if end >= len(self.data):
                self.at = end
                raise _Torn
            code = self.data[end]
            what = {10: "a line break", 13: "a line break", 9: "a tab"}.get(code, f"the control character U+{code:04X}")
            hint = {"a line break": "Write \\n; for base64: base64 -w0.", "a tab": "Write \\t."}.get(what)
            raise self.stop(f"{what} inside a text.", end, hint or f"Write \\u{code:04x}.")
        self.at = match.end()
        try:
            return msgspec.json.decode(match[0], type=str)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self.bad_string(match[0], start)

    def bad_string(self, token: bytes, start: int) -> str:
        try:
            token.decode()
        except UnicodeDecodeError as fault:
            at = start + fault.start
            guess = token[1:-1].decode("latin-1")
            self.tell(
                "RJ001",
                f"the byte {token[fault.start]:02X} is not UTF-8.",
                at,
                f'Latin-1, perhaps: "{guess[:40]}". Write the file in UTF-8.',
            )
            return guess
        for escape in re.finditer(rb"\\(?:u([0-9a-fA-F]{4})|(.))", token, re.DOTALL):
            if escape[2] and escape[2] not in b'"\\/bfnrt':
                self.tell("RJ003", f"`{escape[0].decode()}` is no escape of JSON.", start + escape.start())
                return token.decode()
        at = start + next(one.start() for one in re.finditer(rb"\\u[dD][89a-fA-F]", token))
        self.tell("RJ008", "half a surrogate pair: a character beyond U+FFFF needs both of its \\u escapes.", at)
        return token.decode()


def line_and_column(data: bytes, offset: int) -> tuple[int, int]:
    """The line and the column, in characters, of a byte, both counted from 1."""
    begin = data.rfind(b"\n", 0, offset) + 1
    return data.count(b"\n", 0, offset) + 1, len(data[begin:offset].decode("utf-8", "replace")) + 1
