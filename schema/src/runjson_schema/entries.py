"""What a name in series, text, images or histograms may say, read into columns of points (SPEC section 6)."""

from __future__ import annotations

from array import array
from typing import Any, Final

import msgspec
import numpy as np

from runjson_schema import wording
from runjson_schema.columns import NONE
from runjson_schema.files import Objects, is_nothing, unusual
from runjson_schema.findings import Finding, Pointer, Report, finding
from runjson_schema.numbers import LARGEST, SPECIAL, blocks, spelled
from runjson_schema.points import Floats, Kind, Points
from runjson_schema.records import COLUMN_MEMBERS, COLUMN_NOTES, Columns, RawColumns
from runjson_schema.values import normal
from runjson_schema.wording import shown

LATEST: Final = 1e11
EARLIEST: Final = 1e8
_scalar: Final = msgspec.json.Decoder(float | str | None)
# Any: the columns of images and histograms come as plain JSON.
_Read = tuple[Points | None, dict[str, Any]]


def odd_time(time: float, at: Pointer) -> Finding | None:
    """What is odd about a time (SPEC 6.2): milliseconds, or a stopwatch; None if it is fine."""
    if abs(time) > LARGEST:
        return wording.too_large(time, at)
    if abs(time) > LATEST:
        hint = f"Times are seconds since 1970: {time / 1000!r} (JavaScript: Date.now() / 1000)."
        return finding("RJ204", f"{time:.17g} lies beyond the year 5138: milliseconds?", at, hint, fixable=True)
    if abs(time) < EARLIEST:
        hint = 'Times are seconds since 1970. A stopwatch is a series of its own: "series": {"time/elapsed": ...}.'
        return finding("RJ205", f"{time:.17g} lies near 1970: seconds since the start?", at, hint)
    return None


