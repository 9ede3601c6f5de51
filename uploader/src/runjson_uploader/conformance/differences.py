"""Where two canonical forms differ, told by the place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import zip_longest
from typing import Any, Final

from runjson_schema.wording import neutral, shown

_MISSING: Final = object()
_MOMENT: Final = "$datetime"


class Number(str):
    """A number as a canonical form prints it: equal numbers have equal texts there, and no text is one."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def differences(found: Any, expected: Any, pointer: str = "") -> Iterator[str]:  # Any: JSON, its numbers as `Number`
    """Each place where two canonical forms differ, with what is found and what is expected there.

    Args:
        found: a canonical form, parsed.
        expected: another one.
        pointer: where they stand (RFC 6901).
    """
    if isinstance(found, dict) and isinstance(expected, dict):
        if found.keys() == expected.keys() == {_MOMENT} and _same_moment(found[_MOMENT], expected[_MOMENT]):
            return
        for name in sorted({*found, *expected}):
            here = f"{pointer}/{neutral(name.replace('~', '~0').replace('/', '~1'))}"
            yield from differences(found.get(name, _MISSING), expected.get(name, _MISSING), here)
    elif isinstance(found, list) and isinstance(expected, list):
        if len(found) != len(expected):
            yield f"{pointer}: {_many(found)}; expected {_many(expected)}"
        for index, (one, other) in enumerate(zip_longest(found, expected, fillvalue=_MISSING)):
            if one is _MISSING or other is _MISSING:
                yield f"{pointer}/{index}: {_told(one)}; expected {_told(other)}"
                return  # the count says how many more
            yield from differences(one, other, f"{pointer}/{index}")
    elif type(found) is not type(expected) or found != expected:
        yield f"{pointer}: {_told(found)}; expected {_told(expected)}"


def _same_moment(one: str, other: str) -> bool:
    """Whether two time texts are one moment: clients keep it, and few the offset and the zeros of its fraction."""
    try:
        return datetime.fromisoformat(one) == datetime.fromisoformat(other)
    except ValueError:  # 60 seconds
        return one == other


def _many(values: list[Any]) -> str:
    return "1 entry" if len(values) == 1 else f"{len(values):,} entries"


def _told(value: Any) -> str:
    if value is _MISSING:
        return "nothing"
    return value[:60] if isinstance(value, Number) else neutral(shown(value))
