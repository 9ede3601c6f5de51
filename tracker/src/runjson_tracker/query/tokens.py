"""The words and signs of a question, and the literals among them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from runjson_tracker.query.errors import QueryError
from runjson_tracker.query.fields import PLAIN

# A filter that a program wrote may list many values; more than this is a mistake.
LENGTH: Final = 200_000
_DIGITS: Final = 1000

_PART: Final = rf"(?:{PLAIN}|`(?:[^`]|``)*`)"
_TOKEN: Final = re.compile(
    rf"""(?P<space>\s+)
    |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<word>{_PART}(?:\.{_PART})*)
    |(?P<sign>==|!=|<=|>=|[=<>()\[\],])""",
    re.VERBOSE | re.DOTALL,
)
_PARTS: Final = re.compile(rf"({PLAIN})|`((?:[^`]|``)*)`")
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'", "/": "/", "`": "`"}
_NUMBER: Final = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_DURATION: Final = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|[smhdw]))+")
_AMOUNT: Final = re.compile(r"([0-9.]+)(ms|[smhdw])")
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?([Zz]|[-+][0-9]{2}:?[0-9]{2})?)?"
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# What other languages write.
_HINTS: Final = {
    "&": "Write `and`.", "|": "Write `or`.", "!": "Write `not`, or `!=`.", "~": 'Write `matches "*text*"`.',
    ".": "A name that begins or ends with a dot stands in backticks; a number has digits on both sides of its point.",
    "“": 'Texts stand in straight quotes: "text".', "”": 'Texts stand in straight quotes: "text".',
    "*": 'A pattern stands in quotes, after `matches`: name matches "a*".',
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """A word, text or sign of a question; `end` is the token behind the last one."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of a name that are divided by dots, without their backticks."""
        return tuple(
            plain if plain else quoted.replace("``", "`") for plain, quoted in _PARTS.findall(self.text)
        )  # fmt: skip

    @property
    def keyword(self) -> str:
        """The word in small letters, or the sign; empty for a text."""
        return "" if self.kind == "text" else self.text.lower()


def tokens_of(query: str) -> list[Token]:
    """The tokens of a question, and `end` behind them."""
    if len(query) > LENGTH:
        raise QueryError(f"This is longer than {LENGTH:,} characters.", query, LENGTH, LENGTH + 1)
    if odd := _SURROGATE.search(query):
        raise QueryError("Half a character (a lone surrogate) stands here.", query, odd.start(), odd.end())
    found, at = [], 0
    while at < len(query):
        match = _TOKEN.match(query, at)
        if match is None:
            raise _unreadable(query, at)
        if match.lastgroup != "space":
            found.append(Token(str(match.lastgroup), match[0], at, match.end()))
        at = match.end()
    return [*found, Token("end", "", len(query), len(query))]


def _unreadable(query: str, at: int) -> QueryError:
    at += query[at] == "." and query[at + 1 : at + 2] == "`"
    char = query[at]
    if char in "\"'":
        return QueryError("This text has no end.", query, at, len(query), f"Close it with {char}.")
    if char == "`":
        return QueryError("This name has no end.", query, at, len(query), "Close it with `.")
    return QueryError(f"Nothing begins with {char!r}.", query, at, at + 1, _HINTS.get(char, ""))


def text_of(token: Token, query: str) -> str:
    """What a text in quotes says, its escapes resolved."""

    def resolve(match: re.Match[str]) -> str:
        code = match[1]
        if len(code) == 5:
            return chr(int(code[1:], 16))
        if code not in _ESCAPES:
            at = token.start + 1 + match.start()
            hint = r"A backslash itself is written \\."
            raise QueryError(f"{match[0]!r} is no escape.".replace("\\\\", "\\"), query, at, at + len(match[0]), hint)
        return _ESCAPES[code]

    # A pair of surrogates, as JSON writes what stands beyond U+FFFF, becomes the one character it means.
    text = _ESCAPE.sub(resolve, token.text[1:-1]).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\0", "\ufffd")


def number_of(token: Token, query: str) -> int | float | None:
    """The number that a word is, an integer exactly; None for another word."""
    word = token.text
    if word.lower() == "nan":
        return math.nan
    if word.lower() in {"infinity", "+infinity", "-infinity"}:
        return -math.inf if word[0] == "-" else math.inf
    match = _NUMBER.fullmatch(word)
    if match is None:
        return None
    if len(word) > _DIGITS:
        raise QueryError(f"A number of more than {_DIGITS} digits.", query, token.start, token.end)
    if match[1] is None and match[2] is None:
        return int(word)
    number = float(word)
    if math.isinf(number):
        hint = "The greatest is about 1.8e308; Infinity stands for what is beyond."
        raise QueryError(f"No double is as large as {word}.", query, token.start, token.end, hint)
    return number


def duration_of(text: str) -> float | None:
    """The seconds that a word such as `1h30m` stands for; None for another word."""
    if not _DURATION.fullmatch(text):
        return None
    seconds = sum(float(amount) * _UNITS[unit] for amount, unit in _AMOUNT.findall(text))
    return seconds if math.isfinite(seconds) else None


def time_of(text: str) -> float | None:
    """Seconds since 1970 for a date or a time, UTC where it names no offset; None for another text."""
    if not _TIME.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
