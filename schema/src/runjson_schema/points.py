"""Columns of points: what a name in `series`, `text`, `images` or `histograms` holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Kind: TypeAlias = Literal["series", "text", "images", "histograms"]
KINDS: tuple[Kind, ...] = ("series", "text", "images", "histograms")

Floats: TypeAlias = NDArray[np.float64]
# A text is str; a file or a histogram is a dict in its canonical spelling (SPEC sections 7 and 6.1).
Objects: TypeAlias = list[Any]


@dataclass(slots=True)
class Points:
    """Points of one name, in the order in which they were written.

    Attributes:
        values: shape (n,). An array of doubles for `series`; a list of n texts, files or histograms else.
        steps: shape (n,), NaN where a point has no step (steps are finite, so NaN is free); None if none has one.
        times: shape (n,), seconds since 1970-01-01T00:00:00Z, NaN where a point has none; None if none has one.
    """

    values: Floats | Objects
    steps: Floats | None = None
    times: Floats | None = None

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, part: slice) -> Points:
        """The points of a slice, as views where they are arrays."""
        return Points(
            self.values[part],
            None if self.steps is None else self.steps[part],
            None if self.times is None else self.times[part],
        )
