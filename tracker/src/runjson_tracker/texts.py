"""Which texts of a source hold a text, in any case of its letters: chunks are decoded only where they may."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine

from runjson_tracker.chunks import json_bytes
from runjson_tracker.points import read_values_at
from runjson_tracker.sources import TrackedSource

# Colours and other sequences of ECMA-48; those with a text, as titles and links have it, end with BEL or ST.
_SEQUENCE: Final = re.compile(
    r"\x1b\[[0-9;:]*[ -/]*[@-~]|\x1b[\]P^_X][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]?|\x9b[0-9;:]*[@-~]"
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# A colour as JSON writes it; of a text of that spelling it leaves a backslash.
_COLOUR_IN_JSON: Final = re.compile(r"\\u001b\[[0-9;:]*m")
_CONTROL_IN_JSON: Final = re.compile(r"[\x7f-\x9f]")
# These letters do not stand in JSON as what they are.
_ESCAPED: Final = re.compile(r'["\\\x00-\x1f]')


@dataclass(frozen=True, slots=True)
class Found:
    """The places of texts that hold a text.

    Attributes:
        indices: of the texts, ascending.
        next: the index from which on nothing was looked at; None behind the last text.
    """

    indices: list[int]
    next: int | None


def find_texts(
    engine: Engine, source: TrackedSource, name: str, wanted: str, *,
    shown: bool, start: int, most: int, size: int,
) -> Found:  # fmt: skip
    """Look through the texts of a name from a place on, as far as one answer goes.

    Args:
        engine: the store's.
        source: whose.
        name: of the texts.
        wanted: the text to look for, small and great letters alike.
        shown: whether to look at what a terminal shows of each text: without colours and what was written over.
        start: the index of the first text to look at.
        most: so many places at most.
        size: it ends behind the chunk by which it has looked through so many bytes of JSON.

    Raises:
        SourceChanged: the source was replaced after it was read.
    """
    known = source.series.get(("text", name))
    count = 0 if known is None else known.count
    search = _Search(wanted, shown=shown)
    indices: list[int] = []
    at, looked = start, 0
    while known is not None and at < count:
        # No connection is held while a chunk is looked through.
        with engine.connect() as connection:
            first, length, values = read_values_at(connection, source.id, known.number, at)
        text = json_bytes(values).decode()
        indices += [first + place for place in search.places(text) if at <= first + place < count]
        if len(indices) > most:
            return Found(indices[:most], indices[most - 1] + 1)
        at = first + length
        looked += len(text)
        if looked >= size:
            break
    return Found(indices, at if at < count else None)


def plain_of(text: str) -> str:
    """What a terminal shows of a text: the last state of its line, without colours and other sequences."""
    if not _CONTROL.search(text):
        return text
    return _CONTROL.sub("", _SEQUENCE.sub("", _last_state(text)))


def _last_state(text: str) -> str:
    """A line without what progress bars wrote over, and without what was rubbed out."""
    if "\r" in text:
        text = next((state for state in reversed(text.split("\r")) if state), "")
    if "\b" not in text:
        return text
    left: list[str] = []
    for letter in text:
        if letter != "\b":
            left.append(letter)
        elif left:
            left.pop()
    return "".join(left)


class _Search:
    """What is looked for, in the JSON of chunks of texts."""

    def __init__(self, wanted: str, *, shown: bool) -> None:
        self._wanted = wanted.lower()
        self._shown = shown
        # ASCII stands in JSON as it is, and has one small letter wherever it stands; a sigma has two.
        self._is_bare = wanted.isascii() and not _ESCAPED.search(wanted)

    def places(self, text: str) -> list[int]:
        """The places of the texts of a chunk that hold it."""
        shown = _shown(text) if self._shown else text
        if shown is None:
            texts = [plain_of(one) for one in json.loads(text)]
        elif self._is_bare and self._wanted not in shown.lower():
            return []  # most chunks need not be decoded
        else:
            texts = json.loads(shown)
        return [place for place, one in enumerate(texts) if self._wanted in one.lower()]


def _shown(text: str) -> str | None:
    """JSON of what a terminal shows of texts, by their JSON; None where that is not as simple as colours are."""
    if "\\" in text:
        text = _COLOUR_IN_JSON.sub("", text)
        if "\\" in text:
            return None
    return None if ("\x7f" in text if text.isascii() else _CONTROL_IN_JSON.search(text)) else text
