"""Curves of several runs in one picture, in the terminal or in a file."""

from __future__ import annotations

import math
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from rich.text import Text
from runjson_schema.points import Floats

from runjson_tracker.errors import StoreError
from runjson_tracker.reduce import positions
from runjson_tracker.terminal import neutral, number

if TYPE_CHECKING:
    from runjson_tracker.reading.interface import Portion
    from runjson_tracker.reduce import Reduced

# So many points of a curve are drawn: more than a terminal or a picture can show apart.
POINTS: Final = 4000
_COLOURS: Final = ("cyan", "yellow", "green", "magenta", "blue", "red", "white")
# So many round numbers stand on an axis, or some more or fewer.
_TICKS: Final = 5
_BRAILLE: Final = 0x2800
# The dots of a Braille character's two columns, from the top down.
_DOTS: Final = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve: its name, and shape (n,) of x and y, NaN and infinities among the y."""

    label: str
    x: Floats
    y: Floats


def curve(label: str, reduced: Reduced | Portion, over: str) -> Curve:
    """The curve of a series.

    Args:
        label: its name.
        reduced: its points.
        over: `step`, `time`, or `relative` for the time since its first point.
    """
    values = np.asarray(reduced.points.values, dtype=np.float64)
    if over == "step":
        return Curve(label, positions(reduced.points, reduced.indices), values)
    times = reduced.points.times
    if times is None or np.isnan(times).all():
        raise StoreError(f"{label} has no times: --x step draws it over its steps.")
    return Curve(label, times - np.nanmin(times) if over == "relative" else times, values)


def picture(curves: Sequence[Curve], path: Path, title: str, *, log: bool = False) -> None:
    """Write a picture, of the type that the file's name says.

    Raises:
        StoreError: matplotlib is not installed, or knows no such type.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415  an optional part
    except ModuleNotFoundError:
        raise StoreError("Pictures need matplotlib: pip install matplotlib. Without -o it is drawn here.") from None
    figure = Figure(figsize=(9, 5), layout="constrained")
    axes = figure.subplots()
    for one in curves:
        (line,) = axes.plot(one.x, np.where(np.isfinite(one.y), one.y, np.nan), label=one.label, linewidth=1.2)
        odd = ~np.isfinite(one.y)
        if odd.any():
            # At the edge: below for NaN and -Infinity, above for Infinity.
            edge = np.where(one.y[odd] == np.inf, 0.99, 0.01)
            axes.plot(
                one.x[odd], edge, "x", color=line.get_color(), transform=axes.get_xaxis_transform(), clip_on=False
            )
    if log:
        axes.set_yscale("log")
    axes.set_xlabel(title)
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
    try:
        figure.savefig(path, dpi=150)
    except ValueError as error:
        raise StoreError(f"{path}: {error}") from None


def terminal_picture(
    curves: Sequence[Curve], width: int, height: int, title: str, *, log: bool = False, coloured: bool = True
) -> Iterator[Text]:
    """Draw curves with Braille dots.

    Args:
        curves: one or more.
        width: in characters, the scale included.
        height: of the drawing, in lines.
        title: what the x axis is.
        log: whether the axis of values is logarithmic.
        coloured: whether colours are seen; else a letter near its end says which curve is which, if there are several.

    Yields:
        The lines: the drawing with its scale, a line of marks where values are not finite, the x axis, the names.
    """
    drawn = [_scaled(one, log=log) for one in curves]
    finite = [one.y[np.isfinite(one.y) & np.isfinite(one.x)] for one in drawn]
    values = np.concatenate(finite)
    across = np.concatenate([one.x[np.isfinite(one.x)] for one in drawn])
    low, high = _range(values)
    left, right = _range(across)
    scale = _scale(low, high, height, log=log)
    margin = max(map(len, scale.values())) + 1
    columns = max(width - margin - 1, 10)
    cells: list[list[tuple[int, int]]] = [[(0, 0)] * columns for _ in range(height)]
    marks: list[tuple[str, int]] = [(" ", 0)] * columns
    for colour, one in enumerate(drawn):
        _draw(cells, one, colour, (left, right, low, high))
        _mark(marks, one, colour, (left, right))
    lettered = len(curves) > 1 and not coloured
    letters = _lettered(drawn, columns, height, (left, right, low, high)) if lettered else {}
    for index, row in enumerate(cells):
        line = Text(f"{scale.get(index, ''):>{margin}}" + ("┤" if index in scale else "│"))
        for column, (dots, colour) in enumerate(row):
            drawing = chr(_BRAILLE + dots) if dots else " "
            line.append(letters.get((column, index), drawing), style=_COLOURS[colour % len(_COLOURS)])
        yield line
    if any(mark != " " for mark, _ in marks):
        line = Text(" " * margin + "│")
        for mark, colour in marks:
            line.append(mark, style=_COLOURS[colour % len(_COLOURS)])
        yield line
    ends = number(left), number(right)
    gap = max(columns - len(ends[0]) - len(ends[1]), 1)
    yield Text(" " * margin + "└" + "─" * columns)
    yield Text(" " * (margin + 1) + ends[0] + title.center(gap)[:gap] + ends[1])
    for colour, one in enumerate(curves):
        odd = one.y[~np.isfinite(one.y)]
        told = f"  {neutral(one.label)}"
        if len(odd):
            told += f"  ({int(np.isnan(odd).sum())} NaN, {int(np.isinf(odd).sum())} infinite shown below)"
        sign = f"{_letter(colour)} " if lettered else "━━"
        yield Text(sign, style=_COLOURS[colour % len(_COLOURS)]).append(told, style="default")


