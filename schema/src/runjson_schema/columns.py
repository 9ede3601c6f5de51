"""Growing columns of points: what the fold keeps of a series while records arrive."""

from __future__ import annotations

import math
from array import array
from typing import Any, Final

import numpy as np

from runjson_schema.points import Floats, Kind, Points

NONE: Final = math.nan


class Growing:
    """Points of one name, appended one at a time or in columns, never kept as Python numbers.

    Attributes:
        kind: what the points are.
        count: how many points were ever appended, those taken away by `take` included.
        notes: unit, goal, description, media_type, x and unknown members, the last that said it.
    """

    __slots__ = ("_parts", "count", "kind", "notes", "steps", "times", "values")

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.count = 0
        self.notes: dict[str, Any] = {}  # Any: an unknown member is any value
        self.values: Any = array("d") if kind == "series" else []  # Any: one of two containers with one interface
        self.steps = array("d")
        self.times = array("d")
        self._parts: list[Points] = []

    def append(self, value: Any, step: float, time: float) -> None:
        """Append one point; NaN for a step or time that it has not."""
        self.values.append(value)
        self.steps.append(step)
        self.times.append(time)

    def extend(self, points: Points) -> None:
        """Append points as columns."""
        if len(points) == 0:
            return
        self._settle()
        self._parts.append(points)

    def _settle(self) -> None:
        """Turn the points that came one by one into a part."""
        if not len(self.values):
            return
        steps, times = np.array(self.steps), np.array(self.times)
        self._parts.append(
            Points(
                np.array(self.values) if self.kind == "series" else self.values,
                None if np.isnan(steps).all() else steps,
                None if np.isnan(times).all() else times,
            )
        )
        self.values = array("d") if self.kind == "series" else []
        self.steps, self.times = array("d"), array("d")

    @property
    def waiting(self) -> int:
        """How many points were appended and not taken yet."""
        return len(self.values) + sum(map(len, self._parts))

    def take(self) -> Points:
        """The points appended since the last `take`, which are no longer kept here."""
        self._settle()
        parts, self._parts = self._parts, []
        points = joined(self.kind, parts)
        self.count += len(points)
        return points

    def peek(self) -> Points:
        """The points that wait, which stay."""
        self._settle()
        points = joined(self.kind, self._parts)
        self._parts = [points] if len(points) else []
        return points


def joined(kind: Kind, parts: list[Points]) -> Points:
    """Parts of one name behind each other; -0 among their numbers becomes 0."""
    if kind != "series":
        values: Any = [value for part in parts for value in part.values]
    else:
        values = _settled([part.values for part in parts])  # type: ignore[misc]  # of series, values are arrays
    return Points(values, _optional(parts, "steps"), _optional(parts, "times"))


def _settled(arrays: list[Floats]) -> Floats:
    if not arrays:
        return np.empty(0)
    together = np.concatenate(arrays) if len(arrays) > 1 else arrays[0]
    return together + 0.0


def _optional(parts: list[Points], column: str) -> Floats | None:
    columns: list[Floats | None] = [getattr(part, column) for part in parts]
    if all(one is None for one in columns):
        return None
    return _settled(
        [np.full(len(part), NONE) if one is None else one for part, one in zip(parts, columns, strict=True)]
    )
