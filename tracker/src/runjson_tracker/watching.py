"""What changed in a tracker since one last looked: the runs, and no more of them than their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine, bindparam, func, select

from runjson_tracker.tables import projects, runs

# Seconds that the clocks of machines which write one store may differ: what one of them writes now may bear a time that
# lies before one that was seen.
_CLOCKS: Final = 300.0

_since: Final = (
    select(runs.c.id, projects.c.name.label("project"), runs.c.run, runs.c.changed, runs.c.trashed)
    .join(projects, runs.c.project == projects.c.id)
    .where(runs.c.changed >= bindparam("moment"))
    .order_by(runs.c.changed, runs.c.id)
)
_latest: Final = select(func.max(runs.c.changed))


@dataclass(frozen=True, slots=True)
class Changed:
    """A run that was changed.

    Attributes:
        project: of the run.
        id: its id.
        changed: when, in seconds since 1970, as the clock of who changed it says.
        trashed: whether it is in the trash.
    """

    project: str
    id: str
    changed: float
    trashed: bool


class Watch:
    """Tells what changed since it last looked."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._seen: dict[int, float] = {}
        self.news()

    def news(self) -> list[Changed]:
        """The runs that were changed since this was last asked, each once, in the order of their changes."""
        with self._engine.connect() as connection:
            latest = connection.execute(_latest).scalar() or 0.0
            rows = connection.execute(_since, {"moment": latest - _CLOCKS}).all()
        news = [_changed(row) for row in rows if self._seen.get(row.id) != row.changed]
        self._seen = {row.id: row.changed for row in rows}
        return news

    def since(self, moment: float) -> list[Changed]:
        """The runs that were changed at a moment or later, in seconds since 1970."""
        with self._engine.connect() as connection:
            return [_changed(row) for row in connection.execute(_since, {"moment": moment})]


def _changed(row: Any) -> Changed:  # Any: a row of several types
    return Changed(row.project, row.run, row.changed, row.trashed is not None)
