"""Patterns of `*`, `?` and `[...]`, and how each database says them."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

# A piece of a pattern: "*", "?", one character to be found as it is, or the inner side of [...].
_PIECE: Final = re.compile(r"\*|\?|\[(!?)(\][^\]]*|[^\]]+)\]|(.)", re.DOTALL)
_ITEM: Final = re.compile(r"(.)-(.)|(.)", re.DOTALL)


def sqlite_glob(pattern: str) -> str:
    """The pattern as SQLite's GLOB reads it."""
    return "".join(_sqlite_piece(match) for match in _PIECE.finditer(pattern))


def regular_expression(pattern: str) -> str:
    """The pattern as a regular expression of the whole text, in which `.` is any character, as PostgreSQL reads it."""
    return f"^(?:{''.join(_expression_piece(match) for match in _PIECE.finditer(pattern))})$"


def empty_range(pattern: str) -> str | None:
    """A range of the pattern in which nothing is, such as `z-a`; None if there is none."""
    inner = (match[2] for match in _PIECE.finditer(pattern) if match[2])
    pairs = (pair for one in inner for pair in _ranges(one))
    return next((f"{low}-{high}" for low, high in pairs if low > high), None)


def _ranges(inner: str) -> list[tuple[str, str]]:
    """What stands between brackets, as ranges of which many hold one character."""
    return [(low or one, high or one) for low, high, one in _ITEM.findall(inner)]


def _sqlite_piece(match: re.Match[str]) -> str:
    negated, inner, one = match.groups()
    if inner is None:
        if one is None:
            return match[0]
        return f"[{one}]" if one == "[" else one
    # A bracket stands first, a dash next and a caret last: anywhere else GLOB takes them for signs of its own.
    single, spans = set[str](), list[str]()
    for low, high in _ranges(inner):
        if low == high:
            single.add(low)
            continue
        single |= {char for char in "]-^" if low <= char <= high}
        bounds = [low, *(char for char in sorted("]-^") if low <= char <= high), high]
        for left, right in pairwise(bounds):
            first = chr(ord(left) + 1) if left in "]-^" else left
            last = chr(ord(right) - 1) if right in "]-^" else right
            if first <= last:
                spans.append(f"{first}-{last}")
    plain = "".join(sorted(single - set("]-^")))
    signs = [("]" if "]" in single else ""), ("-" if "-" in single else ""), ("^" if "^" in single else "")]
    if not negated and single == {"^"} and not spans:
        return "^"
    return f"[{'^' if negated else ''}{signs[0]}{signs[1]}{''.join(spans)}{plain}{signs[2]}]"


def _expression_piece(match: re.Match[str]) -> str:
    negated, inner, one = match.groups()
    if inner is None:
        if one is None:
            return ".*" if match[0] == "*" else "."
        return _escaped(one)
    ranges = _ranges(inner)
    body = "".join(_escaped(low) if low == high else f"{_escaped(low)}-{_escaped(high)}" for low, high in ranges)
    return f"[{'^' if negated else ''}{body}]"


def _escaped(char: str) -> str:
    return char if char.isalnum() or char == "_" or ord(char) >= 128 else f"\\{char}"
