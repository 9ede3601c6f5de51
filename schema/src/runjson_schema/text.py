"""The careful reading of JSON text: every fault of SPEC 3.1 with its place.

It is slow beside the decoder and runs only where the decoder refused. Stretches of plain numbers are handed to the
decoder in one piece.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from runjson_schema import grammar
from runjson_schema.findings import Finding, Pointer, finding
from runjson_schema.spelling import misspelled
from runjson_schema.values import DEPTH
from runjson_schema.wording import shown

# The white space of JSON; `bytes.strip` takes two characters more, which are none.
SPACE: Final = b" \t\r\n"
_SPACES: Final = re.compile(rb"[ \t\r\n]*+")
_STRING: Final = re.compile(rb'"[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+"', re.DOTALL)
_OPEN_STRING: Final = re.compile(rb'"[^"\\\x00-\x1f]*+(?:\\[^\x00-\x1f][^"\\\x00-\x1f]*+)*+\\?')
_NUMBER: Final = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_TOKEN: Final = re.compile(rb"[^ \t\r\n,\]}:\"\[{]+")
_BEGINNING: Final = re.compile(
    rb"(?:-|-?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:(?<=[0-9])[eE][+-]?[0-9]*)?|t|tr|tru|f|fa|fal|fals|n|nu|nul)\Z"
)
# Numbers and the commas behind them; each is surely a double, or an integer of fewer than 19 digits.
_NUMBERS: Final = re.compile(
    rb"(?:-?(?:0|[1-9][0-9]{0,17}+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]{1,2}+)?+[ \t\r\n]*+,[ \t\r\n]*+)++"
)
_LITERALS: Final = {b"true": True, b"false": False, b"null": None}
_COMMA_DECIMAL: Final = re.compile(rb"[0-9]+(?:[eE][+-]?[0-9]+)?(?=[ \t\r\n]*[,}\]])")
# Where a record that was glued to half of another one may begin.
_GLUED: Final = re.compile(rb'\{[ \t]*"')

_decode: Final = msgspec.json.Decoder(list[int | float]).decode

_MOST_GLUED: Final = 64
_OF_A_RECORD: Final = frozenset({"runjson", "series", "text", "images", "histograms"})

# Called with a fault and the offsets between which it stands.
At = Callable[[Finding, int, int], None]


class _Stop(Exception):
    """The text can not be read on."""


class _Torn(_Stop):
    """The text ended where more was expected."""


@dataclass(slots=True)
class Scan:
    """What a careful reading found.

    Attributes:
        tree: the JSON, with misspelled numbers read as they were meant; None where the text broke off.
        whole: whether the text could be read to the end of its first value.
        torn: whether it is the beginning of an object by the grammar of JSON, whatever else is wrong with it.
        ended: whether it ended where more was expected.
        end: the offset behind the first value, or of where the reading stopped.
    """

    tree: Any = None  # Any: a JSON tree
    whole: bool = False
    torn: bool = False
    ended: bool = False
    end: int = 0


def scan(data: bytes, tell: At, *, start: int = 0) -> Scan:
    """Read one JSON value carefully, telling every fault of the text.

    Args:
        data: the text.
        tell: called for each fault, in order.
        start: where to begin.
    """
    scanner = _Scanner(data, tell)
    result = Scan()
    try:
        scanner.space(start)
        result.tree = scanner.value((), 1)
        result.whole = True
    except _Stop as stop:
        result.ended = isinstance(stop, _Torn)
        result.torn = grammar.shape(data[start:]) == "torn"
    result.end = scanner.at
    return result


def mended(text: bytes, faults: list[tuple[Finding, int, int]]) -> bytes:
    """A text with its misspelled numbers and literals as they are to be written; the rest stays as it is.

    Args:
        text: that was scanned.
        faults: what the scan told, in its order.
    """
    parts = []
    at = 0
    for what, start, end in faults:
        if what.written is not None:
            parts += [text[at:start], what.written.encode()]
            at = end
    return b"".join([*parts, text[at:]])


def glued(line: bytes) -> int | None:
    """Where a whole record begins that stands behind half of another one on its line; None if there is none.

    A writer that was killed inside a record, and started again without a line break first, leaves such a line.
    """
    view = memoryview(line)
    for match in itertools.islice(_GLUED.finditer(line, 1), _MOST_GLUED):
        try:
            record = msgspec.json.decode(view[match.start() :], type=dict[str, msgspec.Raw])
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            continue
        if not _OF_A_RECORD.isdisjoint(record):
            return match.start()
    return None


class _Scanner:
    def __init__(self, data: bytes, tell: At) -> None:
        self.data = data
        self.at = 0
        self._tell = tell
        self._path: Pointer = ()

    def tell(
        self,
        code: str,
        fact: str,
        start: int,
        hint: str | None = None,
        *,
        end: int | None = None,
        written: str | None = None,
    ) -> None:
        what = finding(code, fact, None, hint, at=self._path, written=written)
        self._tell(what, start, start + 1 if end is None else end)

    def stop(self, fact: str, at: int, hint: str | None = None, end: int | None = None) -> _Stop:
        self.tell("RJ003", fact, at, hint, end=end)
        self.at = at
        return _Stop()

    def space(self, start: int) -> int:
        self.at = _SPACES.match(self.data, start).end()  # type: ignore[union-attr]  # it matches the empty text
        return self.at

    def value(self, path: Pointer, depth: int) -> Any:
        start = self.at
        head = self.data[start : start + 1]
        if not head:
            raise _Torn
        if head == b'"':
            self._path = path
            return self.string()
        if head in b"{[":
            if depth > DEPTH:
                self._path = path[:4]
                self.tell("RJ009", f"nested more than {DEPTH} deep", start)
                raise _Stop
            return self.object(path, depth) if head == b"{" else self.array(path, depth)
        return self.scalar(path)

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
            self._path = path
            if head != b'"':
                comma = found and _COMMA_DECIMAL.match(self.data, self.at)
                if not comma:
                    what = "a comma before the closing brace" if head == b"}" else "a name in quotes was expected"
                    raise self.stop(f"{what}, before {self.seen(self.at)}", self.at)
                whole = self.data.rfind(b":", 0, self.at) + 1
                number = b"".join(self.data[whole : comma.end()].split()).decode("utf-8", "replace")
                self._path = (*path, list(found)[-1])
                beside = self.data[self.at - 1 : self.at] == b","
                self.tell(
                    "RJ004",
                    f"a decimal comma? `{number}` must be `{number.replace(',', '.')}`",
                    self.at - beside,
                    'Java: Locale.ROOT; C: setlocale(LC_NUMERIC, "C"); R: options(OutDec = ".").',
                    end=comma.end(),
                    written=f".{comma[0].decode()}" if beside else None,
                )
                self.at = comma.end()
            else:
                name = self.string()
                if self.data[self.space(self.at) : self.at + 1] != b":":
                    if self.at >= len(self.data):
                        raise _Torn
                    raise self.stop(
                        f"a colon was expected behind the name {shown(name)}, before {self.seen(self.at)}", self.at
                    )
                self.space(self.at + 1)
                here = (*path, name)
                value = self.value(here, depth + 1)
                if name in found:
                    self._path = path
                    said = ""
                    if not isinstance(found[name], dict | list) and not isinstance(value, dict | list):
                        said = f" ({shown(found[name])}, then {shown(value)})"
                    hint = "Keep one; readers differ in which they take."
                    end = name_at + len(json.dumps(name, ensure_ascii=False).encode("utf-8", "replace"))
                    self.tell("RJ007", f"{shown(name)} stands twice in one object{said}", name_at, hint, end=end)
                else:
                    found[name] = value
            if not self.more(b"}"):
                return found

    def array(self, path: Pointer, depth: int) -> list[Any]:
        found: list[Any] = []
        if self.data[self.space(self.at + 1) : self.at + 1] == b"]":
            self.at += 1
            return found
        while True:
            if plain := _NUMBERS.match(self.data, self.at):
                found += _decode(b"[%b]" % plain[0].rstrip(b", \t\r\n"))
                self.at = plain.end()
                if self.data[self.at : self.at + 1] == b"]":
                    self._path = path
                    raise self.stop("a comma stands before the closing ]", self.at)
            found.append(self.value((*path, len(found)), depth + 1))
            self._path = path
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
            raise self.stop(f"a comma or {closing.decode()} was expected, before {self.seen(self.at - 1)}", self.at - 1)
        self.space(self.at)
        if self.data[self.at : self.at + 1] == closing:
            raise self.stop(f"a comma stands before the closing {closing.decode()}", self.at)
        return True

    def seen(self, at: int) -> str:
        token = _TOKEN.match(self.data, at)
        text = (token[0] if token else self.data[at : at + 1]).decode("utf-8", "replace")
        return f"`{text[:30]}`"

    def scalar(self, path: Pointer) -> Any:
        self._path = path
        start = self.at
        match = _TOKEN.match(self.data, start)
        if not match:
            raise self.stop(f"a value was expected, before {self.seen(start)}", start)
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
        meant = misspelled(text, path)
        if meant is None:
            raise self.stop(f"`{text[:40]}` is not JSON: a value was expected", start, end=match.end())
        self.tell(meant.code, meant.fact, start, meant.hint, end=match.end(), written=meant.written)
        return meant.value

    def number(self, token: bytes, start: int) -> Any:
        if not any(mark in token for mark in b".eE"):
            if len(token.lstrip(b"-")) > 1000:
                self.tell("RJ006", "an integer of more than 1000 digits", start, end=self.at)
                return 0
            return int(token)
        value = float(token)
        if value in (float("inf"), float("-inf")):
            said = token.decode()[:40]
            hint = 'Write "Infinity" if it is a point, or its logarithm as a series.'
            self.tell("RJ006", f"{said} does not fit a double (largest 1.8e308)", start, hint, end=self.at)
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
            raise self.stop(f"{what} inside a text", end, hint or f"Write \\u{code:04x}.")
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
                f"the byte {token[fault.start]:02X} is not UTF-8",
                at,
                f'Latin-1, perhaps: "{guess[:40]}"? Write the file in UTF-8.',
            )
            return guess
        for escape in re.finditer(rb"\\(?:u([0-9a-fA-F]{4})|(.))", token, re.DOTALL):
            if escape[2] and escape[2] not in b'"\\/bfnrt':
                self.tell(
                    "RJ003", f"`{escape[0].decode('utf-8', 'replace')}` is no escape of JSON", start + escape.start()
                )
                return token.decode()
        at = start + next(one.start() for one in re.finditer(rb"\\u[dD][89a-fA-F]", token))
        self.tell("RJ008", "half a surrogate pair: a character beyond U+FFFF needs both of its \\u escapes", at)
        return token.decode()
