"""Dashboards: named arrangements of panels for a project, which whoever may read the project looks at."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sqlalchemy import Select, delete, func, insert, select, update

from runjson_tracker.access.members import demand_project, named
from runjson_tracker.chunks import decode_json, encode_json
from runjson_tracker.errors import DashboardRefused
from runjson_tracker.tables import dashboards, projects

if TYPE_CHECKING:
    from runjson_tracker.store import Store

# What the pages make of it: the store keeps it as it came.
Content: TypeAlias = Mapping[str, Any]  # Any: any JSON
_LONGEST: Final = 200
# More are no list that anybody looks through.
_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard, without its content.

    Attributes:
        project: whose it is.
        name: of it; no other one of the project is called so.
        version: how often it was saved.
        person: the name of who saved it last; None if it was no member of a team.
        changed: when that was, in seconds since 1970.
    """

    project: str
    name: str
    version: int
    person: str | None
    changed: float


class Dashboards:
    """The dashboards of a store.

    Args:
        store: whose.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, project: str) -> list[Dashboard]:
        """The dashboards of a project, by name."""
        if not named(project):
            return []
        statement = _told().where(projects.c.name == project).order_by(dashboards.c.name)
        with self._store.engine.connect() as connection:
            return [Dashboard(*row) for row in connection.execute(statement)]

    def load(self, project: str, name: str) -> tuple[Dashboard, Content] | None:
        """A dashboard and its content; None if there is none of this name."""
        if not named(project) or _fault(name):
            return None
        statement = _told().add_columns(dashboards.c.content)
        with self._store.engine.connect() as connection:
            one = (projects.c.name == project) & (dashboards.c.name == name)
            row = connection.execute(statement.where(one)).one_or_none()
        return None if row is None else (Dashboard(*row[:-1]), decode_json(row.content))

    def save(
        self, project: str, name: str, content: Content, *, version: int = 0, was: str | None = None,
        person: str | None = None,
    ) -> Dashboard:  # fmt: skip
        """Save a dashboard.

        Args:
            project: whose it is.
            name: what it is called from now on.
            content: what it shows, as JSON.
            version: the one that is changed; 0 for a new one.
            was: what it was called; as now by default.
            person: the name of who saves it.

        Raises:
            DashboardRefused: it can not be called so, another one is, somebody else changed it meanwhile, or the
                project has too many.
            AccessRefused: there is no such project.
        """
        if fault := _fault(name):
            raise DashboardRefused(fault)
        now, before = time.time(), was or name
        with self._store.transaction() as connection:
            number = demand_project(connection, project, lock=True)
            of_project = dashboards.c.project == number
            if version == 0 or name != before:
                taken = select(dashboards.c.name).where(of_project, dashboards.c.name == name)
                if connection.execute(taken).first() is not None:
                    raise DashboardRefused(f'The project has a dashboard "{name}" already: choose another name.')
            row = {"version": version + 1, "person": person, "changed": now, "content": encode_json(content)}
            if version == 0:
                if (connection.execute(select(func.count()).where(of_project)).scalar() or 0) >= _MOST:
                    raise DashboardRefused(f"A project has {_MOST:,} dashboards at most: remove one first.")
                connection.execute(insert(dashboards).values(project=number, name=name, **row))
            else:
                one = of_project & (dashboards.c.name == before) & (dashboards.c.version == version)
                if connection.execute(update(dashboards).where(one).values(name=name, **row)).rowcount != 1:
                    raise DashboardRefused(
                        f'The dashboard "{before}" was changed or removed meanwhile: load it again, or save yours '
                        "under another name."
                    )
        return Dashboard(project, name, version + 1, person, now)

    def remove(self, project: str, name: str) -> bool:
        """Remove a dashboard; False if there is none of this name."""
        if not named(project) or _fault(name):
            return False
        of_project = select(projects.c.id).where(projects.c.name == project).scalar_subquery()
        one = (dashboards.c.project == of_project) & (dashboards.c.name == name)
        with self._store.transaction() as connection:
            return connection.execute(delete(dashboards).where(one)).rowcount == 1


def _told() -> Select[Any]:  # Any: columns of several types
    columns = (projects.c.name.label("of"), dashboards.c.name, dashboards.c.version, dashboards.c.person)
    return select(*columns, dashboards.c.changed).join(projects, dashboards.c.project == projects.c.id)


def _fault(name: str) -> str | None:
    if not name.strip() or len(name) > _LONGEST or not named(name):
        return f"A dashboard has a name of 1 to {_LONGEST} characters, and no controls."
    return None
