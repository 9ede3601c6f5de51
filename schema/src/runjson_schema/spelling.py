"""Numbers and literals as other languages print them: what was meant, and what to write."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Final

from runjson_schema.numbers import SPECIAL


@dataclass(frozen=True, slots=True)
class Meant:
    """What a misspelled token was meant to be."""

    code: str
    message: str
    hint: str
    value: Any  # Any: a number, a boolean or None


_NON_FINITE: Final = re.compile(
    r"(?P<sign>[+-]?)(?:(?P<nan>nan(?:\(.*\)?)?|1\.#(?:qnan|ind|snan)\d*)|(?P<inf>inf(?:inity)?|1\.#inf\d*))\Z",
    re.IGNORECASE,
)
_LITERALS: Final[dict[str, bool | None]] = {
    "true": True, "t": True, ".true.": True, "false": False, "f": False, ".false.": False,
    "none": None, "nil": None, "null": None, "undefined": None, "na": None,
}  # fmt: skip
_FORTRAN: Final = re.compile(r"([+-]?)(\d+\.?\d*|\.\d+)[dDqQ]([+-]?\d+)\Z")
_NO_E: Final = re.compile(r"([+-]?\d+\.\d*)([+-]\d{3,})\Z")
_LOOSE: Final = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?\Z")
_HEX: Final = re.compile(r"[+-]?0[xX][0-9A-Fa-f]+\Z")
_STARS: Final = re.compile(r"\*+\Z")


def misspelled(token: str) -> Meant | None:
    """What a token that is no JSON was meant to be; None if that can not be told."""
    if match := _NON_FINITE.match(token):
        name = "NaN" if match["nan"] else "-Infinity" if match["sign"] == "-" else "Infinity"
        return Meant("RJ005", f"{token} is not JSON.", f'Among points write it with quotes: "{name}".', SPECIAL[name])
    if token.lower() in _LITERALS:
        literal = _LITERALS[token.lower()]
        right = {True: "true", False: "false", None: "null"}[literal]
        return Meant("RJ004", f"`{token}` is not JSON.", f"Write {right}.", literal)
    if _STARS.match(token):
        message = f"`{token}`: the Fortran format was too narrow; the number is lost."
        return Meant("RJ004", message, "Use (G0) or (ES24.16E3).", math.nan)
    if _HEX.match(token):
        value = int(token, 16)
        return Meant("RJ004", f"`{token}` is not JSON: numbers are decimal.", f"Write {value}.", value)
    if match := _FORTRAN.match(token):
        message = f"`{token}` has Fortran's D exponent."
        return Meant("RJ004", message, "Write E (ES24.16E3).", _number(re.sub("[dDqQ]", "e", token)))
    if match := _NO_E.match(token):
        message = f"`{token}` is a Fortran number without its E."
        hint = "Use a three digit exponent (ES24.16E3)."
        return Meant("RJ004", message, hint, _number(f"{match[1]}e{match[2]}"))
    return _loose(token)


def _loose(token: str) -> Meant | None:
    match = _LOOSE.match(token)
    if not match or not (match[2] or match[3]):
        return None
    value = _number(token)
    if match[1] == "+":
        return Meant("RJ004", f"`{token}` is not JSON: leave the + out.", f"Write {token[1:]}.", value)
    if not match[2]:
        hint = f"Write {match[1]}0{token[len(match[1]) :]}. Fortran: (G0) or (ES24.16E3) instead of (F0.5)."
        return Meant("RJ004", f"`{token}` is not JSON: a digit must stand before the dot.", hint, value)
    if match[3] == "":
        fixed = token.replace(".", ".0")
        return Meant("RJ004", f"`{token}` is not JSON: a digit must stand behind the dot.", f"Write {fixed}.", value)
    if len(match[2]) > 1 and match[2].startswith("0"):
        fixed = match[1] + (match[2].lstrip("0") or "0") + token[len(match[1]) + len(match[2]) :]
        return Meant("RJ004", f"`{token}` is not JSON: a number has no leading zeros.", f"Write {fixed}.", value)
    return None


def _number(text: str) -> float | int:
    value = float(text)
    return int(value) if value.is_integer() and not any(mark in text for mark in ".eE") else value
