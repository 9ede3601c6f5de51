"""Reading the store: projects, runs, and the series of a run."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from runjson_schema.points import KINDS, Kind, Points
from sqlalchemy import ColumnElement, Engine, func, select

from runjson_tracker.chunks import decode_json
from runjson_tracker.errors import RunMissing
from runjson_tracker.sources import Record, load_merged
from runjson_tracker.summary import Summary
from runjson_tracker.tables import projects, runs

if TYPE_CHECKING:
    from runjson_tracker.reading.interface import Source

# So many runs are looked for by one statement.
_IDS_A_STATEMENT: Final = 500
_rows: Final = (
    select(projects.c.name.label("project_name"), runs)
    .join(projects, runs.c.project == projects.c.id)
    .where(runs.c.trashed.is_(None))
    .order_by(runs.c.created.desc(), runs.c.id.desc())
)


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project, how many runs it has, and when one of them was last changed, in seconds since 1970."""

    name: str
    runs: int
    changed: float


@dataclass(frozen=True, slots=True)
class RunRow:
    """What a table shows of a run.

    Attributes:
        project: its project.
        id: its id.
        name: its title, `group` and `status` as the run says; None where it does not.
        started: when it began and `ended` when it ended, in seconds since 1970, as the run says.
        tags: those that are set.
        created: when the store first saw it and `changed` when it last did, in seconds since 1970.
        sources: how many sources it has, `series` how many series of all kinds, `points` how many points.
    """

    project: str
    id: str
    name: str | None
    group: str | None
    status: str | None
    started: float | None
    ended: float | None
    tags: tuple[str, ...]
    created: float
    changed: float
    sources: int
    series: int
    points: int


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """A series of one of the sources of a run; `writer` is "" for none."""

    writer: str
    kind: Kind
    name: str
    summary: Summary

    @property
    def count(self) -> int:
        """How many points it has."""
        return self.summary.count

    @property
    def last(self) -> float:
        """The last value of a series of numbers, perhaps NaN or an infinity."""
        return math.nan if self.summary.last is None else self.summary.last

    @property
    def min(self) -> float | None:
        """The least of its finite numbers."""
        return self.summary.minimum

    @property
    def max(self) -> float | None:
        """The greatest of its finite numbers."""
        return self.summary.maximum

    @property
    def steps(self) -> tuple[float, float] | None:
        """Its least and its greatest step."""
        low, high = self.summary.step_min, self.summary.step_max
        return None if low is None or high is None else (low, high)


class RunView:
    """A run, read as the merge of its sources.

    Attributes:
        project: its project.
        id: its id.
        record: what its sources say together, points aside.
        sources: in the order of their writers, none first.
    """

    def __init__(self, project: str, run: str, record: Record, sources: Sequence[Source]) -> None:
        self.project = project
        self.id = run
        self.record = record
        self.sources = sources

    def series(self) -> list[SeriesRow]:
        """Its series, by kind, name and writer."""
        found = [
            SeriesRow(source.writer, kind, name, one.summary)
            for source in self.sources
            for (kind, name), one in source.series.items()
            if one.summary is not None
        ]
        return sorted(found, key=lambda row: (KINDS.index(row.kind), row.name, row.writer))

    def points(self, kind: Kind, name: str, writer: str | None = None) -> Points:
        """The points of a series.

        Args:
            kind: what its points are.
            name: of the series.
            writer: of its source, "" for none; needed where several sources have a series of that name, whose points
                stay apart (SPEC 9.3).

        Raises:
            RunMissing: the run has no such series, or several.
            SourceChanged: the run was replaced after this view was made; make another.
        """
        found = [
            source
            for source in self.sources
            if (kind, name) in source.series and writer in (None, source.writer)
        ]  # fmt: skip
        if not found:
            raise RunMissing(f'{self.project}/{self.id} has no {kind} "{name}".')
        if len(found) > 1:
            writers = ", ".join(source.writer or "(none)" for source in found)
            raise RunMissing(f'{self.project}/{self.id} has {kind} "{name}" of several writers ({writers}): name one.')
        return found[0].points(kind, name)

    def arrays(self, names: Iterable[str] | None = None, *, only_values: bool = False) -> dict[tuple[str, str], Points]:
        """The points of many series of numbers, read with few statements.

        Args:
            names: of the series; None for all. Names that the run lacks are left out.
            only_values: whether to leave steps and times unread.

        Returns:
            Points by writer ("" for none) and name.

        Raises:
            SourceChanged: the run was replaced after this view was made; make another.
        """
        wanted = None if names is None else list(names)
        found = {}
        for source in self.sources:
            here = [name for kind, name in source.series if kind == "series"] if wanted is None else wanted
            for name, points in source.many("series", here, only_values=only_values).items():
                found[source.writer, name] = points
        return found


