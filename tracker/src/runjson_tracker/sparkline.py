"""A series in one line of a terminal, in which neither a spike nor a NaN is hidden."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from runjson_schema.points import Floats

Places: TypeAlias = NDArray[np.intp]

_BRAILLE: Final = 0x2800
# The dots of a Braille character's two columns, from the lowest up.
_DOTS: Final = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
_LEVELS: Final = 4
_NAN, _UP, _DOWN, _SEVERAL = "×", "↑", "↓", "*"  # noqa: RUF001  a mark, not a letter


def sparkline(values: Floats, width: int, indices: Places | None = None, count: int | None = None) -> tuple[str, str]:
    """Draw numbers in the order in which they were written.

    Each character holds two columns of dots. A column stands for consecutive points and reaches from the least to the
    greatest of them.

    Args:
        values: shape (n,), in any state of finiteness.
        width: at most so many characters.
        indices: shape (n,), rising: where each number stands among `count`, of which only these are drawn.
        count: how many numbers there are; n by default.

    Returns:
        The drawing, and a line of marks below it: × where there is a NaN, ↑ and ↓ where there is an infinity, * where
        there are several of these. The second is empty if all numbers are finite.
    """  # noqa: RUF002  the marks as they are printed
    if len(values) == 0:
        return "", ""
    total = len(values) if count is None else count
    columns = min(len(values), 2 * width)
    starts = np.linspace(0, total, columns, endpoint=False).astype(np.intp)
    if indices is not None:
        starts = np.unique(np.minimum(np.searchsorted(indices, starts), len(values) - 1))
    finite = np.isfinite(values)
    low = np.minimum.reduceat(np.where(finite, values, np.inf), starts)
    high = np.maximum.reduceat(np.where(finite, values, -np.inf), starts)
    return _drawing(low, high), "" if finite.all() else _marks(values, starts)


def _drawing(low: Floats, high: Floats) -> str:
    drawn = low <= high
    cells = [0] * ((len(low) + 1) // 2)
    if drawn.any():
        # Halves, since the distance of two doubles may be beyond the largest one.
        bottom, top = low[drawn].min() / 2, high[drawn].max() / 2
        for column in np.flatnonzero(drawn):
            lowest, highest = _level(low[column], bottom, top), _level(high[column], bottom, top)
            for level in range(lowest, highest + 1):
                cells[column // 2] |= _DOTS[column % 2][level]
    return "".join(chr(_BRAILLE + cell) for cell in cells)


def _level(value: float, bottom: float, top: float) -> int:
    if top == bottom:
        return 1
    return min(int((value / 2 - bottom) / (top - bottom) * _LEVELS), _LEVELS - 1)


def _marks(values: Floats, starts: Places) -> str:
    kinds = [(_NAN, np.isnan(values)), (_UP, values == np.inf), (_DOWN, values == -np.inf)]
    found: list[Any] = [(mark, np.logical_or.reduceat(there, starts)) for mark, there in kinds]
    line = ""
    for column in range(0, len(starts), 2):
        here = [mark for mark, there in found if there[column : column + 2].any()]
        line += (here[0] if len(here) == 1 else _SEVERAL) if here else " "
    return line.rstrip()
