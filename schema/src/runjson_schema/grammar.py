"""Whether text is an object, or the beginning of one, by the grammar of JSON alone (SPEC 3.2, 3.3).

Whatever else is wrong with it does not matter here: how deep it is nested, what stands twice, bytes within a text that
are not UTF-8. It is read in one loop, since a line may nest deeper than the stack of calls.
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

# "whole": an object and nothing behind it; "torn": the text ends inside it; "other": neither.
Shape: TypeAlias = Literal["whole", "torn", "other"]
_SPACE: Final = re.compile(rb"[ \t\r\n]*+")
_STRING: Final = re.compile(rb'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+')
_OPEN_ESCAPE: Final = re.compile(rb"(?:\\(?:u[0-9a-fA-F]{0,3})?)?\Z")
_SCALAR: Final = re.compile(rb"(?:-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+|true|false|null)")
_OPEN_SCALAR: Final = re.compile(
    rb"(?:-|-?(?:0|[1-9][0-9]*)(?:\.|(?:\.[0-9]+)?[eE][+-]?)|t|tr|tru|f|fa|fal|fals|n|nu|nul)\Z"
)
_CLOSING: Final = {b"{": b"}", b"[": b"]"}


class _Ends(Exception):
    """The text ends, or goes on as JSON does not."""


def shape(text: bytes) -> Shape:
    """Whether a text is one object as a whole, the beginning of one, or neither.

    Args:
        text: a document, or a line of a stream without what ends it.
    """
    at = _SPACE.match(text).end()  # type: ignore[union-attr]  # it matches the empty text
    if text[at : at + 1] != b"{":
        return "other"
    try:
        at = _object(text, at)
    except _Ends as ends:
        return "torn" if ends.args[0] else "other"
    return "whole" if at == len(text) else "other"


def _object(text: bytes, at: int) -> int:
    """Read the object that begins at an offset; gives the offset behind it and the white space that follows."""
    open_: list[bytes] = []
    while True:
        head = text[at : at + 1]
        if head in _CLOSING:
            open_.append(_CLOSING[head])
            at = _space(text, at + 1)
            if text[at : at + 1] != open_[-1]:
                at = _name(text, at) if head == b"{" else at
                continue
        else:
            at = _space(text, _string(text, at) if head == b'"' else _scalar(text, at))
        while text[at : at + 1] == open_[-1]:
            open_.pop()
            at = _space(text, at + 1)
            if not open_:
                return at
        if text[at : at + 1] != b",":
            raise _Ends(at >= len(text))
        at = _space(text, at + 1)
        at = _name(text, at) if open_[-1] == b"}" else at


def _space(text: bytes, at: int) -> int:
    return _SPACE.match(text, at).end()  # type: ignore[union-attr]  # it matches the empty text


def _name(text: bytes, at: int) -> int:
    """Step over a name and its colon."""
    if text[at : at + 1] != b'"':
        raise _Ends(at >= len(text))
    at = _space(text, _string(text, at))
    if text[at : at + 1] != b":":
        raise _Ends(at >= len(text))
    return _space(text, at + 1)


def _string(text: bytes, at: int) -> int:
    end = _STRING.match(text, at).end()  # type: ignore[union-attr]  # it begins with a quote
    if text[end : end + 1] == b'"':
        return end + 1
    raise _Ends(_OPEN_ESCAPE.match(text, end) is not None)


def _scalar(text: bytes, at: int) -> int:
    if _OPEN_SCALAR.match(text, at) or at >= len(text):
        raise _Ends(True)
    found = _SCALAR.match(text, at)
    if not found:
        raise _Ends(False)
    return found.end()
