"""A source of a run that a server holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Final, Literal, TypeVar

import numpy as np
import requests
from runjson_schema.points import Floats, Kind, Points

from runjson_tracker.errors import SourceChanged
from runjson_tracker.joining import entries_joined, joined
from runjson_tracker.points import Bounds, empty
from runjson_tracker.reading.interface import Portion
from runjson_tracker.reduce import Reduced, demand_most
from runjson_tracker.remote.arrow import MEDIA_TYPE, decoded
from runjson_tracker.remote.bodies import opened
from runjson_tracker.remote.cells import json_number, number_json
from runjson_tracker.remote.http import Http
from runjson_tracker.sources import Record, StoredFile
from runjson_tracker.summary import Summary

_Told = TypeVar("_Told")
_SERIES: Final[Kind] = "series"
# So many names are asked about at once.
_NAMES: Final = 5000


@dataclass(frozen=True, slots=True)
class SeriesTold:
    """What a server says of a series: its summary, and a number that is another one after a replacement."""

    number: int
    summary: Summary | None

    @property
    def count(self) -> int:
        """How many points it has."""
        return 0 if self.summary is None else self.summary.count


class RemoteSource:
    """A snapshot of a source as a server told it; points and files are asked for when they are needed.

    Attributes:
        writer: "" for none.
        kind: how it was written.
        record: its fold without points.
        series: its series by kind and name.
    """

    def __init__(self, http: Http, project: str, run: str, told: dict[str, Any]) -> None:  # Any: JSON
        self._http = http
        self._of = {"project": project, "id": run, "writer": told["writer"]}
        self._files: list[dict[str, Any]] | None = told["files"]  # Any: JSON
        self.writer: str = told["writer"]
        self.kind: Literal["document", "stream"] = told["kind"]
        self.record: Record = told["record"]
        self.series: dict[tuple[Kind, str], SeriesTold] = {
            (one["kind"], one["name"]): SeriesTold(one["number"], _summary(one["summary"])) for one in told["series"]
        }

    @property
    def counts(self) -> dict[tuple[Kind, str], int]:
        """How many points each series has."""
        return {key: one.count for key, one in self.series.items()}

    @cached_property
    def files(self) -> Sequence[StoredFile]:
        """Its files, by kind, name and index."""
        if self._files is not None:
            return [made(StoredFile, one) for one in self._files]
        found: list[StoredFile] = []
        start: int | None = 0
        while start is not None:
            page = self._http.get("/files", {**self._of, "start": start}).json()
            found += [made(StoredFile, one) for one in page["files"]]
            start = page["next"]
        return found

    def points(self, kind: Kind, name: str, start: int = 0, stop: int | None = None) -> Points:
        """The points of a series from the index `start` to before `stop`; none if there is no such series.

        Raises:
            SourceChanged: the source was replaced after this snapshot was made.
        """
        known = self.series.get((kind, name))
        end = min(known.count if stop is None else stop, known.count) if known is not None else 0
        if known is None or start >= end:
            return empty(kind)
        if kind == _SERIES:
            return joined([one.points for one in self._ask({name: (start, end)})])
        parts: list[Points] = []
        following: int | None = start
        while following is not None:
            asked = {**self._of, "kind": kind, "name": name, "start": following, "stop": end, "number": known.number}
            page = told(self._http.send("GET", "/points", params=asked, expected=(409,))).json()
            parts.append(_entries(page))
            following = page["next"]
        if sum(map(len, parts)) != end - start:
            raise SourceChanged("The source was replaced while it was read; read it again.")
        return entries_joined(parts)

    def many(self, kind: Kind, names: Iterable[str], *, only_values: bool = False) -> dict[str, Points]:
        """All points of many series, by name; names that the source lacks are left out.

        Raises:
            SourceChanged: the source was replaced after this snapshot was made.
        """
        known = {name: self.series[kind, name].count for name in names if (kind, name) in self.series}
        if kind != _SERIES:
            return {name: self.points(kind, name) for name in known}
        found: dict[str, list[Points]] = {name: [] for name in known}
        for one in self._ask({name: (0, count) for name, count in known.items()}, only_values=only_values):
            found[one.name].append(one.points)
        return {name: joined(parts) for name, parts in found.items()}

    def ends(self, kind: Kind, names: Iterable[str], most: int) -> dict[str, Points]:
        """The last points of many series, at most `most` of each, by name; names that the source lacks are left out."""
        known = {name: self.series[kind, name].count for name in names if (kind, name) in self.series}
        if kind == _SERIES:
            return {name: self.points(kind, name, max(count - most, 0)) for name, count in known.items()}
        found: dict[str, Points] = {}
        for batch in _batches(list(known), _NAMES):
            rest = batch
            while rest:
                asked = {**self._of, "kind": kind, "stops": {name: known[name] for name in rest}, "most": most}
                asked["numbers"] = {name: self.series[kind, name].number for name in rest}
                answer = told(self._http.send("POST", "/points/ends", json=asked, expected=(409,))).json()
                for name, page in answer["ends"].items():
                    found[name] = _entries(page)
                    if page["next"] is not None:  # they are large
                        found[name] = entries_joined([found[name], self.points(kind, name, page["next"])])
                rest = answer["rest"]
        if any(len(found.get(name, ())) != min(most, count) for name, count in known.items()):
            raise SourceChanged("The source was replaced while it was read; read it again.")
        return {name: found[name] for name in known}

    def reduced(
        self, name: str, most: int, *,
        start: int = 0, stop: int | None = None, steps: Bounds | None = None, times: Bounds | None = None,
    ) -> Reduced:  # fmt: skip
        """At most `most` points that show a series of numbers, or a part of it; none if there is no such series."""
        known = self.series.get((_SERIES, name))
        end = min(known.count if stop is None else stop, known.count) if known is not None else 0
        found = self._ask({name: (max(start, 0), end)} if known else {}, most=most, steps=steps, times=times)
        return _reduced(list(found))

    def part(self, name: str, *, steps: Bounds | None = None, times: Bounds | None = None) -> Reduced:
        """All points of a series of numbers that lie within some steps and times; none if there is no such series."""
        known = self.series.get((_SERIES, name))
        return _reduced(list(self._ask({name: (0, known.count)} if known else {}, steps=steps, times=times)))

    def reduced_many(self, names: Iterable[str], most: int) -> dict[str, Reduced]:
        """At most `most` points that show each of many series of numbers, by name; names it lacks are left out."""
        known = {name: self.series[_SERIES, name].count for name in names if (_SERIES, name) in self.series}
        found = self._ask({name: (0, count) for name, count in known.items()}, most=most)
        return {one.name: Reduced(one.points, one.indices, one.count) for one in found}

    def _ask(self, parts: Mapping[str, tuple[int, int]], *, most: int | None = None, only_values: bool = False,
             steps: Bounds | None = None, times: Bounds | None = None) -> Iterator[Portion]:  # fmt: skip
        """Parts of series of numbers of this source, each from an index to before another one."""
        demand_most(most)
        if not parts:
            return
        asked = {
            "runs": [{"project": self._of["project"], "id": self._of["id"]}], "names": list(parts),
            "writer": self.writer, "parts": dict(parts),
            "numbers": {name: self.series[_SERIES, name].number for name in parts}, "points": most,
            "only_values": only_values, "steps": bounds_json(steps), "times": bounds_json(times),
        }  # fmt: skip
        yield from ask_series(self._http, asked)


def ask_series(http: Http, asked: dict[str, Any]) -> Iterator[Portion]:  # Any: JSON
    """The portions that a server answers.

    Raises:
        SourceChanged: a source was replaced while it was read.
        StoreError: the answer breaks off.
    """
    answer = http.send("POST", "/series", json=asked, headers={"Accept": MEDIA_TYPE}, stream=True, expected=(409,))
    with opened(told(answer)) as body:
        yield from decoded(body)


def told(answer: requests.Response) -> requests.Response:
    """An answer that may be a conflict.

    Raises:
        SourceChanged: it is one.
    """
    if answer.status_code == 409:
        raise SourceChanged(str(answer.json()["detail"]))
    return answer


def bounds_json(bounds: Bounds | None) -> list[float | str | None] | None:
    """The least and the greatest step, or time, that are asked for."""
    return None if bounds is None else [number_json(float(one)) for one in bounds]


def made(kind: type[_Told], told: Mapping[str, Any]) -> _Told:  # Any: JSON
    """A record of what a server told; what a newer one tells besides is left out."""
    names = {one.name for one in fields(kind)}  # type: ignore[arg-type]  # a dataclass
    return kind(**{name: value for name, value in told.items() if name in names})


def _batches(names: list[str], size: int) -> Iterator[list[str]]:
    for begin in range(0, len(names), size):
        yield names[begin : begin + size]


def _summary(told: dict[str, Any] | None) -> Summary | None:  # Any: JSON
    if told is None:
        return None
    return made(Summary, told | {name: json_number(told[name]) for name in ("total", "last")})


def _entries(page: dict[str, Any]) -> Points:  # Any: JSON
    return Points(page["values"], _column(page["steps"]), _column(page["times"]))


def _column(told: list[float | None] | None) -> Floats | None:
    return None if told is None else np.array(told, dtype=np.float64)


def _reduced(portions: Sequence[Portion]) -> Reduced:
    """What several portions of one series tell."""
    if not portions:
        return Reduced(empty(_SERIES), np.empty(0, dtype=np.int64), 0)
    indices = np.concatenate([one.indices for one in portions])
    return Reduced(joined([one.points for one in portions]), indices, portions[0].count)
