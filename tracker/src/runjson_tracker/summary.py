"""What is known of points without decoding them: counts, extremes and their places."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from operator import attrgetter, le
from typing import Any, Final, TypeAlias

import numpy as np
from runjson_schema.points import Floats, Points

# Of so few points Python finds all in less time than calls of numpy take.
_FEW: Final = 8
# A value and its index in the series; both None where no point is finite.
Extreme: TypeAlias = tuple[float | None, int | None]
# The members nonfinite, minimum, maximum, argmin, argmax, total and last of a summary.
_Measures: TypeAlias = tuple[int, float | None, float | None, int | None, int | None, float | None, float | None]
_NO_NUMBERS: Final[_Measures] = (0, None, None, None, None, None, None)
_LARGEST: Final = sys.float_info.max


@dataclass(frozen=True, slots=True)
class Summary:
    """The summary of consecutive points of one series. What does not apply, or is NaN, is None.

    Attributes:
        count: how many points.
        nonfinite: how many of them are NaN or an infinity.
        minimum: the least of the finite ones, and `argmin` the index in the series of the first point that has it.
        maximum: the greatest of the finite ones, and `argmax` its first index.
        total: the sum of the finite ones; the mean is `total / (count - nonfinite)`.
        last: the last point's value.
        step_min: the least step, `step_max` the greatest.
        time_min: the earliest time, `time_max` the latest.
        rising: whether the steps never fall, so that the points can be drawn from left to right. Points of which none
            has a step rise by their index; where only some have one, this is False.
    """

    count: int
    nonfinite: int
    minimum: float | None
    maximum: float | None
    argmin: int | None
    argmax: int | None
    total: float | None
    last: float | None
    step_min: float | None
    step_max: float | None
    time_min: float | None
    time_max: float | None
    rising: bool

    def then(self, later: Summary) -> Summary:
        """The summary of these points and of those that follow them."""
        minimum, argmin = _lower((self.minimum, self.argmin), (later.minimum, later.argmin))
        maximum, argmax = _higher((self.maximum, self.argmax), (later.maximum, later.argmax))
        total = None if self.total is None or later.total is None else _number(self.total + later.total)
        if self.step_max is not None and later.step_min is not None:
            joins = self.step_max <= later.step_min
        else:
            joins = self.step_max is None and later.step_min is None
        return Summary(
            count=self.count + later.count,
            nonfinite=self.nonfinite + later.nonfinite,
            minimum=minimum,
            maximum=maximum,
            argmin=argmin,
            argmax=argmax,
            total=total,
            last=later.last,
            step_min=_pick(min, self.step_min, later.step_min),
            step_max=_pick(max, self.step_max, later.step_max),
            time_min=_pick(min, self.time_min, later.time_min),
            time_max=_pick(max, self.time_max, later.time_max),
            rising=self.rising and later.rising and joins,
        )


@dataclass(frozen=True, slots=True)
class Marks:
    """Where the points of a chunk lie that a picture shows: the extremes, and the first that is not finite.

    Attributes:
        argmin_step: the step of the point that `argmin` of the chunk's summary names, and `argmin_time` its time.
        argmax_step: the step of the point that `argmax` names, and `argmax_time` its time.
        odd: the index in the series of the first point that is NaN or an infinity; None if there is none.
        odd_step: its step, `odd_time` its time, and `odd_value` the infinity, None for NaN.
    """

    argmin_step: float | None = None
    argmin_time: float | None = None
    argmax_step: float | None = None
    argmax_time: float | None = None
    odd: int | None = None
    odd_step: float | None = None
    odd_time: float | None = None
    odd_value: float | None = None


def marks(points: Points, first: int, summary: Summary) -> Marks:
    """The marks of a chunk.

    Args:
        points: its points.
        first: the index in the series of the first of them.
        summary: of them.
    """
    values = points.values
    if isinstance(values, list):
        return Marks()

    def at(column: Floats | None, index: int | None) -> float | None:
        return None if column is None or index is None else _number(column[index - first])

    odd = first + int(np.isfinite(values).argmin()) if summary.nonfinite else None
    return Marks(
        argmin_step=at(points.steps, summary.argmin),
        argmin_time=at(points.times, summary.argmin),
        argmax_step=at(points.steps, summary.argmax),
        argmax_time=at(points.times, summary.argmax),
        odd=odd,
        odd_step=at(points.steps, odd),
        odd_time=at(points.times, odd),
        odd_value=at(values, odd),
    )


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a column of steps or times reaches, whose missing entries are NaN.

    Attributes:
        least: its least entry, `greatest` the greatest; None if all are missing.
        rising: whether the entries never fall; False where only some are missing.
    """

    least: float | None = None
    greatest: float | None = None
    rising: bool = True


