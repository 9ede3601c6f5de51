"""JSON on a terminal, where nothing in a text of it may act (SPEC section 14). Files and pipes get the very bytes."""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Final

# What JSON may hold as it is, and a terminal acts upon: delete and the C1 controls, what turns the direction of a text,
# and the separators of lines. JSON has them in texts alone, where an escape says the same.
_ACTING: Final = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def escaped(text: str) -> str:
    """JSON that says the same, with escapes for what a terminal would act upon."""
    return _ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def print_json(text: str) -> None:
    """Print JSON on the standard output."""
    sys.stdout.write(f"{escaped(text) if sys.stdout.isatty() else text}\n")


def write_json(pieces: Iterable[bytes]) -> None:
    """Write JSON to the standard output."""
    for piece in _escaped(pieces) if sys.stdout.isatty() else pieces:
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


def _escaped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-8")()  # a piece may end in the middle of a character
    for piece in pieces:
        yield escaped(decoder.decode(piece)).encode()
