"""The store: the one thing that the other packages open."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError

from runjson_tracker.blobs import Blobs
from runjson_tracker.database import journal_notice, open_database, reason, writing
from runjson_tracker.errors import RunMissing, RunTrashed, SourceChanged, StoreError, StoreMissing
from runjson_tracker.ingest import Ingest
from runjson_tracker.location import BLOBS, find_location
from runjson_tracker.read import ProjectRow, RunRow, RunView, find_runs, load_projects, load_run, load_runs
from runjson_tracker.sources import Record, TrackedSource, load_records, load_source

__all__ = [
    "Ingest",
    "RunMissing",
    "RunTrashed",
    "SourceChanged",
    "Store",
    "StoreError",
    "StoreMissing",
    "TrackedSource",
]


class Store:
    """An embedded store of runs: a folder with a database and the files of the runs.

    Any number of processes may read and write it at once.

    Attributes:
        location: the folder.
        blobs: the files.
        notice: what its user should be told once, such as that it lies on a network file system; None mostly.
    """

    def __init__(self, location: Path, engine: Engine) -> None:
        self.location = location
        self.blobs = Blobs(location / BLOBS)
        self.notice = journal_notice(location)
        self._engine = engine

    @classmethod
    def open(cls, location: str | os.PathLike[str] | None = None, *, create: bool = True) -> Self:
        """Open a store.

        Args:
            location: its folder; without it `RUNJSON_TRACKER`, or else `runjson` in the user's data folder.
            create: whether to make it if it is missing.

        Raises:
            StoreMissing: it is missing and is not to be made.
            StoreError: it cannot be used.
        """
        folder = find_location(location)
        try:
            store = cls(folder, open_database(folder, create=create))
            store.blobs.sweep()
        except OSError as error:
            raise StoreError(f"The tracker at {folder} cannot be used: {error.strerror or error}.") from error
        return store

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- sources -----------------------------------------------------------------------------------------------------

    def source(self, project: str, run: str, writer: str) -> TrackedSource | None:
        """A snapshot of a source, `writer` "" for none; None if it is not tracked."""
        return load_source(self._engine, project, run, writer)

    def records(self, project: str, run: str) -> dict[str, Record]:
        """The folds without points of all sources of a run, by writer."""
        return load_records(self._engine, project, run)

    def ingest(self, project: str, run: str, writer: str, tracked: TrackedSource | None) -> Ingest:
        """Begin to change a source, from the state that `tracked` holds; None for a source that is new."""
        return Ingest(writing(self._engine), self.location, self.blobs, project, run, writer, tracked)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction for the commits of several sources, each with `within`: all of them are visible at its end.

        Raises:
            StoreError: the database cannot be written.
        """
        try:
            with writing(self._engine).begin() as connection:
                yield connection
        except DatabaseError as error:
            raise StoreError(f"The tracker at {self.location} cannot be written: {reason(error)}.") from error

    # -- runs --------------------------------------------------------------------------------------------------------

    def projects(self) -> list[ProjectRow]:
        """All projects by name."""
        return load_projects(self._engine)

    def runs(self, project: str | None = None, last: Sequence[str] = ()) -> list[RunRow]:
        """The runs of a project, or of all, the newest first, with the last values of the series in `last`."""
        return load_runs(self._engine, project, last)

    def find(self, text: str) -> list[RunRow]:
        """The runs that a person means: of this id, of this `project/id`, or else those whose id begins so."""
        return find_runs(self._engine, text)

    def run(self, project: str, run: str) -> RunView:
        """A run.

        Raises:
            RunMissing: there is none.
        """
        return load_run(self._engine, project, run)
