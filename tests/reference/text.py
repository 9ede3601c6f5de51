"""The records of a run file's bytes (SPEC 3), and a fold's canonical bytes (SPEC 10)."""

from __future__ import annotations

import codecs
import json
import re
from decimal import Decimal
from typing import Any  # JSON values are dictionaries, lists, texts, numbers, booleans and None

NOTHING: tuple[Any, ...] = (None, {}, [])
BRACKET_OR_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"?|[][{}]')
TOKEN_ENDS = ("", '"', 'n"', '0000"', '000"', '00"', '0"', "0", "rue", "ue", "e", "alse", "lse", "se", "ull", "ll", "l")


class Refused(ValueError):
    """The records have no fold; `code` is that of SPEC Appendix B."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read(data: bytes, name: str) -> list[dict[str, Any]]:
    """The records of a run file, torn lines left out; the first says what a first record must (SPEC 3.2, 3.3, 4)."""
    data = data.removeprefix(codecs.BOM_UTF8)
    named = name.endswith((".jsonl", ".ndjson"))
    lines = [line for line in data.split(b"\n") if line.strip(b" \t\r")]
    if lines and not _whole(lines[0]):
        try:
            document = _record(data)
        except ValueError:
            if not named:
                raise
        else:
            return _begun([document], stream=False)
    return _begun([_record(line) for line in lines if not _torn(line)], stream=named or len(lines) > 1)


def _begun(records: list[dict[str, Any]], stream: bool) -> list[dict[str, Any]]:
    if not records:
        raise Refused("RJ014")
    first = records[0]
    if first.get("runjson") in NOTHING:
        raise Refused("RJ101")
    if first.get("id") in NOTHING and (stream or first.get("writer") not in NOTHING):
        raise Refused("RJ110")
    return records


def _record(text: bytes) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise Refused("RJ007")
        return dict(pairs)

    def integer(digits: str) -> int:
        if len(digits.lstrip("-")) > 1000:
            raise Refused("RJ006")
        return int(digits)

    found = json.loads(text.decode(), object_pairs_hook=unique, parse_int=integer, parse_constant=_no_constant)
    if not isinstance(found, dict):
        raise Refused("RJ013")
    return found


def _no_constant(_: str) -> None:
    raise Refused("RJ005")


def _whole(line: bytes) -> bool:
    try:
        return isinstance(json.JSONDecoder().raw_decode(line.decode().lstrip(" \t\r"))[0], dict)
    except ValueError:
        return False


def _torn(line: bytes) -> bool:
    """Whether the line is the beginning of an object: some end of its last token makes it whole."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    text = decoder.decode(line) + "?" * bool(decoder.getstate()[0])  # a cut character can only stand in a text
    closers = ""
    for bracket in BRACKET_OR_TEXT.findall(text):
        if bracket in "[{":
            closers = {"[": "]", "{": "}"}[bracket] + closers
        elif bracket in "]}":
            closers = closers[1:]
            if not closers:
                return False
    if not closers.endswith("}"):
        return False
    return any(_parses(text + end + rest + closers) for end in TOKEN_ENDS for rest in ("", ":0", '"":0'))


def _parses(text: str) -> bool:
    try:
        json.loads(text, parse_constant=_no_constant)
    except ValueError:
        return False
    return True


def canonical(fold: dict[str, Any]) -> bytes:
    """The canonical form of a fold: RFC 8785 (SPEC 10)."""
    return _text(fold).encode()


def _text(value: Any) -> str:
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda member: utf16(member[0]))
        return "{" + ",".join(f"{_text(name)}:{_text(member)}" for name, member in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_text, value)) + "]"
    return _number(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def utf16(text: str) -> bytes:
    return text.encode("utf-16-be")


def _number(number: float) -> str:
    """ECMAScript's Number::toString: as it does, `n` says where the dot stands among the digits."""
    if number == 0:
        return "0"
    negative, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    text, n = "".join(map(str, digits)), len(digits) + int(exponent)
    if len(text) <= n <= 21:
        text = text.ljust(n, "0")
    elif 0 < n <= 21:
        text = f"{text[:n]}.{text[n:]}"
    elif -6 < n <= 0:
        text = "0." + "0" * -n + text
    else:
        text = text[0] + ("." + text[1:] if text[1:] else "") + f"e{n - 1:+d}"
    return "-" * negative + text
