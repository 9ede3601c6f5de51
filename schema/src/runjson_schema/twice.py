"""Names that stand twice in one object, which the decoder does not see (SPEC 3.1).

The decoder keeps one of two members with the same name. Every member has a colon, so the text of a member that was
dropped shows as a colon too many: the colons of a text are compared with those of what it decoded to, encoded again.
An escaped colon would hide one.
"""

from __future__ import annotations

from typing import Any

import msgspec


def suspicious(text: bytes, colons: int) -> bool:
    """Whether text may hold a name twice, given the colons of what it decoded to.

    True does not mean that it does; the careful scan of the text tells.
    """
    return text.count(b":") != colons or (b"\\" in text and (b"\\u003a" in text or b"\\u003A" in text))


def colons(value: Any) -> int:  # Any: whatever msgspec encodes
    """The colons of a value as JSON."""
    return msgspec.json.encode(value).count(b":")
