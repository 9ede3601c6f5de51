"""Points of one series in pieces: how many fit into a chunk, copies of them, and all of them behind each other."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from runjson_schema.points import Floats, Objects, Points


def fitting(values: Floats | Objects, start: int, points: int, size: int) -> tuple[int, int]:
    """How many values from `start` on fit into so many points and so many bytes, at least one; and their bytes."""
    most = min(points, len(values) - start)
    if not isinstance(values, list):
        return most, 0
    used = 0
    for length in range(1, most + 1):
        used += _size(values[start + length - 1])
        if used >= size:
            return length, used
    return most, used


def _size(value: Any) -> int:  # Any: a text, a file or a histogram
    return len(value) if isinstance(value, str) else len(json.dumps(value))


def copied(points: Points) -> Points:
    """Points in arrays of their own."""
    values = points.values
    return Points(
        values if isinstance(values, list) else values.copy(),
        None if points.steps is None else points.steps.copy(),
        None if points.times is None else points.times.copy(),
    )


def joined(pieces: list[Points]) -> Points:
    """Pieces of one series, at least one, behind each other."""
    if len(pieces) == 1:
        return pieces[0]
    values: Floats | Objects
    if isinstance(pieces[0].values, list):
        values = [value for piece in pieces for value in piece.values]
    else:
        values = np.concatenate([piece.values for piece in pieces])
    return Points(
        values,
        _joined_column([(piece.steps, len(piece)) for piece in pieces]),
        _joined_column([(piece.times, len(piece)) for piece in pieces]),
    )


def _joined_column(parts: list[tuple[Floats | None, int]]) -> Floats | None:
    if all(column is None for column, _ in parts):
        return None
    return np.concatenate([np.full(count, np.nan) if column is None else column for column, count in parts])
