"""Which format an image has, told from its first bytes."""

from __future__ import annotations

import re
from typing import Final

SNIFFED: Final = 4096
_BEGINNINGS: Final = (
    ("image/png", rb"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", rb"\xff\xd8\xff"),
    ("image/gif", rb"GIF8[79]a"),
    ("image/webp", rb"RIFF....WEBP"),
    ("image/bmp", rb"BM....\0\0\0\0"),
    ("image/tiff", rb"II[*+]\0|MM\0[*+]"),
    ("image/avif", rb"....ftypavi[fs]"),
    ("image/heic", rb"....ftyp(?:heic|heix|hevc|mif1|msf1)"),
    ("image/jxl", rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n"),
    ("image/jp2", rb"\0\0\0\x0cjP  \r\n\x87\n"),
    ("image/x-icon", rb"\0\0\x01\0"),
    ("image/x-portable-anymap", rb"P[1-7]\s"),
    ("image/x-exr", rb"v/1\x01"),
    ("image/vnd.radiance", rb"#\?RADIANCE"),
)
_SVG: Final = rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]"
_PATTERNS: Final = tuple(
    (media, re.compile(pattern, re.DOTALL)) for media, pattern in (*_BEGINNINGS, ("image/svg+xml", _SVG))
)


def image_type(head: bytes) -> str | None:
    """The media type of an image; None if its first bytes are those of no format that is known.

    Args:
        head: the first `SNIFFED` bytes, or all.
    """
    return next((media for media, pattern in _PATTERNS if pattern.match(head)), None)
