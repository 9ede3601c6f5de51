"""Series smoothed as TensorBoard has them, from all of their points, whatever few of these a picture shows."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

import numpy as np
from runjson_schema.points import Floats

from runjson_tracker.reduce import Indices

# Powers of the weight stay above e^-200: what they divide, up to 1e200, then stays finite.
_LEAST_POWER: Final = 200.0
_MOST_AT_ONCE: Final = 4096
# 1 less than this is 1.
_NO_BIAS: Final = 2.0**-60
_LARGE: Final = 1e200
_SMALLER: Final = 2.0**-600


def demand_weight(smoothing: float | None, most: int | None) -> None:
    """See that series can be smoothed by a weight where `most` points show each.

    Raises:
        ValueError: it is none, or all points are wanted, which whoever reads them can smooth.
    """
    if smoothing is None:
        return
    if not 0 <= smoothing < 1:
        raise ValueError(f"the weight of smoothing is from 0 to less than 1, not {smoothing}")
    if most is None:
        raise ValueError("smoothing goes with `most`: of all points the averages are soon made")


class Average:
    """An exponential moving average that begins without a bias, stretch by stretch of a series.

    Of the finite values y, `last = last·w + (1 - w)·y`, told as `last / (1 - wⁿ)` at the nth of them; NaN and
    infinities leave it as it is. So it is in TensorBoard's `line_chart_v2/data_transformer.ts`.

    Args:
        weight: from 0, which smooths nothing, to less than 1.
    """

    def __init__(self, weight: float) -> None:
        self._weight = weight
        # Before the bias is taken away, and how much of it is left.
        self._last = 0.0
        self._bias = 1.0

    def take(self, values: Floats) -> Floats:
        """The averages at the next values of the series, shape (n,); NaN before the first that is finite."""
        finite = np.isfinite(values)
        before = np.nan if self._bias == 1.0 else self._last / (1 - self._bias)
        averages = self._over(values[finite])
        if len(averages) == len(values):
            return averages
        found: Floats = np.concatenate(([before], averages))[np.cumsum(finite)]
        return found

    def _over(self, values: Floats) -> Floats:
        weight, count = self._weight, len(values)
        if weight == 0 or not count:
            if count:
                self._last, self._bias = float(values[-1]), 0.0
            return values
        # Many blocks at once: within one, each value is divided by its power of the weight, summed up, and multiplied.
        size = min(max(int(_LEAST_POWER / -math.log(weight)), 1), _MOST_AT_ONCE, count)
        scale = _SMALLER if np.abs(values).max() > _LARGE else 1.0
        padded = np.zeros(-(-count // size) * size)
        np.multiply(values, scale * (1 - weight), out=padded[:count])
        powers = weight ** np.arange(float(size))
        blocks = padded.reshape(-1, size)
        blocks /= powers
        np.cumsum(blocks, axis=1, out=blocks)
        blocks *= powers
        # What each block begins with is what the one before left.
        begins = np.empty(len(blocks))
        last = self._last * scale
        for block, own in enumerate(blocks[:, -1].tolist()):
            begins[block] = last
            last = last * powers[-1] * weight + own
        blocks += begins[:, None] * (powers * weight)
        sums = padded[:count]
        self._last = float(sums[-1]) / scale
        before, self._bias = self._bias, self._bias * weight**count
        if before > _NO_BIAS:
            blocks /= 1 - before * np.multiply.outer((powers[-1] * weight) ** np.arange(len(blocks)), powers * weight)
        sums /= scale
        return sums


def averages_at(pieces: Iterable[Floats], places: Indices, weight: float) -> Floats:
    """The averages of a series at some places.

    Args:
        pieces: its values from the beginning on, piece by piece, up to the last place at least.
        places: shape (n,), ascending: indices in the series.
        weight: from 0, which smooths nothing, to less than 1.

    Returns:
        Shape (n,); NaN before the first finite value.
    """
    average = Average(weight)
    found = np.full(len(places), np.nan)
    first = at = 0
    for values in pieces:
        averages = average.take(values)
        to = int(np.searchsorted(places, first + len(values)))
        found[at:to] = averages[places[at:to] - first]
        at, first = to, first + len(values)
    return found
