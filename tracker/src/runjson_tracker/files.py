"""Files of runs, looked up one at a time: a source may have a hundred thousand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Engine, bindparam, func, or_, select

from runjson_tracker.sources import FileKind, StoredFile
from runjson_tracker.tables import files, projects, runs, sources

_of_run: Final = files.join(sources, files.c.source == sources.c.id).join(runs, sources.c.run == runs.c.id)
_in_project: Final = _of_run.join(projects, runs.c.project == projects.c.id)
# So many files are looked up at once, where all below a folder are read.
_PAGE: Final = 1000
_files_below: Final = (
    select(files, sources.c.writer.label("of_writer"))
    .select_from(_in_project)
    .where(
        projects.c.name == bindparam("of_project"),
        runs.c.run == bindparam("of_run"),
        files.c.kind == "artifacts",
        files.c.name >= bindparam("folder"),
        func.substr(files.c.name, 1, bindparam("length")) == bindparam("folder"),
        or_(
            files.c.name > bindparam("name"),
            (files.c.name == bindparam("name")) & (sources.c.writer > bindparam("writer")),
        ),
    )
    .order_by(files.c.name, sources.c.writer)
    .limit(_PAGE)
)


def count_files(engine: Engine, project: str, run: str) -> int:
    """How many files a run has."""
    statement = select(func.count()).select_from(_in_project).where(projects.c.name == project, runs.c.run == run)
    with engine.connect() as connection:
        return int(connection.execute(statement).scalar_one())


def load_file(
    engine: Engine, project: str, run: str, writer: str, kind: FileKind, name: str, index: int
) -> StoredFile | None:
    """A file of a source; None if there is none.

    Args:
        engine: the store's.
        project: of the run.
        run: its id.
        writer: of the source, "" for none.
        kind: whether an image or an artifact's file.
        name: of the image series, or of the artifact's file.
        index: of the image's point; 0 for an artifact.
    """
    statement = (
        select(files)
        .select_from(_in_project)
        .where(
            projects.c.name == project, runs.c.run == run, sources.c.writer == writer,
            files.c.kind == kind, files.c.name == name, files.c.position == index,
        )
    )  # fmt: skip
    with engine.connect() as connection:
        row = connection.execute(statement).one_or_none()
    return None if row is None else StoredFile.of(row)


def files_below(engine: Engine, project: str, run: str, folder: str) -> Iterator[tuple[str, StoredFile]]:
    """The artifacts' files of all sources of a run whose names begin with `folder`, read some at a time.

    Args:
        engine: the store's.
        project: of the run.
        run: its id.
        folder: what the names begin with; empty for all of them.

    Returns:
        The writer of the source, "" for none, and the file; by name, then by writer.
    """
    behind = ("", "")
    while True:
        # No connection is held while whoever asks reads what is in the files.
        with engine.connect() as connection:
            rows = connection.execute(
                _files_below,
                {
                    "of_project": project, "of_run": run, "folder": folder, "length": len(folder),
                    "name": behind[0], "writer": behind[1],
                },
            ).all()  # fmt: skip
        for row in rows:
            yield row.of_writer, StoredFile.of(row)
        if len(rows) < _PAGE:
            return
        behind = rows[-1].name, rows[-1].of_writer
