"""How much a project holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, bindparam, func, select

from runjson_tracker.tables import files, projects, runs, sources


@dataclass(frozen=True, slots=True)
class ProjectSize:
    """How much a project holds, without what is in the trash.

    Attributes:
        runs: how many there are.
        points: of all their sources.
        files: how many different ones their images and artifacts are.
        bytes: of these files. One that many runs have is kept once, and is counted once.
    """

    runs: int
    points: int
    files: int
    bytes: int


_of_project: Final = (
    runs.c.project == select(projects.c.id).where(projects.c.name == bindparam("name")).scalar_subquery(),
    runs.c.trashed.is_(None),
)
_count: Final = select(func.count(), func.coalesce(func.sum(runs.c.points), 0)).where(*_of_project)
_blobs: Final = (
    select(files.c.sha256, files.c.bytes)
    .join(sources, files.c.source == sources.c.id)
    .join(runs, sources.c.run == runs.c.id)
    .where(*_of_project)
    .distinct()
    .subquery()
)
_sum: Final = select(func.count(), func.coalesce(func.sum(_blobs.c.bytes), 0)).select_from(_blobs)


def load_size(engine: Engine, project: str) -> ProjectSize:
    """How much a project holds; nothing if there is none of this name."""
    with engine.connect() as connection:
        counted, points = connection.execute(_count, {"name": project}).one()
        kinds, size = connection.execute(_sum, {"name": project}).one()
    return ProjectSize(int(counted), int(points), int(kinds), int(size))
