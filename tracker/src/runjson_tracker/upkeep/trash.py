"""The trash: runs in it are out of sight, get no more points, and can be taken back until they are freed."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Engine, select, update

from runjson_tracker.database import lock_run
from runjson_tracker.tables import projects, runs


@dataclass(frozen=True, slots=True)
class Trashed:
    """A run in the trash, and since when, in seconds since 1970."""

    project: str
    id: str
    name: str | None
    points: int
    since: float


def put_away(engine: Engine, wanted: Iterable[tuple[str, str]]) -> int:
    """Put runs, by project and id, in the trash; says how many were not there before."""
    return _set(engine, wanted, time.time())


def take_back(engine: Engine, wanted: Iterable[tuple[str, str]]) -> int:
    """Take runs, by project and id, out of the trash; says how many were in it."""
    return _set(engine, wanted, None)


def trash(engine: Engine, among: Collection[str] | None = None) -> list[Trashed]:
    """The runs in the trash, the last put there first; only of the projects `among`, if that is not None."""
    statement = (
        select(projects.c.name.label("project"), runs.c.run, runs.c.name, runs.c.points, runs.c.trashed)
        .join(projects, runs.c.project == projects.c.id)
        .where(runs.c.trashed.is_not(None))
        .order_by(runs.c.trashed.desc(), runs.c.id.desc())
    )
    if among is not None:
        statement = statement.where(projects.c.name.in_(among))
    with engine.connect() as connection:
        return [Trashed(*row) for row in connection.execute(statement)]


def _set(engine: Engine, wanted: Iterable[tuple[str, str]], trashed: float | None) -> int:
    changed, now = 0, time.time()
    with engine.begin() as connection:
        for project, run in sorted(wanted):
            lock_run(connection, project, run)
            here = select(projects.c.id).where(projects.c.name == project).scalar_subquery()
            other = runs.c.trashed.is_(None) if trashed is not None else runs.c.trashed.is_not(None)
            one = update(runs).where(runs.c.project == here, runs.c.run == run, other)
            statement = one.values(trashed=trashed, changed=now)
            changed += connection.execute(statement).rowcount
    return changed