def _scaled(one: Curve, *, log: bool) -> Curve:
    if not log:
        return one
    with np.errstate(divide="ignore", invalid="ignore"):
        return Curve(one.label, one.x, np.where(np.isfinite(one.y), np.log10(one.y), one.y))


def _range(numbers: Floats) -> tuple[float, float]:
    if len(numbers) == 0:
        return 0.0, 1.0
    low, high = float(numbers.min()), float(numbers.max())
    if low / 2 == high / 2:  # two doubles next to zero may be so, too
        half = abs(low) / 2 or 0.5
        return low - half, high + half
    return low, high


def _scale(low: float, high: float, height: int, *, log: bool) -> dict[int, str]:
    """What stands beside the lines of a drawing: the extremes, and round numbers between them."""
    told = {0: number(10**high if log else high), height - 1: number(10**low if log else low)}
    ticks = np.array(_powers(low, high) if log else _round_numbers(low, high))
    ticks = ticks[(ticks > low) & (ticks < high)]
    places = (height * 4 - 1 - _place(ticks, low, high, height * 4)) // 4
    for place, tick in zip(places.tolist(), ticks.tolist(), strict=True):
        told.setdefault(place, number(10**tick if log else tick))
    return told


def _round_numbers(low: float, high: float) -> list[float]:
    """Multiples of 1, 2 or 5 of some power of ten: about five between two numbers."""
    apart = high / _TICKS - low / _TICKS
    power = 10.0 ** math.floor(math.log10(apart))
    step = next(step for step in (power, 2 * power, 5 * power, 10 * power) if step >= apart * 0.7)
    return [at * step for at in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _powers(low: float, high: float) -> list[float]:
    """The logarithms of powers of ten between two, or where there are few, of 2 and 5 times these."""
    powers = range(math.floor(low), math.ceil(high) + 1)
    if high - low < 2:
        return [power + math.log10(times) for power in powers for times in (1, 2, 5)]
    return [float(power) for power in powers if power % _step(high - low) == 0]


def _step(decades: float) -> int:
    return next(step for step in (1, 2, 5, 10, 20, 50, 100, 200) if decades / step <= _TICKS + 1)


def _letter(index: int) -> str:
    return string.ascii_letters[index % len(string.ascii_letters)]


def _lettered(
    curves: Sequence[Curve], columns: int, height: int, frame: tuple[float, float, float, float]
) -> dict[tuple[int, int], str]:
    """A letter for each curve, by column and line: where it ends, or as near to it as no other letter stands."""
    left, right, low, high = frame
    found: dict[tuple[int, int], str] = {}
    for index, one in enumerate(curves):
        good = np.isfinite(one.y) & np.isfinite(one.x)
        across = _place(one.x[good], left, right, columns * 2)
        down = height * 4 - 1 - _place(one.y[good], low, high, height * 4)
        ends = list(zip(across.tolist(), down.tolist(), strict=True))
        path = (dot for start, end in pairwise(reversed(ends)) for dot in _line(start, end))
        cells = ((x // 2, y // 4) for x, y in chain(ends[-1:], path))
        free = next((cell for cell in cells if cell not in found), None)
        if free is not None:
            found[free] = _letter(index)
    return found


def _place(numbers: Floats, low: float, high: float, size: int) -> Any:  # Any: an array of integers
    # Halves, since the distance of two doubles may be beyond the largest one.
    share = (numbers / 2 - low / 2) / (high / 2 - low / 2)
    return np.clip((share * size).astype(np.int64), 0, size - 1)


def _draw(
    cells: list[list[tuple[int, int]]], one: Curve, colour: int, frame: tuple[float, float, float, float]
) -> None:
    """Light the dots of a curve; points that follow each other are joined."""
    left, right, low, high = frame
    height, width = len(cells) * 4, len(cells[0]) * 2
    good = np.isfinite(one.y) & np.isfinite(one.x)
    across = _place(np.where(good, one.x, left), left, right, width)
    down = height - 1 - _place(np.where(good, one.y, low), low, high, height)
    before: tuple[int, int] | None = None
    for here, x, y in zip(good.tolist(), across.tolist(), down.tolist(), strict=True):
        if not here:
            before = None
            continue
        for dot_x, dot_y in _line(before, (x, y)):
            dots, _ = cells[dot_y // 4][dot_x // 2]
            cells[dot_y // 4][dot_x // 2] = dots | _DOTS[dot_x % 2][dot_y % 4], colour
        before = x, y


def _line(start: tuple[int, int] | None, end: tuple[int, int]) -> Iterator[tuple[int, int]]:
    if start is None:
        yield end
        return
    length = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    for step in range(length + 1):
        yield (
            start[0] + round((end[0] - start[0]) * step / length),
            start[1] + round((end[1] - start[1]) * step / length),
        )


def _mark(marks: list[tuple[str, int]], one: Curve, colour: int, across: tuple[float, float]) -> None:
    odd = ~np.isfinite(one.y) & np.isfinite(one.x)
    places = _place(one.x[odd], *across, len(marks))
    for place, value in zip(places.tolist(), one.y[odd].tolist(), strict=True):
        marks[place] = ("×" if math.isnan(value) else "↑" if value > 0 else "↓"), colour  # noqa: RUF001  a mark
