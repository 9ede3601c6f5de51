"""Histograms, of data or of counts and edges (SPEC section 6.1)."""

from __future__ import annotations

import array as arrays
import math
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from runjson.media.foreign import as_array, kind
from runjson.points import as_number

# Numbers that are counted at once: a copy of 8 MiB, however large the tensor is.
_PORTION = 1 << 20
_MOST_BINS = 100_000


class Histogram(NamedTuple):
    """A histogram.

    Attributes:
        edges: n + 1, which never fall.
        counts: n.
        left_out: how many of the data were not finite.
    """

    edges: list[float]
    counts: list[float]
    left_out: int = 0


def histogram(data: Any, counts: Any, edges: Any, bins: int = 64) -> Histogram:
    """A histogram of data, in bins of one width, or of counts and edges.

    Data that are all one number v are counted from v - 0.5 to v + 0.5, as numpy does.

    Args:
        data: numbers in any shape: an array, a tensor, lists; or None.
        counts: n numbers that are not negative, or NaN; or None.
        edges: n + 1 numbers that never fall, the first and last perhaps infinite; or None.
        bins: how many there are to be, of data.

    Raises:
        TypeError: the data are no numbers.
        ValueError: not exactly one of data and of counts with edges is given, they do not fit together, or no number
            of the data is finite.
    """
    if data is not None and counts is None and edges is None:
        return _of_data(data, bins)
    if data is None and counts is not None and edges is not None:
        return _of_counts(_column(counts, "counts"), _column(edges, "edges"))
    raise ValueError("a histogram is made of data, or else of counts and edges: give one of both, and all of it.")


def _of_counts(counts: list[float], edges: list[float]) -> Histogram:
    if not counts:
        raise ValueError("a histogram has at least one count.")
    if len(edges) != len(counts) + 1:
        raise ValueError(
            f"{len(counts)} counts have {len(counts) + 1} edges, one more than there are bins; {len(edges)} are given."
        )
    for number, (one, other) in enumerate(pairwise(edges)):
        if not one <= other:
            raise ValueError(f"the edges of a histogram never fall: edge {number} is {one}, the next one {other}.")
    for number, edge in enumerate(edges[1:-1], 1):
        if not math.isfinite(edge):
            raise ValueError(f"edge {number} is {edge}: only the first and the last edge may be infinite.")
    for number, count in enumerate(counts):
        if count < 0 or math.isinf(count):
            raise ValueError(f"count {number} is {count}: counts are 0 or more, and finite.")
    return Histogram(edges, counts)


def _of_data(data: Any, bins: Any) -> Histogram:
    number = as_number(bins)
    if number is None or not 1 <= number <= _MOST_BINS or number != int(number):
        raise ValueError(f"bins {bins!r}: a whole number from 1 to {_MOST_BINS}.")
    # A masked array of numpy has zeros where a picture needs something; here what is masked is no number at all.
    array = as_array(data.compressed() if hasattr(data, "compressed") else data)
    if array is None:
        return _of_list(list(_flat(data)), int(number))
    if array.dtype.kind == "O":
        return _of_list(list(_flat(array.tolist())), int(number))
    if array.dtype.kind not in "biuf":
        raise TypeError(f"an array of {array.dtype} has no histogram: it has no real numbers.")
    return _of_array(array, int(number))


def _of_array(array: Any, bins: int) -> Histogram:
    """Of an array of numpy, a portion after the other, as `numpy.histogram` counts float64."""
    numpy = sys.modules["numpy"]  # where the array comes from
    lowest, highest, left_out = math.inf, -math.inf, 0
    for portion in _portions(numpy, array):
        finite = portion[numpy.isfinite(portion)]
        left_out += len(portion) - len(finite)
        if len(finite):
            lowest, highest = min(lowest, float(finite.min())), max(highest, float(finite.max()))
    start, end, scale = _range(lowest, highest, bins)
    counts: Any = 0
    edges: Any = None
    for portion in _portions(numpy, array):
        finite = portion[numpy.isfinite(portion)]
        found, edges = numpy.histogram(finite / scale if scale != 1 else finite, bins=bins, range=(start, end))
        counts = counts + found
    return Histogram(_scaled(edges.tolist(), scale, lowest, highest), counts.tolist(), left_out)


