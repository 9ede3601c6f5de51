"""Columns of points as bytes, and back, bit by bit.

A column of numbers is stored apart from the others of its chunk, so that values can be read alone. The first byte tells
how the rest is written; what it means never changes, since stores outlive versions.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from pcodec import ChunkConfig, standalone
from runjson_schema.points import Floats, Kind, Objects, Points

# Larger chunks gain less than 2 % and make a picture read more than it needs.
CHUNK_POINTS: Final = 4096
_RAW, _PCO, _EVEN, _JSON, _DEFLATED = b"\0", b"\1", b"\2", b"\3", b"\4"
# Level 8 takes five times as long for half a percent.
_PCO_LEVEL: Final = ChunkConfig(compression_level=4)
# Below this a codec saves little, if its own header is not longer, and a chunk of so few numbers is soon joined.
_FEW_NUMBERS: Final = 16
_FEW_BYTES: Final = 128
_EVEN_FORM: Final = struct.Struct("<dd")


@dataclass(frozen=True, slots=True)
class Chunk:
    """`count` consecutive points, encoded; a column is None if no point has an entry in it."""

    count: int
    values: bytes
    steps: bytes | None
    times: bytes | None

    @property
    def checksum(self) -> int:
        """The CRC-32 of the columns behind each other."""
        return zlib.crc32(self.times or b"", zlib.crc32(self.steps or b"", zlib.crc32(self.values)))


def encode(points: Points) -> Chunk:
    """Encode the points of a chunk."""
    return Chunk(len(points), encode_values(points.values), encode_column(points.steps), encode_column(points.times))


def encode_values(values: Floats | Objects) -> bytes:
    """Encode the values of a chunk."""
    return encode_json(values) if isinstance(values, list) else encode_numbers(values)


def encode_column(column: Floats | None) -> bytes | None:
    """Encode steps or times; None if there are none."""
    if column is None or (math.isnan(column[0]) and np.isnan(column).all()):
        return None
    return encode_numbers(column)


def decode(kind: Kind, chunks: Sequence[Chunk]) -> Points:
    """The points of consecutive chunks of a series."""
    values: Floats | Objects
    if kind == "series":
        values = _decode_column([(chunk.count, chunk.values) for chunk in chunks])
    else:
        values = [value for chunk in chunks for value in decode_json(chunk.values)]
    return Points(
        values,
        _decode_optional([(chunk.count, chunk.steps) for chunk in chunks]),
        _decode_optional([(chunk.count, chunk.times) for chunk in chunks]),
    )


def encode_numbers(numbers: Floats) -> bytes:
    """Encode doubles; each comes back with the same bits, whatever they are."""
    even = _evenly_spaced(numbers)
    if even is not None:
        return _EVEN + even
    raw = np.ascontiguousarray(numbers, dtype="<f8")
    if len(raw) >= _FEW_NUMBERS:
        packed: bytes = standalone.simple_compress(np.ascontiguousarray(numbers), _PCO_LEVEL)
        if len(packed) < raw.nbytes:
            return _PCO + packed
    return _RAW + raw.tobytes()


def decode_numbers(blob: bytes, out: Floats) -> None:
    """Fill an array with the doubles of `encode_numbers`, of which it has room for all."""
    codec, body = blob[:1], blob[1:]
    if codec == _EVEN:
        first, stride = _EVEN_FORM.unpack(body)
        out[:] = _progression(first, stride, len(out))
    elif codec == _RAW:
        out[:] = np.frombuffer(body, dtype="<f8")
    elif codec == _PCO:
        standalone.simple_decompress_into(body, out)
    else:
        raise ValueError(f"a column of numbers begins with the byte {codec!r}, which this version does not know")


def _decode_column(parts: Sequence[tuple[int, bytes | None]]) -> Floats:
    # One array for all chunks: arrays of their own, joined afterwards, take three times as long to come by.
    column = np.empty(sum(count for count, _ in parts))
    begin = 0
    for count, blob in parts:
        if blob is None:
            column[begin : begin + count] = np.nan
        else:
            decode_numbers(blob, column[begin : begin + count])
        begin += count
    return column


def _decode_optional(parts: Sequence[tuple[int, bytes | None]]) -> Floats | None:
    return None if all(blob is None for _, blob in parts) else _decode_column(parts)


def _evenly_spaced(numbers: Floats) -> bytes | None:
    """The first number and the stride, where these tell all: steps mostly, and columns of one value."""
    if len(numbers) < 3:
        return None
    first, second = float(numbers[0]), float(numbers[1])
    # Equal infinities differ by NaN; no stride leads from one number to itself but 0.
    stride = 0.0 if first == second else second - first
    # Most columns differ here already, before an array is made.
    last = first + stride * (len(numbers) - 1)
    if float(numbers[-1]) != last or (stride != 0.0 and not math.isfinite(last)):
        return None
    if _progression(first, stride, len(numbers)).tobytes() != numbers.tobytes():
        return None
    return _EVEN_FORM.pack(first, stride)


def _progression(first: float, stride: float, count: int) -> Floats:
    if stride == 0.0:
        return np.full(count, first)
    return first + stride * np.arange(count, dtype=np.float64)


def encode_json(value: Any) -> bytes:  # Any: any JSON
    """Encode JSON, compressed where that is shorter. U+0000 is an escape in it, so that no text is lost."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    if len(text) > _FEW_BYTES:
        packed = zlib.compress(text)
        if len(packed) < len(text):
            return _DEFLATED + packed
    return _JSON + text


def decode_json(blob: bytes) -> Any:  # Any: any JSON
    """What `encode_json` was given."""
    return json.loads(json_bytes(blob))


def json_bytes(blob: bytes) -> bytes:
    """The JSON of what `encode_json` was given."""
    codec, body = blob[:1], blob[1:]
    if codec == _DEFLATED:
        return zlib.decompress(body)
    if codec != _JSON:
        raise ValueError(f"JSON begins with the byte {codec!r}, which this version does not know")
    return body