def load_projects(engine: Engine, among: Collection[str] | None = None) -> list[ProjectRow]:
    """All projects by name; only those `among`, if that is not None."""
    statement = (
        select(projects.c.name, func.count(), func.max(runs.c.changed))
        .join(runs, runs.c.project == projects.c.id)
        .where(runs.c.trashed.is_(None))
        .group_by(projects.c.name)
        .order_by(projects.c.name)
    )
    if among is not None:
        statement = statement.where(projects.c.name.in_(among))
    with engine.connect() as connection:
        return [ProjectRow(name, int(count), changed) for name, count, changed in connection.execute(statement)]


def load_runs(engine: Engine, project: str | None = None) -> list[RunRow]:
    """The runs of a project, or of all, the newest first."""
    return _load_rows(engine, [] if project is None else [projects.c.name == project])


def find_runs(
    engine: Engine,
    texts: Sequence[str],
    among: Collection[str] | None = None,
    ids: Collection[str] | None = None,
) -> list[list[RunRow]]:
    """For each of some texts the runs that a person means.

    They are those of this id, or of this `project/id`, or else those whose id begins so; only runs of the projects
    `among` and of the `ids`, if these are not None.
    """
    where: list[ColumnElement[bool]] = [] if among is None else [projects.c.name.in_(among)]
    if ids is not None:
        where.append(runs.c.run.in_(ids))
    # No name holds U+0000, which PostgreSQL refuses.
    names = list({_named(text)[1] for text in texts if "\0" not in text})
    by_id: dict[str, list[RunRow]] = {}
    for begin in range(0, len(names), _IDS_A_STATEMENT):
        for row in _load_rows(engine, [*where, runs.c.run.in_(names[begin : begin + _IDS_A_STATEMENT])]):
            by_id.setdefault(row.id, []).append(row)
    found = []
    for text in texts:
        project, run = _named(text)
        exact = [row for row in by_id.get(run, ()) if project in {"", row.project}]
        found.append(exact or ([] if "\0" in text else _beginning(engine, project, run, where)))
    return found


def _named(text: str) -> tuple[str, str]:
    """The project, "" for any, and the id or its beginning that a text says."""
    project, _, run = text.rpartition("/")
    return project, run


def _beginning(engine: Engine, project: str, run: str, where: Sequence[ColumnElement[bool]]) -> list[RunRow]:
    # Every character of an id is less than "~", in every collation that is in use here.
    begins = [runs.c.run >= run, runs.c.run < run + "~", *([projects.c.name == project] if project else [])]
    return _load_rows(engine, [*where, *begins])


def load_run(engine: Engine, project: str, run: str) -> RunView:
    """A run.

    Raises:
        RunMissing: there is none.
    """
    found = load_merged(engine, project, run)
    if found is None:
        raise RunMissing(f'There is no run "{run}" in the project "{project}". `runjson runs` lists what there is.')
    return RunView(project, run, *found)


def _load_rows(engine: Engine, where: Sequence[ColumnElement[bool]]) -> list[RunRow]:
    with engine.connect() as connection:
        return [_row(row) for row in connection.execute(_rows.where(*where))]


def _row(row: Any) -> RunRow:  # Any: a row of many types
    return RunRow(
        project=row.project_name,
        id=row.run,
        name=row.name,
        group=row.group,
        status=row.status,
        started=row.started,
        ended=row.ended,
        tags=tuple(decode_json(row.tags)) if row.tags is not None else (),
        created=row.created,
        changed=row.changed,
        sources=int(row.sources),
        series=int(row.series),
        points=int(row.points),
    )