class Entries:
    """Reads the entries of a record's points and reports what is wrong with them."""

    def __init__(self, report: Report, objects: Objects) -> None:
        self.colons = 0  # of the columns that were decoded from text here, to tell names that stand twice
        self._report = report
        self._objects = objects

    def read(self, kind: Kind, entry: Any, at: Pointer) -> _Read:
        """The points and notes of one name.

        Args:
            kind: what the points are.
            entry: a point, points, columns, or the text of either.
            at: the kind and the name.

        Returns:
            The points, None if something was wrong; and unit, goal, description, media_type, x, unknown members.

        Raises:
            msgspec.DecodeError: the text of an entry is not of its shape.
        """
        if isinstance(entry, msgspec.Raw) and _head(entry) == b"{":
            entry = self._columns_of(entry)
        if is_nothing(entry) and entry is not None:
            return Points(np.empty(0) if kind == "series" else []), {}
        if isinstance(entry, Columns):
            members = {name: getattr(entry, name) for name in ("values", "steps", "times", *COLUMN_NOTES)}
            return self._columns(kind, members, at)
        if isinstance(entry, dict) and "values" in entry:
            return self._columns(kind, entry, at)
        if isinstance(entry, dict) and kind in {"series", "text"}:
            self._report(wording.without_values(entry, at))
            return None, {}
        values = self._values(kind, entry, at)
        return (None if values is None else Points(values)), {}

    def _columns_of(self, text: msgspec.Raw) -> dict[str, Any]:
        """The members of columns, the arrays among them still as text."""
        if _is_empty(text):
            return {}
        columns = msgspec.json.decode(text, type=RawColumns)
        members = {name: value for name in COLUMN_MEMBERS if (value := getattr(columns, name)) is not msgspec.UNSET}
        self.colons += len(members) + sum(note.count(":") for note in members.values() if isinstance(note, str))
        return members

    def _columns(self, kind: Kind, members: dict[str, Any], at: Pointer) -> _Read:
        notes = {}
        for name in COLUMN_NOTES:
            value = members.get(name, msgspec.UNSET)
            if isinstance(value, str):
                notes[name] = value
            elif value is not msgspec.UNSET and not is_nothing(value):
                self._report(finding("RJ106", shown(value), (*at, name), expected="a text"))
        for name in members.keys() - COLUMN_MEMBERS:
            if members[name] is not None and self._objects.unknown((*at, name), members[name]):
                notes[name] = normal(members[name], self._report, (*at, name), 4)
        values = self._values(kind, members["values"], (*at, "values"))
        if values is None:
            return None, notes
        points = Points(values)
        for name in ("steps", "times"):
            column = self._optional(members.get(name, msgspec.UNSET), (*at, name))
            if column is None:
                continue
            if len(column) != len(values):
                message = f"{len(values)} values but {len(column)} {name}"
                self._report(finding("RJ201", message, (*at, name), "Columns are equally long; null stands for none."))
                return None, notes
            setattr(points, name, column)
        if points.times is not None:
            self._check_times(points.times, (*at, "times"))
        return points, notes

    def _values(self, kind: Kind, entry: Any, at: Pointer) -> Any:
        if isinstance(entry, dict) and not entry:
            entry = []
        if kind == "series":
            return self._doubles(entry, at)
        entries = entry if isinstance(entry, list) else [entry]
        if kind == "text":
            wrong = [index for index, text in enumerate(entries) if not isinstance(text, str)]
            for index in wrong:
                self._report(wording.no_point(entries[index], (*at, index) if entry is entries else at, "a text"))
            return None if wrong else entries
        read = self._objects.file if kind == "images" else self._objects.histogram
        found = [read(one, (*at, index) if entry is entries else at) for index, one in enumerate(entries)]
        return None if None in found else found

    def _doubles(self, entry: Any, at: Pointer) -> Floats | None:
        parts: list[Any]
        single = False
        if isinstance(entry, msgspec.Raw):
            single = _head(entry) != b"["
            try:
                parts = [] if _is_empty(entry) else [[_scalar.decode(entry)]] if single else blocks(entry)
            except msgspec.ValidationError:
                # An entry of another type, or an integer beyond the doubles: each is looked at.
                value = msgspec.json.decode(entry)
                parts = [[value]] if single else [value]
        else:
            single = not isinstance(entry, list)
            parts = [[entry]] if single else [entry]
        found: list[Floats] = []
        index = 0
        wrong = False
        for part in parts:
            if not isinstance(part, np.ndarray):
                size = len(part)
                numbers = self._spelled(part, None if single else index, at)
                index += size
                wrong = wrong or numbers is None
                found += [] if numbers is None else [numbers]
                continue
            found.append(part)
            index += len(part)
        return None if wrong else _together(found)

    def _spelled(self, entries: list[Any], first: int | None, at: Pointer) -> Floats | None:
        if not any(isinstance(entry, bool) for entry in entries):  # which array() would take for numbers
            try:
                return np.array(array("d", entries))
            except (TypeError, OverflowError):
                pass
        numbers = array("d")
        wrong = False
        for index, entry in enumerate(entries, first or 0):
            here = at if first is None else (*at, index)
            number: Any = entry
            if isinstance(entry, str):
                number = spelled(entry)
                if number is not None and entry not in SPECIAL:
                    self._report(unusual(entry, number, here))
            if isinstance(number, bool) or not isinstance(number, int | float):
                self._report(wording.no_point(entry, here, "a number"))
                wrong = True
            elif abs(number) > LARGEST and isinstance(number, int):
                self._report(wording.too_large(entry, here))
                wrong = True
            else:
                numbers.append(number)
        return None if wrong else np.array(numbers)

    def _optional(self, entry: Any, at: Pointer) -> Floats | None:
        """A column of steps or times, NaN where one is null; None if the column says nothing."""
        if isinstance(entry, msgspec.Raw):
            if _head(entry) == b"[":
                try:
                    return self._column(blocks(entry), at)
                except msgspec.ValidationError:
                    return self._steps(msgspec.json.decode(entry), 0, at)
            entry = msgspec.json.decode(entry)
        if entry is None or entry is msgspec.UNSET or entry == {}:
            return None
        return self._steps(entry if isinstance(entry, list) else [entry], 0, at)

    def _column(self, parts: list[Floats | list[float | str | None]], at: Pointer) -> Floats:
        found: list[Floats] = []
        index = 0
        for part in parts:
            found.append(part if isinstance(part, np.ndarray) else self._steps(part, index, at))
            index += len(part)
        return _together(found)

    def _steps(self, entries: list[Any], first: int, at: Pointer) -> Floats:
        numbers = array("d")
        for index, entry in enumerate(entries, first):
            if entry is None:
                numbers.append(NONE)
            elif isinstance(entry, bool) or not isinstance(entry, int | float):
                self._report(wording.no_finite_number(entry, (*at, index)))
                numbers.append(NONE)
            elif abs(entry) > LARGEST:
                self._report(wording.too_large(entry, (*at, index)))
                numbers.append(NONE)
            else:
                numbers.append(entry)
        return np.array(numbers)

    def _check_times(self, times: Floats, at: Pointer) -> None:
        with np.errstate(invalid="ignore"):
            odd = np.flatnonzero((times < EARLIEST) | (times > LATEST))
        for index in odd.tolist():
            if fault := odd_time(float(times[index]), (*at, index)):
                self._report(fault)


def _head(text: msgspec.Raw) -> bytes:
    return bytes(memoryview(text)[:1])


def _is_empty(text: msgspec.Raw) -> bool:
    """Whether the text is an object without members."""
    view = memoryview(text)
    return bytes(view[:1]) == b"{" and len(view) < 1024 and not bytes(view[1:-1]).strip()


def _together(parts: list[Floats]) -> Floats:
    return np.concatenate(parts) if len(parts) > 1 else parts[0] if parts else np.empty(0)
