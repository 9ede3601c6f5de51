"""PNG, written with the standard library: 8 bits, grey, RGB or RGBA (ISO/IEC 15948)."""

from __future__ import annotations

import struct
import zlib
from typing import Any

_COLOUR = {1: 0, 3: 2, 4: 6}
_LEVEL = 4
_NONE, _UP = b"\0", b"\2"


def png(pixels: bytes, width: int, height: int, channels: int) -> bytes:
    """An image as PNG.

    Args:
        pixels: height x width x channels bytes, row by row.
        width: in pixels, at least 1.
        height: in pixels, at least 1.
        channels: 1 for grey, 3 for RGB, 4 for RGBA.

    Raises:
        ValueError: the bytes are not so many, or there is no such number of channels.
    """
    if channels not in _COLOUR or width < 1 or height < 1 or len(pixels) != width * height * channels:
        raise ValueError(f"{len(pixels)} bytes are no image of {width} x {height} with {channels} channels.")
    return _file(pixels, _NONE, width, height, channels)


def png_of_array(array: Any) -> bytes:
    """An array of numpy as PNG.

    Each row is written as its difference to the one above, which numpy takes at once and most images gain by.

    Args:
        array: of bytes (uint8), of shape (height, width) or (height, width, 1, 3 or 4).
    """
    height, width = array.shape[:2]
    channels = array.shape[2] if array.ndim == 3 else 1
    rows = array.reshape(height, width * channels)
    differences = rows.copy()
    differences[1:] -= rows[:-1]
    return _file(differences.tobytes(), _UP, width, height, channels)


def _file(rows: bytes, kind: bytes, width: int, height: int, channels: int) -> bytes:
    """The whole file, of rows that are filtered in one way."""
    stride = width * channels
    view = memoryview(rows)
    lines = b"".join(part for at in range(0, len(rows), stride) for part in (kind, view[at : at + stride]))
    head = struct.pack(">IIBBBBB", width, height, 8, _COLOUR[channels], 0, 0, 0)
    chunks = (_chunk(b"IHDR", head), _chunk(b"IDAT", zlib.compress(lines, _LEVEL)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return b"".join((struct.pack(">I", len(data)), kind, data, struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))))
