"""Points that came in several parts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from runjson_schema.points import Floats, Points


def joined(parts: Sequence[Points]) -> Points:
    """Points of numbers, one part behind the other."""
    if len(parts) == 1:
        return parts[0]
    values = np.concatenate([np.asarray(one.values) for one in parts]) if parts else np.empty(0)
    return Points(values, *_columns(parts))


def entries_joined(parts: Sequence[Points]) -> Points:
    """Points that are texts, files or histograms, one part behind the other."""
    return Points([value for one in parts for value in one.values], *_columns(parts))


def _columns(parts: Sequence[Points]) -> tuple[Floats | None, Floats | None]:
    return _column([one.steps for one in parts], parts), _column([one.times for one in parts], parts)


def _column(columns: Sequence[Floats | None], parts: Sequence[Points]) -> Floats | None:
    """The steps or times of all parts; None if none of them has any."""
    if all(column is None for column in columns):
        return None
    return np.concatenate(
        [np.full(len(one), np.nan) if column is None else column for column, one in zip(columns, parts, strict=True)]
    )
