"""Numbers and literals as other languages print them: what was meant, and what to write."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Final

from runjson_schema.findings import Pointer
from runjson_schema.numbers import SPECIAL


@dataclass(frozen=True, slots=True)
class Meant:
    """What a misspelled token was meant to be.

    Attributes:
        code: RJ004 or RJ005.
        fact: what is wrong with it.
        hint: what to write, and how the language in question is told to.
        value: what was meant.
        written: how it is written rightly where it stands; None if that can not be said.
    """

    code: str
    fact: str
    hint: str
    value: Any  # Any: a number, a boolean or None
    written: str | None


_NON_FINITE: Final = re.compile(
    r"(?P<sign>[+-]?)(?:(?P<nan>nan(?:\(.*\)?)?|1\.#(?:qnan|ind|snan)\d*)|(?P<inf>inf(?:inity)?|1\.#inf\d*))\Z",
    re.IGNORECASE,
)
_LITERALS: Final[dict[str, bool | None]] = {
    "true": True, "t": True, ".true.": True, "false": False, "f": False, ".false.": False,
    "none": None, "nil": None, "null": None, "undefined": None, "na": None,
}  # fmt: skip
_FORTRAN: Final = re.compile(r"([+-]?)(\d+\.?\d*|\.\d+)[dDqQ]([+-]?\d+)\Z")
_NO_E: Final = re.compile(r"([+-]?)(\d+\.?\d*|\.\d+)([+-]\d{3,})\Z")
_LOOSE: Final = re.compile(r"([+-]?)(\d*)(\.?)(\d*)(?:[eE]([+-]?\d+))?\Z")
_HEX: Final = re.compile(r"[+-]?0[xX][0-9A-Fa-f]+\Z")
_STARS: Final = re.compile(r"[+-]?\*+\Z")
_VALUES: Final = frozenset({"parameters", "properties", "source", "environment", "metadata"})


def misspelled(token: str, at: Pointer = ()) -> Meant | None:
    """What a token that is no JSON was meant to be; None if that can not be told.

    Args:
        token: what stands where a value should.
        at: the place in the record, which decides how a number that is not finite is written.
    """
    if match := _NON_FINITE.match(token):
        name = "NaN" if match["nan"] else "-Infinity" if match["sign"] == "-" else "Infinity"
        return _not_finite(token, name, at)
    if token.lower() in _LITERALS and not (token.lower() in {"t", "f"} and _holds_points(at)):
        literal = _LITERALS[token.lower()]
        right = {True: "true", False: "false", None: "null"}[literal]
        if literal is None and _holds_points(at):
            hint = 'A point that was not measured is left out (give "steps"); "NaN" is one that came out as NaN.'
            return Meant("RJ004", f"`{token}` is not JSON, and no point", hint, math.nan, None)
        return Meant("RJ004", f"`{token}` is not JSON", f"Write {right}.", literal, right)
    if _STARS.match(token):
        fact = f"`{token}`: the Fortran format was too narrow; the number is lost"
        return Meant("RJ004", fact, "Use (G0) or (ES24.16E3).", math.nan, None)
    if _HEX.match(token):
        value = int(token, 16)
        return Meant("RJ004", f"`{token}` is not JSON: numbers are decimal", f"Write {value}.", value, str(value))
    if match := _FORTRAN.match(token):
        right = _plain(*match.groups())
        hint = f"Write {right} (Fortran: ES24.16E3 instead of D)."
        return _number(f"`{token}` has Fortran's D exponent", hint, right)
    if match := _NO_E.match(token):
        right = _plain(*match.groups())
        hint = f"Write {right} (Fortran: a three digit exponent, ES24.16E3)."
        return _number(f"`{token}` is a Fortran number without its E", hint, right)
    return _loose(token)


def _holds_points(at: Pointer) -> bool:
    return bool(at) and at[0] in {"series", "histograms"}


def _not_finite(token: str, name: str, at: Pointer) -> Meant:
    fact = f"{token} is not JSON"
    if not _VALUES.isdisjoint(at):
        right = f'{{"$float": "{name}"}}'
        return Meant("RJ005", fact, f"Write {right}.", SPECIAL[name], right)
    if at and (at[0] in {"step", "time"} or "steps" in at[2:3] or "times" in at[2:3]):
        return Meant("RJ005", fact, "Steps and times are finite; leave it out.", SPECIAL[name], None)
    return Meant("RJ005", fact, f'Write it with quotes: "{name}".', SPECIAL[name], f'"{name}"')


def _plain(sign: str, digits: str, exponent: str) -> str:
    """A number of Fortran as JSON spells it, its digits kept."""
    whole, dot, fraction = digits.partition(".")
    return f"{'-' * (sign == '-')}{whole.lstrip('0') or '0'}{dot and '.' + (fraction or '0')}e{int(exponent)}"


def _loose(token: str) -> Meant | None:
    match = _LOOSE.match(token)
    if not match or not (match[2] or match[4]):
        return None
    sign, whole, dot, fraction, exponent = match.groups()
    right = ("-" if sign == "-" else "") + (whole.lstrip("0") or "0") + (dot and "." + (fraction or "0"))
    right += f"e{exponent}" if exponent else ""
    hint = f"Write {right}."
    if sign == "+":
        fact = "leave the + out"
    elif not whole:
        fact = "a digit must stand before the dot"
        hint += " Fortran: (G0) or (ES24.16E3) instead of (F0.5)."
    elif dot and not fraction:
        fact = "a digit must stand behind the dot"
    elif len(whole) > 1 and whole.startswith("0"):
        fact = "a number has no leading zeros"
    else:
        return None
    return _number(f"`{token}` is not JSON: {fact}", hint, right)


def _number(fact: str, hint: str, right: str) -> Meant:
    """A number that is rightly written so, unless no double holds it (SPEC 5.2)."""
    value = float(right) if any(mark in right for mark in ".eE") else int(right)
    if isinstance(value, float) and math.isinf(value):
        fact += ", and is beyond the largest double, 1.8e308"
        return Meant("RJ004", fact, 'If it overflowed, write "Infinity".', value, None)
    return Meant("RJ004", fact, hint, value, right)
