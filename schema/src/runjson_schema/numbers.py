"""Numbers between JSON text and arrays of doubles, and as RFC 8785 prints them."""

from __future__ import annotations

import math
import sys
from typing import Final

import msgspec
import numpy as np

from runjson_schema.points import Floats

# 256 KiB of text at a time: the boxed floats of one block stay in the cache, and memory in proportion to the array.
_BLOCK: Final = 1 << 18
_LOOSE: Final = {
    sign + word: value
    for word, value in (("nan", math.nan), ("inf", math.inf), ("infinity", math.inf))
    for sign in ("", "+")
} | {"-nan": math.nan, "-inf": -math.inf, "-infinity": -math.inf}
LARGEST: Final = sys.float_info.max
SPECIAL: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}

_floats: Final = msgspec.json.Decoder(list[float])
_mixed: Final = msgspec.json.Decoder(list[float | str | None])
_encode: Final = msgspec.json.Encoder().encode


def spelled(text: str) -> float | None:
    """The double that a text stands for among points, in any spelling of SPEC 5.2; None if it is another text."""
    value = SPECIAL.get(text)
    return _LOOSE.get(text.lower()) if value is None else value


def special(value: float) -> str:
    """The text that stands for a double which is not finite."""
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def blocks(array: msgspec.Raw) -> list[Floats | list[float | str | None]]:
    """The entries of a JSON array of scalars, decoded block by block.

    Args:
        array: the text of the array, brackets included, without white space around it.

    Returns:
        Arrays of doubles for blocks of numbers alone, lists for blocks with a text or null.

    Raises:
        msgspec.DecodeError: the text is no array of numbers, texts and nulls, or a text in it holds a comma.
    """
    view = memoryview(array)
    found: list[Floats | list[float | str | None]] = []
    start, end = 1, len(view) - 1
    if end < 64 and not bytes(view[start:end]).strip():
        return found
    while start <= end:
        text = bytes(view[start : min(start + _BLOCK, end)])
        if start + len(text) < end:
            comma = text.rfind(b",")
            if comma < 0:
                raise msgspec.DecodeError("an entry longer than a block")
            text = text[:comma]
        start += len(text) + 1
        text = b"[%b]" % text
        if b'"' in text or b"n" in text:
            found.append(_mixed.decode(text))
        else:
            found.append(np.array(_floats.decode(text), dtype=np.float64))
    return found


def number_text(value: float) -> str:
    """A finite double as ECMAScript's Number::toString prints it (RFC 8785, section 3.2.2.3)."""
    if value == 0:
        return "0"
    digits, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = digits.partition(".")
    fraction = "" if fraction == "0" else fraction
    point = len(whole) + int(exponent or 0)  # where the decimal point stands, counted from the first digit
    significant = (whole + fraction).lstrip("0")
    point -= len(whole + fraction) - len(significant)
    significant = significant.rstrip("0")
    size = len(significant)
    if size <= point <= 21:
        text = significant + "0" * (point - size)
    elif 0 < point <= 21:
        text = f"{significant[:point]}.{significant[point:]}"
    elif -6 < point <= 0:
        text = "0." + "0" * -point + significant
    else:
        text = significant[0] + (f".{significant[1:]}" if size > 1 else "") + f"e{point - 1:+d}"
    return f"-{text}" if value < 0 else text


def numbers_text(numbers: Floats, missing: bytes) -> bytes:
    """Doubles as the entries of a canonical JSON array, separated by commas.

    Args:
        numbers: shape (n,).
        missing: what is written for NaN: `"NaN"` with its quotes among values, `null` among steps and times.
    """
    magnitude = np.abs(numbers)
    whole = numbers == np.trunc(numbers)
    if whole.all() and (magnitude < 2**53).all():
        return _encode(numbers.astype(np.int64).tolist())[1:-1]
    # In this range the shortest digits are printed alike by everyone; outside it the exponent's spelling differs.
    plain = (magnitude >= 1e-4) & (magnitude < 1e15)
    if (plain & ~whole).all():
        return _encode(numbers.tolist())[1:-1]
    return b",".join(
        missing
        if number != number  # noqa: PLR0124  NaN alone is not equal to itself
        else b'"Infinity"'
        if number == math.inf
        else b'"-Infinity"'
        if number == -math.inf
        else number_text(number).encode()
        for number in numbers.tolist()
    )
