"""Values as text for a terminal: short, and without anything that would control it (SPEC section 14)."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from runjson_schema.names import EDITS
from runjson_schema.numbers import special

# Long enough for a path or a command, short enough for a screen.
_MOST: Final = 200
# They turn the direction of what follows, so that a text reads otherwise than it is.
_BIDIRECTIONAL: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_CONTROLS: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_UNITS: Final = ("B", "kB", "MB", "GB", "TB")


def neutral(text: str, most: int = _MOST) -> str:
    """A text on one line, with controls as escapes; a long one is cut, and says so."""
    cut = text[:most]
    if not cut.isprintable():
        cut = "".join(_escaped(character) for character in cut)
    return cut if len(text) <= most else f"{cut}… ({len(text):,} characters)"


def _escaped(character: str) -> str:
    if character not in _BIDIRECTIONAL and unicodedata.category(character) not in _CONTROLS:
        return character
    known = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
    code = ord(character)
    return known or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def number(value: float) -> str:
    """A number to six digits, NaN and the infinities by the names that run files give them."""
    return f"{value:.6g}" if math.isfinite(value) else special(value)


def value_text(value: Any) -> str:  # Any: any JSON
    """A value of parameters, properties, source or environment."""
    if isinstance(value, dict) and len(value) == 1:
        ((tag, text),) = value.items()
        if tag in {"$float", "$int", "$datetime"}:
            return neutral(str(text))
    return neutral(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def writer_text(writer: str) -> str:
    """A writer in words: the one of what people changed has a sign for its name."""
    return {"": "no writer", EDITS: "edits"}.get(writer, writer)


def leaves(namespace: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:  # Any: any JSON
    """The leaves of nested parameters: their names, joined by dots, and their values as text."""
    for name, value in namespace.items():
        here = f"{path}.{name}" if path else name
        if isinstance(value, dict) and value and not (len(value) == 1 and next(iter(value)).startswith("$")):
            yield from leaves(value, here)
        else:
            yield neutral(here), value_text(value)


def moment(seconds: float | None) -> str:
    """Seconds since 1970 as local time."""
    if seconds is None:
        return ""
    try:
        return f"{datetime.fromtimestamp(seconds).astimezone():%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError, OSError):
        return number(seconds)


def duration(start: float | None, end: float | None) -> str:
    """The time between two moments."""
    if start is None or end is None:
        return ""
    seconds = end - start
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 60:
        return f"{minutes:.0f} min {seconds % 60:.0f} s"
    if hours < 48:
        return f"{hours:.0f} h {minutes % 60:.0f} min"
    return f"{days:.0f} d {hours % 24:.0f} h"


def ago(seconds: float) -> str:
    """How long ago something was, in its largest unit."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length:,.0f} {unit} ago"
    return f"{max(seconds, 0):.0f} s ago"


def size(count: int) -> str:
    """A number of bytes."""
    scaled, unit = float(count), 0
    while scaled >= 999.5 and unit < len(_UNITS) - 1:
        scaled, unit = scaled / 1000, unit + 1
    return f"{scaled:.3g} {_UNITS[unit]}"