_NO_EXTENT: Final = Extent()


def extent(column: Floats | None) -> Extent:
    """The extent of a column, which may be none at all or have no entry."""
    if column is None:
        return _NO_EXTENT
    if len(column) < _FEW:
        entries: list[float] = column.tolist()
        present = [entry for entry in entries if not math.isnan(entry)]
        if not present:
            return _NO_EXTENT
        return Extent(min(present), max(present), all(map(le, entries, entries[1:])))
    least = _number(np.fmin.reduce(column))
    # A missing entry is NaN, which compares as False.
    return Extent(least, _number(np.fmax.reduce(column)), least is None or bool((column[1:] >= column[:-1]).all()))


def summarise(points: Points, first: int, steps: Extent | None = None, times: Extent | None = None) -> Summary:
    """The summary of points, at least one.

    Args:
        points: consecutive points of one series.
        first: the index in the series of the first of them.
        steps: the extent of their steps, where it is known.
        times: the extent of their times, where it is known.
    """
    values = points.values
    nonfinite, minimum, maximum, argmin, argmax, total, last = (
        _NO_NUMBERS if isinstance(values, list) else _measured(values)
    )
    steps = steps or extent(points.steps)
    times = times or extent(points.times)
    return Summary(
        count=len(values),
        nonfinite=nonfinite,
        minimum=minimum,
        maximum=maximum,
        argmin=None if argmin is None else argmin + first,
        argmax=None if argmax is None else argmax + first,
        total=total,
        last=last,
        step_min=steps.least,
        step_max=steps.greatest,
        time_min=times.least,
        time_max=times.greatest,
        rising=steps.rising,
    )


SUMMARY_COLUMNS: Final = tuple(column.name for column in fields(Summary))
MARK_COLUMNS: Final = tuple(column.name for column in fields(Marks))
_summary_values: Final = attrgetter(*SUMMARY_COLUMNS)
_mark_values: Final = attrgetter(*MARK_COLUMNS)


def summary_row(summary: Summary) -> dict[str, Any]:  # Any: columns of several types
    """A summary as columns of a row."""
    return dict(zip(SUMMARY_COLUMNS, _summary_values(summary), strict=True))


def marks_row(of_chunk: Marks) -> dict[str, Any]:  # Any: columns of several types
    """Marks as columns of a row."""
    return dict(zip(MARK_COLUMNS, _mark_values(of_chunk), strict=True))


def _measured(values: Floats) -> _Measures:
    """What is known of numbers, as members of `Summary`; the indices are those among them."""
    if len(values) < _FEW:
        return _measured_few(values.tolist())
    last = _number(values[-1])
    finite = np.isfinite(values)
    nonfinite = len(values) - int(np.count_nonzero(finite))
    if nonfinite == len(values):
        return nonfinite, None, None, None, None, 0.0, last
    low, high = values, values
    if nonfinite:
        low, high = np.where(finite, values, np.inf), np.where(finite, values, -np.inf)
    argmin, argmax = int(low.argmin()), int(high.argmax())
    minimum, maximum = float(values[argmin]), float(values[argmax])
    total = _total(values[finite] if nonfinite else values, max(abs(minimum), abs(maximum)))
    return nonfinite, minimum, maximum, argmin, argmax, total, last


def _measured_few(values: list[float]) -> _Measures:
    """The same of a few numbers."""
    last = _number(values[-1])
    finite = [value for value in values if math.isfinite(value)]
    nonfinite = len(values) - len(finite)
    if not finite:
        return nonfinite, None, None, None, None, 0.0, last
    minimum, maximum = min(finite), max(finite)
    total = 0.0
    for value in finite:  # `sum` corrects roundings from Python 3.12 on, and numpy does not
        total += value
    return nonfinite, minimum, maximum, values.index(minimum), values.index(maximum), total, last


def _total(values: Floats, largest: float) -> float | None:
    if largest * len(values) < _LARGEST:
        return _number(values.sum())
    with np.errstate(over="ignore", invalid="ignore"):  # it costs more than the sum of a few numbers
        return _number(values.sum())


def _number(value: Any) -> float | None:  # Any: a number of numpy's or Python's
    """A Python float, or None for NaN, which SQLite would turn into NULL and PostgreSQL sort above all numbers."""
    number = float(value)
    return None if math.isnan(number) else number


def _pick(choose: Callable[[float, float], float], one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return other if one is None else one
    return float(choose(one, other))


def _lower(one: Extreme, other: Extreme) -> Extreme:
    return other if one[0] is None or (other[0] is not None and other[0] < one[0]) else one


def _higher(one: Extreme, other: Extreme) -> Extreme:
    return other if one[0] is None or (other[0] is not None and other[0] > one[0]) else one
