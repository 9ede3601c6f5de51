"""The status of one run, as a table of runs shows it."""

from __future__ import annotations

from sqlalchemy import Engine, select

from runjson_tracker.errors import RunMissing
from runjson_tracker.query.scope import Scope
from runjson_tracker.tables import runs


def load_status(engine: Engine, project: str, run: str, silence: float) -> str | None:
    """The status of a run; `crashed` if it says that it is running and nothing was heard of it for `silence` seconds.

    Raises:
        RunMissing: there is none.
    """
    with engine.connect() as connection:
        scope = Scope(connection, project, silence=silence)
        found = connection.execute(select(scope.status()).where(scope.condition(), runs.c.run == run)).one_or_none()
    if found is None:
        raise RunMissing(f'There is no run "{run}" in the project "{project}". `runjson runs` lists what there is.')
    return None if found[0] is None else str(found[0])


def last_heard(engine: Engine, project: str, run: str) -> float | None:
    """When a sign of the run's life was last seen, in seconds since 1970; None if there is no such run."""
    with engine.connect() as connection:
        scope = Scope(connection, project)
        return connection.execute(select(runs.c.heard).where(scope.condition(), runs.c.run == run)).scalar_one_or_none()
