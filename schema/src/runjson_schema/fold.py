"""The fold: what a sequence of records says together (SPEC section 8)."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import numpy as np
from msgspec import UNSET

from runjson_schema import wording
from runjson_schema.careful import careful
from runjson_schema.columns import NONE, Growing
from runjson_schema.entries import EARLIEST, LATEST, Entries, odd_time
from runjson_schema.files import Object, Objects, is_nothing
from runjson_schema.findings import Finding, Pointer, Report, finding, refuse
from runjson_schema.names import EDITS, ID, VERSION, name_fault, normal_time
from runjson_schema.points import KINDS, Floats, Kind, Points
from runjson_schema.records import (
    GOALS,
    IDENTITY,
    MAPS,
    STATUSES,
    TEXT_MEMBERS,
    PointsLine,
    Record,
    Series,
    StreamRecord,
)
from runjson_schema.values import entries_of, equal, normal, plain
from runjson_schema.wording import shown

# As texts: a number of a version may have any count of digits.
MAJOR: Final = "1"
MINOR: Final = "0"
_OTHERS: Final = tuple(set(Record.__struct_fields__) - {"step", "time", "series"})
_others: Final = operator.attrgetter(*_OTHERS)
_UNSET: Final = (UNSET,) * len(_OTHERS)
# A map's entry that was taken back; it is written as null.
_BACK: Final = None


class Fold:
    """The fold of the records added so far.

    Non-point members are kept as they fold. Points are kept in columns until somebody takes them with `take_points`,
    so that a stream of any length folds in bounded memory.

    Attributes:
        columns: the points that wait, by kind and name.
        records: how many records were added.
    """

    def __init__(
        self,
        report: Report = refuse,
        *,
        lenient: bool = False,
        on_file: Callable[[Pointer, Object], None] | None = None,
    ) -> None:
        self.columns: dict[Kind, dict[str, Growing]] = {kind: {} for kind in KINDS}
        self.records = 0
        self.minor: str | None = None
        self.parameters: Object = {}
        self._members: Object = {}  # identity, texts, status, times, error, parent, unknown members
        self._maps: dict[str, Object] = {name: {} for name in (*MAPS, "artifacts")}
        self._tags: dict[str, bool] = {}
        self._report = report
        self._lenient = lenient
        self._names: set[str] = set()
        self._stepped = False  # whether the record at hand has a step or a time
        self._objects = Objects(self._tell, self._unknown, on_file)
        self._entries = Entries(self._tell, self._objects)

    def _tell(self, what: Finding) -> None:
        self._report(what)

    def __getitem__(self, member: str) -> Any:  # Any: the members are of many types
        """A member that folds as last wins, or of the identity; None if nobody said it."""
        return self._members.get(member)

    def artifact(self, name: str) -> Object | None:
        """The file of an artifact; None if nobody named one, or it was taken back."""
        file: Object | None = self._maps["artifacts"].get(name)
        return file

    # -- records -----------------------------------------------------------------------------------------------------

    def add(self, record: Record[Any], unknown: Object | None = None) -> None:
        """Add a record behind those added.

        Args:
            record: its known members.
            unknown: its unknown members.

        Raises:
            Refused: from the report, if it raises.
        """
        if self.records == 0 or any(getattr(record, name) is not UNSET for name in ("runjson", *IDENTITY)):
            self._identify(record)
        self.records += 1
        self._last_wins(record)
        self._tag(record)
        if record.parameters:
            self._write_once(
                self.parameters, entries_of(record.parameters, self._tell, ("parameters",)), ("parameters",)
            )
        for member in (*MAPS, "artifacts"):
            entries = getattr(record, member)
            if entries:
                self._map(member, entries)
        self._stepped = any(isinstance(at, float) for at in (record.step, record.time))
        for name, value in (unknown or {}).items():
            if value is not None and self._unknown((name,), value):
                self._members[name] = normal(value, self._report, (name,), 2)
        self._points(record)

    def add_tree(self, record: Object) -> None:
        """Add a record that is a tree of JSON behind those added.

        Raises:
            Unreadable: it is no record.
            Refused: from the report, if it raises.
        """
        typed, unknown, _ = careful(json.dumps(record).encode())
        self.add(typed, unknown)

    def resume(self, record: Object) -> None:
        """Begin with the fold of earlier records, points aside, as `record` gives it.

        Nothing that was told of these records is told again, but `on_file` is called with their artifacts.
        """
        report, lenient = self._report, self._lenient
        self._report, self._lenient = _ignore, True
        try:
            self.add_tree(record)
        finally:
            self._report, self._lenient = report, lenient

    def add_lines(self, records: Iterable[StreamRecord]) -> Iterator[int]:
        """Add decoded lines of a stream; yields the index of each before it is added."""
        for index, record in enumerate(records):
            yield index
            if self.records and _others(record) == _UNSET:
                for _ in self.add_points((record,)):
                    pass
            else:
                self.add(record)

    def add_points(self, records: Iterable[PointsLine[Series] | StreamRecord]) -> Iterator[int]:
        """Add lines behind the first that hold points alone: the hot path, single numbers straight into their columns.

        Yields the index of each line that needs a second look before it is added, so that a caller knows which one is
        at fault.
        """
        series = self.columns["series"]
        for index, record in enumerate(records):
            time = record.time
            step = record.step
            if type(time) is float and not EARLIEST <= time <= LATEST:
                yield index
                self._check_time(time)
            self.records += 1
            points = record.series
            if type(points) is not dict:
                continue
            at_step = step if type(step) is float else NONE
            at_time = time if type(time) is float else NONE
            for name, value in points.items():
                column = series.get(name)
                if type(value) is float and column is not None:
                    column.values.append(value)
                    column.steps.append(at_step)
                    column.times.append(at_time)
                else:
                    yield index
                    self._add_points("series", name, value, step, time)

    @property
    def colons(self) -> int:
        """The colons of those columns that were decoded from text by this fold."""
        return self._entries.colons

    # -- members -----------------------------------------------------------------------------------------------------

    def _identify(self, record: Record[Any]) -> None:
        first = self.records == 0
        if not isinstance(record.runjson, str):
            if first:
                hint = 'Begin with {"runjson": "1.0", ...}.'
                self._tell(finding("RJ101", "the first record lacks runjson", (), hint))
        else:
            self._version(record.runjson)
        for name in IDENTITY:
            value = getattr(record, name)
            if not isinstance(value, str):
                continue
            fault = name_fault(value) if name == "project" else None
            if fault:
                self._tell(finding("RJ108", f"{shown(value)} {fault}", (name,)))
            elif name != "project" and not ID.match(value) and (name, value) != ("writer", EDITS):
                self._tell(wording.bad_id((name,), value))
            elif first:
                self._members[name] = value
            elif self._members.get(name) != value:
                said = f"was {shown(self._members[name])}" if name in self._members else "was not said"
                message = f"{said} in the first record and is {shown(value)} here"
                hint = "project, id and writer stand in the first record or nowhere."
                self._tell(finding("RJ111", message, (name,), hint))
        if first and isinstance(record.writer, str) and "id" not in self._members:
            self._tell(finding("RJ110", "a record that gives a writer needs an id", ()))

    def _version(self, text: str) -> None:
        match = VERSION.match(text)
        if not match:
            self._tell(finding("RJ102", shown(text), ("runjson",), expected='a version such as "1.0"'))
            return
        major, minor = match.groups()
        if major != MAJOR:
            message = f"{text} is another major version than {MAJOR}"
            self._tell(finding("RJ103", message, ("runjson",), "A newer runjson may read it: pip install -U runjson."))
        elif self.minor is None or _order(minor) > _order(self.minor):
            self.minor = minor
            if _order(minor) > _order(MINOR):
                message = f"{text} is newer than {MAJOR}.{MINOR}; members that are new in it are kept as they are"
                self._tell(finding("RJ104", message, ("runjson",)))

    def _unknown(self, at: Pointer, value: Any) -> bool:
        """Judge an unknown member (SPEC section 11); says whether it is kept."""
        name = str(at[-1])
        if ":" in name:
            return True
        newer = _order(self.minor or MINOR) > _order(MINOR)
        heavy = len(at) == 1 and wording.holds_numbers_or_objects(value)
        warning = newer or (self._lenient and not heavy)
        self._tell(wording.unknown(value, at, heavy=heavy, warning=warning, steps=self._stepped))
        return warning

    def _last_wins(self, record: Record[Any]) -> None:
        for name in TEXT_MEMBERS:
            value = getattr(record, name)
            if isinstance(value, str):
                self._members[name] = value
        status = record.status
        if isinstance(status, str):
            if status in STATUSES:
                self._members["status"] = status
            else:
                self._tell(wording.not_allowed(status, STATUSES, ("status",)))
        for name in ("started_at", "ended_at"):
            value = getattr(record, name)
            if isinstance(value, str):
                if moment := normal_time(value):
                    self._members[name] = moment
                else:
                    self._tell(wording.no_moment(value, (name,)))
        if isinstance(record.error, str | dict) and (error := self._objects.error(record.error)):
            self._members["error"] = error
        if isinstance(record.parent, dict) and (parent := self._objects.parent(record.parent)):
            self._members["parent"] = parent

    def _tag(self, record: Record[Any]) -> None:
        for member, state in (("untags", False), ("tags", True)):
            given = getattr(record, member)
            if given is None or given is UNSET:
                continue
            for index, tag in enumerate([given] if isinstance(given, str) else given):
                if not tag:
                    self._tell(finding("RJ106", "an empty tag", (member, index), expected="a text"))
                self._tags[tag] = state

    def _map(self, member: str, entries: Object) -> None:
        target = self._maps[member]
        for name, value in entries.items():
            at = (member, name)
            if not self._named(name, at):
                continue
            if value is None:
                target[name] = _BACK
            elif member != "artifacts":
                target[name] = normal(value, self._report, at, 3)
            elif not is_nothing(value) and (file := self._objects.file(value, at)):
                target[name] = file

    def _named(self, name: str, at: Pointer) -> bool:
        if name in self._names:
            return True
        if fault := name_fault(name):
            self._tell(finding("RJ108", f"the name {fault}", at))
            return False
        self._names.add(name)
        return True

    def _write_once(self, namespace: Object, new: Object, at: Pointer) -> None:
        for name, value in new.items():
            if name not in namespace:
                namespace[name] = value
                continue
            old = namespace[name]
            here = (*at, name)
            if isinstance(old, dict) and isinstance(value, dict):
                self._write_once(old, value, here)
            elif isinstance(old, dict) or isinstance(value, dict):
                message = f"was {shown(plain(old))} and is {shown(plain(value))} here"
                self._tell(finding("RJ203", message, here, "A parameter is a value or a namespace, not both."))
            elif not equal(old, value):
                message = f"was {shown(plain(old))} and is {shown(plain(value))} here"
                hint = (
                    "Parameters are written once; a number that changes while the run goes is a series: "
                    f'{{"series": {{"{name}": {shown(plain(value))}}}}}. Anything else that changes is a property.'
                )
                self._tell(finding("RJ202", message, here, hint))

    # -- points ------------------------------------------------------------------------------------------------------

    def _points(self, record: Record[Any]) -> None:
        step, time = record.step, record.time
        if isinstance(time, float):
            self._check_time(time)
        for kind in KINDS:
            entries = getattr(record, kind)
            if not entries or entries is UNSET:
                continue
            for name, entry in entries.items():
                self._add_points(kind, name, entry, step, time)

    def _check_time(self, time: float) -> None:
        if fault := odd_time(time, ("time",)):
            self._tell(fault)

    def _add_points(self, kind: Kind, name: str, entry: Any, step: Any, time: Any) -> None:
        at = (kind, name)
        if not self._named(name, at):
            return
        points, notes = self._entries.read(kind, entry, at)
        if points is None:
            return
        if isinstance(step, float) and points.steps is None:
            points.steps = _all(step, points)
        if isinstance(time, float) and points.times is None:
            points.times = _all(time, points)
        columns = self.columns[kind]
        if not len(points) and not notes:
            return
        column = columns.setdefault(name, Growing(kind))
        if len(points) == 1:
            column.append(
                points.values[0],
                NONE if points.steps is None else float(points.steps[0]),
                NONE if points.times is None else float(points.times[0]),
            )
        else:
            column.extend(points)
        for note, value in notes.items():
            if note == "goal" and value not in GOALS:
                self._tell(wording.not_allowed(value, GOALS, (*at, "goal")))
            elif note == "x" and (fault := name_fault(value)):
                self._tell(finding("RJ108", f"{shown(value)} {fault}", (*at, "x")))
            else:
                column.notes[note] = value

    @property
    def waiting(self) -> int:
        """How many points wait to be taken."""
        return sum(column.waiting for columns in self.columns.values() for column in columns.values())

    def take_points(self) -> Iterator[tuple[Kind, str, Points]]:
        """The points that wait, name by name, which the fold then no longer holds."""
        for kind, columns in self.columns.items():
            for name, column in columns.items():
                if column.waiting:
                    yield kind, name, column.take()

    # -- what was said -----------------------------------------------------------------------------------------------

    def record(self) -> Object:
        """The fold without its points, as a JSON record; a series is there if it has notes, with no values."""
        found: Object = {} if self.minor is None else {"runjson": f"{MAJOR}.{self.minor}"}
        found |= {name: plain(value) for name, value in self._members.items()}
        for member, state in (("tags", True), ("untags", False)):
            if tags := [tag for tag, on in self._tags.items() if on is state]:
                found[member] = sorted(tags, key=utf_16)
        if self.parameters:
            found["parameters"] = plain(self.parameters)
        for member, entries in self._maps.items():
            if entries:
                found[member] = plain(entries)
        for kind, columns in self.columns.items():
            notes = {name: {"values": [], **plain(column.notes)} for name, column in columns.items() if column.notes}
            if notes:
                found[kind] = notes
        return found


def _ignore(what: Finding) -> None:
    """What is odd about records that were folded before was told then."""


def _order(number: str) -> tuple[int, str]:
    """The key by which numbers without leading zeros are ordered as texts."""
    return len(number), number


def _all(number: float, points: Points) -> Floats:
    return np.full(len(points), number)


def utf_16(text: str) -> bytes:
    """The key by which RFC 8785 sorts names."""
    return text.encode("utf-16-be", "surrogatepass")
