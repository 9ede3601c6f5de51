"""Values: what stands in parameters, properties, source, environment, metadata and unknown members (SPEC 5.2)."""

from __future__ import annotations

import math
import re
from typing import Any, Final

from runjson_schema.findings import Pointer, Report, finding
from runjson_schema.names import normal_time
from runjson_schema.numbers import SPECIAL, special

DEPTH: Final = 64
_DIGITS: Final = 1000
_BOUND: Final = 10**_DIGITS
_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]*)\Z", re.ASCII)
TAGS: Final = frozenset({"$float", "$int", "$datetime"})
_EXACT: Final = 2**53 - 1
# Where 15 digits, which R and awk print, may be an integer beyond 2^53.
_ABOUT: Final = 9e15
# A large double of few digits, such as 1e18, is a bound that somebody chose; "d.ddddd" is seven characters.
_ROUND: Final = 6


class Moment(str):
    """The normalised time text of a `$datetime`."""

    __slots__ = ()


def is_tagged(value: object) -> bool:
    """Whether a JSON value is a tagged value: an object of one member named `$float`, `$int` or `$datetime`."""
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in TAGS


def _untag(value: dict[str, Any], report: Report, at: Pointer) -> int | float | Moment | None:
    ((tag, text),) = value.items()
    if isinstance(text, str):
        if tag == "$float" and text in SPECIAL:
            return SPECIAL[text]
        if tag == "$int" and _INTEGER.match(text) and len(text.lstrip("-")) <= _DIGITS:
            return int(text)
        if tag == "$datetime" and (moment := normal_time(text)):
            return Moment(moment)
    expected = {
        "$float": 'one of the texts "NaN", "Infinity" and "-Infinity"',
        "$int": f"a text of digits, at most {_DIGITS}",
        "$datetime": 'a time text such as "2026-11-21T03:13:41Z"',
    }[tag]
    report(finding("RJ116", f"{tag} holds {text!r}", at, expected=expected))
    return None


def normal(value: Any, report: Report, at: Pointer, depth: int) -> Any:  # Any: a value is any JSON
    """A JSON value with its tags resolved and its numbers settled.

    Args:
        value: as a JSON library gives it, integers exact.
        report: called with what is wrong.
        at: where the value stands in its record.
        depth: how deep an object or array here is nested, the record being 1.

    Returns:
        None, bool, str, int (each whole number below 10^21 and each integer), float, Moment, list or dict.
    """
    kind = type(value)
    if kind is float:
        if not value.is_integer() or abs(value) >= 1e21:
            return value
        if abs(value) > _ABOUT and len(f"{value:.16e}".partition("e")[0].rstrip("0")) > _ROUND:
            hint = f'If it was an integer, write all its digits as text: {{"$int": "{int(value)}"}}.'
            report(finding("RJ207", f"{value!r} has lost digits if it was an integer", at, hint))
        return int(value)
    if kind is int:
        if not -_BOUND < value < _BOUND:
            report(finding("RJ006", f"an integer of more than {_DIGITS} digits", at))
            return None
        return value
    if kind is dict or kind is list:
        if depth > DEPTH:
            report(finding("RJ009", f"nested more than {DEPTH} deep", at))
            return None
        if kind is list:
            return [normal(entry, report, (*at, index), depth + 1) for index, entry in enumerate(value)]
        if is_tagged(value):
            return _untag(value, report, at)
        return {name: normal(entry, report, (*at, name), depth + 1) for name, entry in value.items()}
    return value


def entries_of(values: dict[str, Any], report: Report, at: Pointer) -> dict[str, Any]:
    """An object of values, itself none: `{"$int": "7"}` holds a text named `$int` here."""
    return {name: normal(value, report, (*at, name), len(at) + 2) for name, value in values.items()}


def equal(one: Any, other: Any) -> bool:  # Any: both are any value
    """Whether two normal values are equal as SPEC 5.2 says: numbers by value, NaN to NaN, no number to a boolean."""
    if isinstance(one, int | float) and not isinstance(one, bool):
        if not isinstance(other, int | float) or isinstance(other, bool):
            return False
        return one == other or (one != one and other != other)  # noqa: PLR0124  NaN
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal(entry, other[name]) for name, entry in one.items())
    return bool(one == other)


def plain(value: Any) -> Any:  # Any: any value in, any JSON out
    """A normal value as JSON again: what JSON lacks, and integers beyond 2^53 - 1, as tagged values (SPEC 10)."""
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        return {"$float": special(value)}
    if isinstance(value, int) and not isinstance(value, bool):
        return value if -_EXACT <= value <= _EXACT else {"$int": str(value)}
    if isinstance(value, Moment):
        return {"$datetime": str(value)}
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    if isinstance(value, dict):
        return {name: plain(entry) for name, entry in value.items()}
    return value
