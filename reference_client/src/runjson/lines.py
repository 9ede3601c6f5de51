"""Records as lines of a run file (SPEC section 3.3), with the standard library alone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from json.encoder import encode_basestring
from typing import Any

# A text as JSON, in quotes.
quoted = encode_basestring

_INFINITE = {math.inf: '"Infinity"', -math.inf: '"-Infinity"'}
_EXACT = 2**53


def number(value: float) -> str:
    """A point of a series, a step or a time as JSON; what JSON lacks is a text (SPEC 5.2)."""
    if isinstance(value, int):
        return str(value)
    if value - value == 0.0:
        return repr(value)
    return _INFINITE.get(value, '"NaN"')


def numbers(values: Iterable[float | None]) -> str:
    """A column of numbers; None is null."""
    return f"[{','.join('null' if one is None else number(one) for one in values)}]"


def value(tree: Any) -> str:  # Any: any value that Python's JSON has, and NaN, infinities and long integers
    """A value of parameters and the like: floats that JSON lacks and long integers are tagged (SPEC 5.2)."""
    if isinstance(tree, str):
        return quoted(tree)
    if tree is None:
        return "null"
    if isinstance(tree, bool):
        return "true" if tree else "false"
    if isinstance(tree, int):
        return str(tree) if -_EXACT < tree < _EXACT else f'{{"$int":"{tree}"}}'
    if isinstance(tree, float):
        return repr(tree) if tree - tree == 0.0 else f'{{"$float":{number(tree)}}}'
    if isinstance(tree, Mapping):
        return f"{{{','.join(f'{quoted(name)}:{value(entry)}' for name, entry in tree.items())}}}"
    return f"[{','.join(map(value, tree))}]"


def record(members: Mapping[str, str]) -> bytes:
    """A line of a run file.

    Args:
        members: the record's, as JSON texts.
    """
    return encoded(f"{{{','.join(f'{quoted(name)}:{text}' for name, text in members.items())}}}\n")


def entries(texts: Mapping[str, str]) -> str:
    """An object of JSON texts by name."""
    return f"{{{','.join(f'{quoted(name)}:{text}' for name, text in texts.items())}}}"


def encoded(text: str) -> bytes:
    """A text as UTF-8. Half a surrogate pair, as in names of files that are no UTF-8, becomes a question mark."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")
