"""Points as lines: numbers on the shortest way, everything else told apart by what it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from runjson.lines import encoded, number, quoted
from runjson.names import cleaned

# An integer below this is below the largest double.
_BITS = 1023
_PLAIN = frozenset({float, int})


class Lines:
    """Makes lines of points; knows the names that were used before."""

    def __init__(self) -> None:
        self._known: dict[Any, str] = {}
        try:
            from msgspec.json import Encoder  # noqa: PLC0415  three times as fast, where it happens to be installed
        except ImportError:
            self._encode: Callable[[Any], bytes] | None = None
        else:
            self._encode = Encoder().encode

    def numbers(self, values: Mapping[str, Any], step: Any, time: float) -> bytes | None:
        """The line of a record with one number for each of some series.

        Returns:
            The line; None if one of the values, names or the step is not plain.
        """
        known = self._known
        if self._encode is not None and _is_plain(step):
            if not (known.keys() >= values.keys() and _PLAIN.issuperset(map(type, values.values()))):
                return None
            try:
                finite = math.isfinite(sum(values.values()))
            except OverflowError:  # an integer that no double holds
                return None
            if finite:
                found = (
                    {"time": time, "series": values} if step is None else {"step": step, "time": time, "series": values}
                )
                try:
                    return self._encode(found) + b"\n"
                except (OverflowError, ValueError, TypeError):
                    return None
        parts = []
        for name, value in values.items():
            key = known.get(name)
            kind = type(value)
            if key is None or (kind is not float and (kind is not int or value.bit_length() > _BITS)):
                return None
            parts.append(key + (repr(value) if value - value == 0 else number(value)))
        if step is None:
            return f'{{"time":{time!r},"series":{{{",".join(parts)}}}}}\n'.encode()
        if not _is_plain(step):
            return None
        return f'{{"step":{step!r},"time":{time!r},"series":{{{",".join(parts)}}}}}\n'.encode()

    def learn(self, name: str) -> None:
        """Remember a name of a series."""
        if len(self._known) < 100_000 and type(name) is str and cleaned(name) == name:
            text = f"{quoted(name)}:"
            try:
                text.encode()
            except UnicodeEncodeError:
                return
            self._known[name] = text


def _is_plain(step: Any) -> bool:
    """Whether a step is none, or a number that is written as it is."""
    kind = type(step)
    return step is None or kind is int or (kind is float and step - step == 0.0)


def record(step: float | None, time: float | None, members: Mapping[str, Mapping[str, str]]) -> bytes:
    """The line of a record with points.

    Args:
        step: of the points.
        time: of the points, in seconds since 1970.
        members: JSON texts by name, by kind (`series`, `text` ...).
    """
    head = [f'"step":{number(step)}'] if step is not None else []
    head += [f'"time":{time!r}'] if time is not None else []
    kinds = [
        f'"{kind}":{{{",".join(f"{quoted(name)}:{text}" for name, text in points.items())}}}'
        for kind, points in members.items()
        if points
    ]
    return encoded(f"{{{','.join([*head, *kinds])}}}\n")


def flat(values: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Names and values, where a dictionary is a namespace of further names."""
    for name, value in values.items():
        here = f"{path}/{name}" if path else str(name)
        if isinstance(value, Mapping):
            yield from flat(value, here)
        else:
            yield here, value


def several(value: Any) -> list[float | int] | None:
    """The numbers of a list, or of an array of one dimension; None if it is something else."""
    if isinstance(value, list | tuple):
        cells: Any = value
    elif len(getattr(value, "shape", ())) == 1:
        cells = _cells(value)
    else:
        return None
    if cells is None:
        return None
    found = [as_number(cell) for cell in cells]
    return None if None in found or not found else found  # type: ignore[return-value]  # none of them is None


def as_number(value: Any) -> float | int | None:
    """A value as a number, if it is one: of Python's, numpy's, or a tensor with one element; else None.

    What numpy has masked is NaN.
    """
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        found = int(value)
        return found if found.bit_length() <= _BITS else math.inf if found > 0 else -math.inf
    if isinstance(value, float):
        return float(value)
    if isinstance(value, Decimal | Fraction):
        try:
            return float(value)
        except (OverflowError, ValueError):
            return math.inf if value > 0 else -math.inf
    if isinstance(value, str | bytes) or not (hasattr(value, "item") or hasattr(value, "numpy")):
        return None
    cells = _cells(value) if all(length == 1 for length in getattr(value, "shape", ())) else None
    while isinstance(cells, list) and len(cells) == 1:
        cells = cells[0]
    if cells is not None and _is_longdouble(cells):
        cells = float(cells)
    return as_number(cells) if isinstance(cells, bool | int | float) else None


def _cells(value: Any) -> Any:  # Any: a number, or lists of them
    """What an array or tensor holds, as Python has it; None if that is no numbers, or can not be had.

    A tensor without values (`device="meta"`) and a sparse one raise: that must not cost the others of a record.
    """
    try:
        if not hasattr(value, "tolist"):  # of TensorFlow, or a number of some other library
            value = value.numpy() if hasattr(value, "numpy") else value.item()
        if getattr(getattr(value, "dtype", None), "kind", "") in {"m", "M"}:  # moments, some of which would be integers
            return None
        if hasattr(value, "filled"):  # a masked array of numpy
            value = value.astype(float).filled(math.nan)
        return value.tolist() if hasattr(value, "tolist") else value
    except (RuntimeError, TypeError, ValueError, AttributeError):
        return None


def _is_longdouble(value: Any) -> bool:
    """Whether this is the one number of numpy that Python has none for."""
    return type(value).__name__ == "longdouble" and type(value).__module__ == "numpy"
