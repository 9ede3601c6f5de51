"""Findings get their places: line, column, what stands there, and the part of the line that is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from runjson_schema.findings import Finding, Pointer
from runjson_schema.places import Lines, Place, excerpt, locate
from runjson_schema.text import SPACE

# Of these the name of the member is at fault, and not its value.
_AT_NAMES: Final = frozenset({"RJ105", "RJ108", "RJ401", "RJ404"})
# A report may lie open in the log of a build: it does not repeat a secret.
_HIDDEN: Final = frozenset({"RJ401"})
# How much of a value a finding shows, in characters.
_VALUE: Final = 80


@dataclass(slots=True)
class Held:
    """A finding whose place has not been looked up.

    Attributes:
        what: the finding.
        span: the offsets between which it stands in the text; None if its pointer leads there.
        text: of the record.
        line: on which the text begins.
        index: of the record in the block at hand; None if `text` and `line` are known.
    """

    what: Finding
    span: tuple[int, int] | None
    text: bytes
    line: int
    index: int | None = None


def placed(held: Sequence[Held], line: int) -> list[Finding]:
    """Findings in one text, with their places, in the order of the text.

    Args:
        held: all with the same text.
        line: on which it begins.
    """
    text = held[0].text
    if not text:
        return [one.what for one in held]
    return place_in(text, line, [(one.what, [one.what.pointer or ()]) for one in held if one.span is None], held)


def place_in(
    text: bytes, line: int, found: Iterable[tuple[Finding, Sequence[Pointer]]], held: Iterable[Held] = ()
) -> list[Finding]:
    """Findings in a text, with their places, in the order of the text.

    Args:
        text: of a record.
        line: on which it begins.
        found: findings, and the pointers of which the first that leads somewhere is the place.
        held: further findings, of which the place is known.
    """
    found = list(found)
    pointers = [pointer for _, candidates in found for pointer in candidates if pointer]
    places = locate(text, pointers) if pointers else {}
    begin = len(text) - len(text.lstrip(SPACE))
    spans = [(*one.span, one.what) for one in held if one.span]
    for what, candidates in found:
        pointer, place = _place(candidates, places)
        if place is None or not pointer:
            spans.append((begin, begin + 1, what))
        elif what.code in _AT_NAMES and place.name != place.start:
            spans.append((place.name, text.rfind(b'"', place.name, place.start) + 1, what))
        else:
            spans.append((place.start, place.end, what))
    spans.sort(key=lambda span: span[0])
    counted = Lines(text, line)
    placed_here = []
    for start, end, what in spans:
        number, column = counted.place(start)
        if what.code in _HIDDEN:
            placed_here.append(replace(what, line=number, column=column))
            continue
        value = text[start : min(end, start + 4 * _VALUE)].decode("utf-8", "replace")
        value = value if len(value) <= _VALUE and end - start <= 4 * _VALUE else value[: _VALUE - 1] + "…"
        placed_here.append(replace(what, line=number, column=column, value=value, excerpt=excerpt(text, start, end)))
    return placed_here


def _place(candidates: Sequence[Pointer], places: dict[Pointer, Place]) -> tuple[Pointer, Place | None]:
    """The first of the places that is there; else the nearest above the first of them."""
    for pointer in candidates:
        if pointer in places:
            return pointer, places[pointer]
    pointer = candidates[0]
    while pointer and pointer not in places:
        pointer = pointer[:-1]
    return pointer, places.get(pointer)
