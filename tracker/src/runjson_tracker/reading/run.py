"""A tracked run as Python sees it, and the changes that people may make to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from runjson_schema.points import KINDS, Floats, Kind

from runjson_tracker.errors import RunMissing
from runjson_tracker.reading.changes import Changeable
from runjson_tracker.reading.files import Artifact, File
from runjson_tracker.reading.held import Held
from runjson_tracker.reading.series import Entries, Series
from runjson_tracker.reading.values import moment, plain

if TYPE_CHECKING:
    from runjson_tracker.read import RunView
    from runjson_tracker.reading.interface import Reading, Source
    from runjson_tracker.sources import StoredFile


class Run(Changeable):
    """A run as it is when it is asked for; `reload` looks again.

    Attributes:
        project: its project.
        id: its id.
    """

    def __init__(self, tracker: Reading, project: str, run: str) -> None:
        super().__init__(tracker, project, run)
        self.reload()

    def reload(self) -> None:
        """Read again what may have changed since.

        Raises:
            RunMissing: it is no longer there.
        """
        self._view: RunView = self._tracker.run(self.project, self.id)

    # -- what it says ------------------------------------------------------------------------------------------------

    @property
    def record(self) -> dict[str, Any]:
        """What its sources say together, points aside, as the format writes it (SPEC section 8)."""
        return self._view.record

    @property
    def name(self) -> str | None:
        """Its title."""
        return self.record.get("name")

    @property
    def description(self) -> str | None:
        """Its description, which is Markdown."""
        return self.record.get("description")

    @property
    def group(self) -> str | None:
        """The group of runs that it belongs to."""
        return self.record.get("group")

    @property
    def status(self) -> str | None:
        """`running`, `succeeded`, `failed`, `aborted`, or `crashed` if it is running and was not heard of for long."""
        return self._tracker.status(self.project, self.id)

    @property
    def started(self) -> datetime | None:
        """When it began."""
        return moment(self.record.get("started_at"))

    @property
    def ended(self) -> datetime | None:
        """When it ended."""
        return moment(self.record.get("ended_at"))

    @property
    def error(self) -> dict[str, Any] | None:
        """What ended it: type, message and traceback."""
        return self.record.get("error")

    @property
    def parent(self) -> dict[str, Any] | None:
        """The run that it goes on from, and the step."""
        return self.record.get("parent")

    @property
    def tags(self) -> list[str]:
        """The tags that are set."""
        return list(self.record.get("tags", ()))

    @property
    def parameters(self) -> dict[str, Any]:
        """Its parameters, nested as they were written."""
        return dict(plain(self.record.get("parameters", {})))

    @property
    def properties(self) -> dict[str, Any]:
        """Its properties by name."""
        return self._map("properties")

    @property
    def source(self) -> dict[str, Any]:
        """Where its code came from."""
        return self._map("source")

    @property
    def environment(self) -> dict[str, Any]:
        """What it ran on."""
        return self._map("environment")

    def _map(self, member: str) -> dict[str, Any]:
        return {name: plain(value) for name, value in self.record.get(member, {}).items() if value is not None}

    # -- points ------------------------------------------------------------------------------------------------------

    @property
    def series_names(self) -> list[str]:
        """The names of its series of numbers."""
        return self._names("series")

    @overload
    def series(self, name: str, *, points: int | None = ..., steps: tuple[float, float] | None = ...,
               times: tuple[float, float] | None = ..., writer: str | None = ...) -> Series: ...  # fmt: skip

    @overload
    def series(self, name: list[str] | tuple[str, ...] | None = ..., *, points: int | None = ...,
               steps: tuple[float, float] | None = ..., times: tuple[float, float] | None = ...,
               writer: str | None = ...) -> dict[str, Series]: ...  # fmt: skip

    def series(
        self,
        name: str | list[str] | tuple[str, ...] | None = None,
        *,
        points: int | None = None,
        steps: tuple[float, float] | None = None,
        times: tuple[float, float] | None = None,
        writer: str | None = None,
    ) -> Series | dict[str, Series]:
        """Points of series of numbers.

        Args:
            name: of a series; or several names; None for all.
            points: at most so many points, among them the extremes and a mark where points are not finite; None for
                all of them.
            steps: only points from the first step to the second.
            times: only points from the first time to the second, in seconds since 1970.
            writer: of the source whose points are wanted, "" for none; needed where several have a series of the name.

        Returns:
            The series, or series by name where several were asked for.

        Raises:
            RunMissing: there is no such series, or several writers have it.
        """
        if isinstance(name, str):
            return self._series(name, points, steps, times, writer)
        names = self.series_names if name is None else list(name)
        if points is None and steps is None and times is None:
            return self._whole(names, writer)
        if points is not None and steps is None and times is None:
            return self._reduced(names, points, writer)
        return {one: self._series(one, points, steps, times, writer) for one in names}

    def _series(
        self,
        name: str,
        most: int | None,
        steps: tuple[float, float] | None,
        times: tuple[float, float] | None,
        writer: str | None,
    ) -> Series:
        source = self._source("series", name, writer)
        count = source.counts["series", name]
        if most is None and steps is None and times is None:
            return self._whole([name], source.writer)[name]
        if most is None:
            found = source.part(name, steps=steps, times=times)
        else:
            found = source.reduced(name, most, steps=steps, times=times)
        return _made(source, name, found.points.values, found.points.steps, found.points.times, count, found.indices)

    def _whole(self, names: Sequence[str], writer: str | None) -> dict[str, Series]:
        """All points of series, read with few statements."""
        found: dict[str, Series] = {}
        for source, here in self._by_source(names, writer):
            for name, points in source.many("series", here).items():
                indices = np.arange(len(points))
                found[name] = _made(source, name, points.values, points.steps, points.times, len(points), indices)
        return {name: found[name] for name in names}

    def _reduced(self, names: Sequence[str], most: int, writer: str | None) -> dict[str, Series]:
        """Few points of series, read with few statements."""
        found: dict[str, Series] = {}
        for source, here in self._by_source(names, writer):
            for name, one in source.reduced_many(here, most).items():
                points, count = one.points, source.counts["series", name]
                found[name] = _made(source, name, points.values, points.steps, points.times, count, one.indices)
        return {name: found[name] for name in names}

    def _by_source(self, names: Sequence[str], writer: str | None) -> Iterator[tuple[Source, list[str]]]:
        """The sources that have series of numbers of these names, each with its names."""
        wanted = {name: self._source("series", name, writer) for name in names}
        for source in self._view.sources:
            if here := [name for name, one in wanted.items() if one is source]:
                yield source, here

    @property
    def texts(self) -> dict[str, Entries]:
        """Its texts by name, each a sequence."""
        return self._entries("text")

    @property
    def images(self) -> dict[str, Entries]:
        """Its images by name, each a sequence of `Image`."""
        return self._entries("images")

    @property
    def histograms(self) -> dict[str, Entries]:
        """Its histograms by name, each a sequence of `{"edges": ..., "counts": ...}`."""
        return self._entries("histograms")

    @property
    def artifacts(self) -> dict[str, Artifact]:
        """Its artifacts by name."""
        said = {name: file for name, file in self.record.get("artifacts", {}).items() if file is not None}
        held = {
            one.name: self._held(source, one)
            for source in self._view.sources
            for one in source.files
            if one.kind == "artifacts"
        }
        found = {}
        for name, file in said.items():
            below = {one: held[one] for one in held if one == name or one.startswith(f"{name}/")}
            files = {
                full[len(name) + 1 :]: File(full, {**file, "path": one.file.path} if one.file.path else file, one)
                for full, one in below.items()
            }
            found[name] = Artifact(name, files or {"": File(name, file, None)}, file)
        return found

    def _entries(self, kind: Kind) -> dict[str, Entries]:
        sources = {name: self._source(kind, name, None, last=True) for name in self._names(kind)}
        return {name: Entries(source, kind, name, partial(self._held, source)) for name, source in sources.items()}

    def _held(self, source: Source, file: StoredFile) -> Held:
        return Held(self._tracker, self.project, self.id, source.writer, file)

    def _names(self, kind: Kind) -> list[str]:
        return sorted({name for source in self._view.sources for of, name in source.series if of == kind})

    def _source(self, kind: Kind, name: str, writer: str | None, *, last: bool = False) -> Source:
        here = [source for source in self._view.sources if (kind, name) in source.series]
        found = [source for source in here if writer in {None, source.writer}]
        if not found:
            there = ", ".join(self._names(kind)[:10]) or "none"
            raise RunMissing(f'{self.project}/{self.id} has no {kind} "{name}". There are: {there}.')
        if len(found) > 1 and not last:
            writers = ", ".join(repr(source.writer) for source in found)
            raise RunMissing(f'{kind} "{name}" of {self.project}/{self.id} has several writers: writer= {writers}.')
        return found[-1]

    # -- the run itself ----------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        told = ", ".join(f"{len(self._names(kind))} {kind}" for kind in KINDS if self._names(kind))
        title = f" {self.name!r}" if self.name else ""
        return f"<run {self.project}/{self.id}{title}: {self.status or 'no status'}{', ' * bool(told)}{told}>"


def _made(
    source: Source, name: str, values: Any, steps: Floats | None, times: Floats | None, count: int, indices: Any
) -> Series:
    none = np.full(len(values), np.nan)
    notes = {key: plain(note) for key, note in source.record.get("series", {}).get(name, {}).items() if key != "values"}
    return Series(
        name,
        values,
        none if steps is None else steps,
        none if times is None else times,
        count,
        np.asarray(indices, dtype=np.int64),
        notes,
    )
