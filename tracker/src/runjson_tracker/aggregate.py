"""The series of several runs taken together, step by step: mean, scatter and extremes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from runjson_schema.points import Floats, Points

from runjson_tracker.reduce import positions

Counts: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """What several runs' values of one series are at each step; all columns have the shape (n,).

    Attributes:
        steps: each step that one of the runs has, ascending.
        mean: of the finite values; NaN where there are none.
        std: their sample standard deviation, with one degree of freedom less than values; NaN where there are fewer
            than two. Both have the unit of the values.
        minimum: the least finite value, and `maximum` the greatest; NaN where there are none.
        count: how many runs have a finite value.
        nonfinite: how many have NaN or an infinity.
    """

    steps: Floats
    mean: Floats
    std: Floats
    minimum: Floats
    maximum: Floats
    count: Counts
    nonfinite: Counts


def aggregate(parts: Sequence[Points]) -> Aggregate:
    """The series of numbers of several runs, taken together at each step; nothing is put between steps.

    Args:
        parts: each run's points. A point without a step stands at its index. Of several points of a run at one step the
            last one counts.
    """
    columns = [_by_step(points) for points in parts]
    steps = _union([column for column, _ in columns])
    size = len(steps)
    count, nonfinite = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    minimum, maximum = np.full(size, np.inf), np.full(size, -np.inf)
    placed: list[tuple[Counts, Floats]] = []
    for own, values in columns:
        places = np.searchsorted(steps, own)
        finite = np.isfinite(values)
        nonfinite[places[~finite]] += 1
        at, numbers = places[finite], values[finite]
        minimum[at] = np.minimum(minimum[at], numbers)
        maximum[at] = np.maximum(maximum[at], numbers)
        placed.append((at, numbers))
    # In units of a power of two above all values of the step, which changes no digit: no square is too large or small.
    _, scale = np.frexp(np.where(minimum <= maximum, np.maximum(np.abs(minimum), np.abs(maximum)), 0.0))
    mean, squares = np.zeros(size), np.zeros(size)
    # Welford's way (Technometrics 4, 1962): the difference of the sum of squares and the square of the sum loses all
    # digits where values lie close together.
    for at, numbers in placed:
        numbers = np.ldexp(numbers, -scale[at])  # noqa: PLW2901  the same numbers in another unit
        count[at] += 1
        before = numbers - mean[at]
        mean[at] += before / count[at]
        squares[at] += before * (numbers - mean[at])
    none = count == 0
    minimum[none] = maximum[none] = np.nan
    # A mean that was rounded may lie beyond values that are all the same.
    mean = np.where(none, np.nan, np.clip(np.ldexp(mean, scale), minimum, maximum))
    std = np.full(size, np.nan)
    several = count > 1
    with np.errstate(over="ignore"):
        std[several] = np.ldexp(np.sqrt(squares[several] / (count[several] - 1)), scale[several])
    return Aggregate(steps, mean, std, minimum, maximum, count, nonfinite)


def _by_step(points: Points) -> tuple[Floats, Floats]:
    """Ascending steps, each once, and the last value that was written at each."""
    values = np.asarray(points.values, dtype=np.float64)
    steps = positions(points, np.arange(len(values)))
    if (steps[1:] > steps[:-1]).all():
        return steps, values
    order = np.argsort(steps, kind="stable")
    steps, values = steps[order], values[order]
    last = np.append(steps[1:] != steps[:-1], [True] * (len(steps) > 0))
    return steps[last], values[last]


def _union(columns: Sequence[Floats]) -> Floats:
    """All steps of some columns, each of which is ascending."""
    if not columns:
        return np.empty(0)
    # The runs of a sweep mostly have the same steps.
    if all(np.array_equal(columns[0], column) for column in columns[1:]):
        return columns[0]
    return np.unique(np.concatenate(columns))
