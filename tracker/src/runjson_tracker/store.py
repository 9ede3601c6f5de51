"""The store: the one thing that the other packages open."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from runjson_tracker import sqlite
from runjson_tracker.blobs import Blobs, FolderBlobs, open_blobs
from runjson_tracker.commit import Wanted, Written, write
from runjson_tracker.database import asking, let_go, writing
from runjson_tracker.errors import RunMissing, RunTrashed, SourceChanged, StoreError, StoreMissing
from runjson_tracker.ingest import Ingest, not_written, told
from runjson_tracker.location import BLOBS, Location, Server, find_location
from runjson_tracker.readable import Readable
from runjson_tracker.recent import Recent
from runjson_tracker.sources import Record, TrackedSource, load_records, load_source
from runjson_tracker.together import Together
from runjson_tracker.upkeep import trash
from runjson_tracker.upkeep.freeing import KEPT, Freed, free
from runjson_tracker.upkeep.trash import Trashed

if TYPE_CHECKING:
    from runjson_tracker.access.access import Access
    from runjson_tracker.dashboards import Dashboards
    from runjson_tracker.edits import Attached
    from runjson_tracker.upkeep.checking import Checked

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


class Store(Readable):
    """A store of runs: a database and the files of the runs, in one folder, or in PostgreSQL and object storage.

    Any number of processes may read and write it at once.

    Attributes:
        location: the folder, or the server with the database.
        blobs: the files.
        recent: the sources that this process changed last, for whoever asks of them first.
        notice: what its user should be told once, such as that it lies on a network file system; None mostly.
    """

    def __init__(self, location: Location, engine: Engine, blobs: Blobs) -> None:
        self.location = location
        self.blobs = blobs
        self.notice = sqlite.journal_notice(location) if isinstance(location, Path) else None
        self._engine = engine
        self._together: Together | None = None
        self.recent = Recent()

    @classmethod
    def open(cls, location: str | os.PathLike[str] | Server | None = None, *, create: bool = True) -> Self:
        """Open a store.

        Args:
            location: its folder, or `postgresql://...`; without it `RUNJSON_TRACKER`, or else `runjson` in the user's
                data folder.
            create: whether to make it if it is missing.

        Raises:
            StoreMissing: it is missing and is not to be made.
            StoreError: it cannot be used.
        """
        place = find_location(location)
        blobs: str | Path
        try:
            if isinstance(place, Server):
                from runjson_tracker.postgresql import open_server  # noqa: PLC0415  an embedded store does not need it

                engine, blobs = open_server(place, create=create)
            else:
                engine, blobs = sqlite.open_database(place, create=create), place / BLOBS
            try:
                store = cls(place, engine, open_blobs(blobs))
                if isinstance(place, Server):
                    store.blobs.demand()
                store.blobs.sweep()
            except BaseException:
                engine.dispose()
                raise
        except OSError as error:
            raise StoreError(f"The tracker at {place} cannot be used: {error.strerror or error}.") from error
        return store

    def wait_at_most(self, seconds: float) -> None:
        """Let each transaction from now on wait so long for that of another process; a minute by default."""
        if isinstance(self.location, Server):
            from runjson_tracker.postgresql import wait_at_most  # noqa: PLC0415  an embedded store does not need it

            wait_at_most(self._engine, seconds)
        else:
            sqlite.wait_at_most(self._engine, seconds)

    def keeps(self, path: str) -> bool:
        """Whether a file belongs to the store."""
        folders = [self.location] if isinstance(self.location, Path) else []
        if isinstance(self.blobs, FolderBlobs):
            folders.append(self.blobs.folder)
        return any(Path(path).is_relative_to(folder) for folder in folders)

    @property
    def identity(self) -> object:
        """What tells this store from another one in its place; None if there is none any more."""
        return self.location if isinstance(self.location, Server) else sqlite.identity(self.location)

    def close(self) -> None:
        """Let go of the database."""
        let_go(self._engine)

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
        return Ingest(self._engine, self.location, self.blobs, project, run, writer, tracked, self.write)

    def write(self, wanted: Wanted) -> Written:
        """Write a change of a source in a transaction.

        Raises:
            SourceChanged: somebody else changed the source after it was read.
            RunTrashed: the run is in the trash.
            StoreError: the database cannot be written.
        """
        with told(self.location):
            # Where one writes at a time, threads take turns; elsewhere what comes here is what is to wait for others.
            together = self._together if isinstance(self.location, Path) else None
            answer = None if together is None else together([wanted])[0]
            if isinstance(answer, Exception):
                raise answer
            if answer is not None:
                return answer
            with self._writes_runs.begin() as connection:
                return write(connection, wanted)

    def write_all(self, all_wanted: Sequence[Wanted]) -> list[Written | Exception | None]:
        """Write changes of several sources in one transaction, where commits are gathered (`gather_commits`).

        Returns:
            What became of each; None of one that is left for `write`: it is large, or others would have to wait for it,
            or one that went with it failed.
        """
        assert self._together is not None
        answers = self._together(all_wanted)
        return [not_written(self.location, one) if isinstance(one, DBAPIError) else one for one in answers]

    def gather_commits(self) -> None:
        """From now on let commits of several threads that wait for each other be made together."""
        self._together = Together(self._engine)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction for the commits of several sources, each with `within`: all of them are visible at its end.

        Raises:
            StoreError: the database cannot be written.
        """
        with told(self.location), writing(self._engine).begin() as connection:
            yield connection

    @property
    def engine(self) -> Engine:
        """The database, for statements that read."""
        return self._engine

    @cached_property
    def _writes_runs(self) -> Engine:
        return writing(self._engine, "run")

    @cached_property
    def asking(self) -> Engine:
        """The database, for statements that read and stand alone."""
        return asking(self._engine)

    def edit(self, project: str, run: str, record: Mapping[str, Any], attached: Sequence[Attached] = ()) -> None:
        """Add a record to what people changed in a run; see `edits.edit`.

        Raises:
            RunMissing: there is no such run.
            EditRefused: the record is not valid.
            StoreError: the store cannot be written.
        """
        from runjson_tracker.edits import edit  # noqa: PLC0415  not needed to track

        edit(self, project, run, record, attached)

    @property
    def access(self) -> Access:
        """Who may do what here: people, tokens, roles in projects."""
        from runjson_tracker.access.access import Access  # noqa: PLC0415  a store of one person does not need it

        return Access(self)

    @property
    def dashboards(self) -> Dashboards:
        """The named arrangements of panels that projects have."""
        from runjson_tracker.dashboards import Dashboards  # noqa: PLC0415  only pages ask for them

        return Dashboards(self)

    # -- upkeep ------------------------------------------------------------------------------------------------------

    def trash(self, projects: Collection[str] | None = None) -> list[Trashed]:
        """The runs in the trash, the last put there first; of these projects alone, if they are given."""
        return trash.trash(self._engine, projects)

    def put_away(self, wanted: Iterable[tuple[str, str]]) -> int:
        """Put runs, by project and id, in the trash; says how many were not there before."""
        return trash.put_away(writing(self._engine), wanted)

    def take_back(self, wanted: Iterable[tuple[str, str]]) -> int:
        """Take runs, by project and id, out of the trash; says how many were in it."""
        return trash.take_back(writing(self._engine), wanted)

    def free(self, *, kept: float = KEPT, now: float | None = None, dry_run: bool = False) -> Freed:
        """Free the runs that have been in the trash for `kept` seconds, and the blobs that nobody needs."""
        return free(self._engine, self.blobs, kept=kept, now=now, dry_run=dry_run)

    def check(self) -> Checked:
        """Verify every digest, count, chunk and summary."""
        from runjson_tracker.upkeep.checking import check  # noqa: PLC0415  it imports all there is

        return check(self._engine, self.blobs)