def _portions(numpy: Any, array: Any) -> Iterator[Any]:
    flat = array.reshape(-1)
    for at in range(0, len(flat), _PORTION):
        yield flat[at : at + _PORTION].astype(numpy.float64)


def _of_list(values: list[float], bins: int) -> Histogram:
    """Of numbers of Python, with the result that numpy has: the edge between two bins belongs to the upper one."""
    finite = [value for value in values if math.isfinite(value)]
    lowest, highest = min(finite, default=math.inf), max(finite, default=-math.inf)
    start, end, scale = _range(lowest, highest, bins)
    width = (end - start) / bins
    edges = [number * width + start for number in range(bins)] + [end]
    counts = [0] * bins
    for value in finite:
        scaled = value / scale
        at = min(int((scaled - start) / (end - start) * bins), bins - 1)
        # The quotient is rounded, and the edges are rounded otherwise: they decide.
        if scaled < edges[at]:
            at -= 1
        elif at < bins - 1 and scaled >= edges[at + 1]:
            at += 1
        counts[at] += 1
    return Histogram(_scaled(edges, scale, lowest, highest), list(counts), len(values) - len(finite))


def _range(lowest: float, highest: float, bins: int) -> tuple[float, float, float]:
    """The first and last edge, and what they and the data are to be divided by before one counts.

    Raises:
        ValueError: there are no numbers.
    """
    if lowest > highest:
        raise ValueError("no number of the data is finite, so that there is no histogram.")
    if highest - lowest > sys.float_info.max / 8:  # products on the way would be infinite
        return lowest / 4, highest / 4, 4.0
    if lowest == highest and abs(lowest) < 2**50 and _divides(lowest - 0.5, lowest + 0.5, bins):
        return lowest - 0.5, lowest + 0.5, 1.0
    if lowest < highest and _divides(lowest, highest, bins):
        return lowest, highest, 1.0
    # Doubles lie too far apart here for so many bins between these two.
    scale = 4.0 if max(abs(lowest), abs(highest)) > sys.float_info.max / 8 else 1.0
    middle = (lowest / scale + highest / scale) / 2
    half = max(math.ulp(middle) * bins * 2, (highest - lowest) / scale)
    end = min(middle + half, sys.float_info.max / scale)
    return max(end - 2 * half, -sys.float_info.max / scale), max(end, 2 * half - sys.float_info.max / scale), scale


def _scaled(edges: list[float], scale: float, lowest: float, highest: float) -> list[float]:
    """The edges for the data as they were; a number near zero may have lost digits on the way."""
    found = [edge * scale for edge in edges]
    return [min(found[0], lowest), *found[1:-1], max(found[-1], highest)]


def _divides(start: float, end: float, bins: int) -> bool:
    """Whether each bin is at least as wide as the doubles at both ends lie apart, and no subnormal number."""
    width = (end - start) / bins
    return width >= max(math.ulp(start), math.ulp(end)) and width >= sys.float_info.min


def _flat(data: Any) -> Iterator[float]:
    if isinstance(data, str | bytes) or not isinstance(data, Sequence | set | frozenset | arrays.array | memoryview):
        number = None if isinstance(data, str | bytes) else as_number(data)
        if number is None:
            array = as_array(data)
            if array is None or not getattr(array, "ndim", 0):
                raise TypeError(f"a {kind(data)} is no number: a histogram is made of an array, a tensor or a list.")
            yield from _flat(array.tolist())
        else:
            yield float(number)
        return
    for entry in data:
        if type(entry) is float:
            yield entry
        else:
            yield from _flat(entry)


def _column(values: Any, what: str) -> list[float]:
    array = as_array(values)
    cells = values if array is None else array.tolist()
    if isinstance(cells, str | bytes) or not isinstance(cells, Sequence | arrays.array):
        raise TypeError(f"the {what} of a histogram are a sequence of numbers, and not a {kind(values)}.")
    found = []
    for cell in cells:
        number = as_number(cell)
        if number is None:
            raise TypeError(f"the {what} of a histogram are numbers, and not a {kind(cell)}.")
        found.append(number)
    return found
