"""The canonical form of a fold and its digest (SPEC section 10)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from json.encoder import encode_basestring
from typing import Any, Final

from runjson_schema.fold import Fold, utf_16
from runjson_schema.numbers import number_text, numbers_text
from runjson_schema.points import KINDS, Floats, Points

_BLOCK: Final = 1 << 15


def json_text(value: Any) -> bytes:  # Any: any JSON
    """JSON as RFC 8785 serialises it: names sorted by UTF-16, numbers as ECMAScript prints them.

    Args:
        value: None, bool, str, list, dict, finite float, and int of at most 2^53 - 1 in magnitude.
    """
    return b"".join(json_pieces(value))


def json_pieces(value: Any) -> Iterator[bytes]:  # Any: any JSON
    """The pieces of `json_text`, for texts too large to hold."""
    if isinstance(value, str):
        yield encode_basestring(value).encode()
    elif value is None or value is True or value is False:
        yield {None: b"null", True: b"true", False: b"false"}[value]
    elif isinstance(value, int):
        yield str(value).encode()
    elif isinstance(value, float):
        yield number_text(value).encode()
    elif isinstance(value, list):
        yield b"["
        for index, entry in enumerate(value):
            if index:
                yield b","
            yield from json_pieces(entry)
        yield b"]"
    elif isinstance(value, Points):
        yield from _array(value)
    elif isinstance(value, _Column):
        yield from _numbers(value.numbers, b"null")
    else:
        yield b"{"
        for index, name in enumerate(sorted(value, key=utf_16)):
            yield b"," if index else b""
            yield encode_basestring(name).encode()
            yield b":"
            yield from json_pieces(value[name])
        yield b"}"


class _Column:
    """Steps or times, whose NaN is null."""

    def __init__(self, numbers: Floats) -> None:
        self.numbers = numbers


def _array(points: Points) -> Iterator[bytes]:
    if isinstance(points.values, list):
        yield from json_pieces(points.values)
    else:
        yield from _numbers(points.values, b'"NaN"')


def _numbers(numbers: Floats, missing: bytes) -> Iterator[bytes]:
    yield b"["
    for start in range(0, len(numbers), _BLOCK):
        yield b"," if start else b""
        yield numbers_text(numbers[start : start + _BLOCK], missing)
    yield b"]"


def columns(points: Points) -> dict[str, Any]:
    """The columns of points as canonical members, to be merged with the notes of their name."""
    found: dict[str, Any] = {"values": points}
    for name, column in (("steps", points.steps), ("times", points.times)):
        if column is not None and (column == column).any():  # noqa: PLR0124  NaN is none
            found[name] = _Column(column)
    return found


def whole(fold: Fold) -> dict[str, Any]:
    """The record of a fold with the points that wait in it, for `json_pieces`."""
    record = fold.record()
    for kind in KINDS:
        for name, column in fold.columns[kind].items():
            if column.waiting:
                entries = record.setdefault(kind, {})
                entries[name] = {**entries.get(name, {}), **columns(column.peek())}
    return record


def pieces(fold: Fold) -> Iterator[bytes]:
    """The canonical form of a fold whose points all wait in it, piece by piece."""
    record = whole(fold)
    return json_pieces(record)


def canonical(fold: Fold) -> bytes:
    """The canonical form of a fold whose points all wait in it."""
    return b"".join(pieces(fold))


def digest(fold: Fold) -> str:
    """The SHA-256 of the canonical form, in hexadecimal, without holding that form."""
    sha256 = hashlib.sha256()
    for piece in pieces(fold):
        sha256.update(piece)
    return sha256.hexdigest()
