"""Copying a whole store into another one, of whatever database and storage: run by run, so that it can be gone on with.

A run is copied in one transaction, and is there whole or not at all. Chunks are copied as they are encoded, in bounded
memory; what was written is compared with what was read.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from runjson_schema.wording import counted
from sqlalchemy import Connection, RowMapping, Select, Table, insert, select

from runjson_tracker.blobs import FolderBlobs
from runjson_tracker.chunks import Chunk, decode_json
from runjson_tracker.commit import add_blobs, add_project, inserted
from runjson_tracker.database import lock_run, writing
from runjson_tracker.errors import StoreError
from runjson_tracker.fields import write_fields, write_series_fields
from runjson_tracker.tables import chunks, files, projects, records, runs, series, sources
from runjson_tracker.upkeep.freeing import remove_run
from runjson_tracker.upkeep.moving_access import move_access

if TYPE_CHECKING:
    from runjson_tracker.store import Store

_ROWS_AT_ONCE: Final = 256
# Columns that are another one in each store, or are made there.
_OWN: Final = {"id", "run", "source", "project", "version"}
_BYTES: Final = {"values", "steps", "times"}


@dataclass(slots=True)
class Moved:
    """What was copied: runs with their points and files; and how many runs were there already, the same."""

    runs: int = 0
    points: int = 0
    files: int = 0
    unchanged: int = 0


def move(store: Store, target: Store, *, replace: bool = False, tell: Callable[[str], None] | None = None) -> Moved:
    """Copy all runs of a store into another one, those in the trash too, and first who may do what with them.

    What is there, the same, is passed over.

    Whoever is stopped in it leaves whole runs; called again, it goes on.

    Args:
        store: that is copied; programs may write to it meanwhile.
        target: into which.
        replace: whether a run of the target that is another one, such as an older state, is replaced; so are people,
            tokens, dashboards and settings of projects.
        tell: called with each run that is copied, as `project/id`.

    Raises:
        StoreError: a run of the target is another one and is not to be replaced, or what is read is damaged.
        OSError: a file can not be read or written.
    """
    if store.blobs.place == target.blobs.place:
        raise StoreError(
            "Both would keep their files in one place, where `store gc` of one frees those of the other: "
            "give the target another one with blobs=."
        )
    move_access(store, target, replace=replace)
    moved = Moved()
    with store.engine.connect() as connection:
        of_all = select(runs.c.id, projects.c.name, runs.c.run).join(projects, runs.c.project == projects.c.id)
        wanted = connection.execute(of_all.order_by(runs.c.id)).all()
    for number, project, run in wanted:
        with store.engine.connect() as reading:
            named = select(runs).join(projects, runs.c.project == projects.c.id)
            named = named.where(runs.c.id == number, runs.c.run == run, projects.c.name == project)
            row = reading.execute(named).mappings().one_or_none()
            if row is None:
                continue  # freed meanwhile
            state = _state(reading, number)
            there = _there(target, project, run)
            if there == state:
                moved.unchanged += 1
                continue
            if there is not None and not replace:
                raise _other(target, project, run)
            moved.files += _copy_files(reading, number, store, target)
            _copy_run(reading, row, project, state, target, there)
            moved.runs += 1
            moved.points += row["points"]
            if tell is not None:
                tell(f"{project}/{run}")
    return moved


def _other(target: Store, project: str, run: str) -> StoreError:
    return StoreError(
        f"{target.location} has another {project}/{run}: --replace makes it the same, or remove it there."
    )


def _there(target: Store, project: str, run: str) -> str | None:
    """The state of a run of the target; None if it has none."""
    with target.engine.connect() as connection:
        found = _number(connection, project, run)
        return None if found is None else _state(connection, found)


def _number(connection: Connection, project: str, run: str) -> int | None:
    statement = select(runs.c.id).join(projects, runs.c.project == projects.c.id)
    return connection.execute(statement.where(projects.c.name == project, runs.c.run == run)).scalar()


# -- what a run is -----------------------------------------------------------------------------------------------------


def _state(connection: Connection, run: int) -> str:
    """A digest of all that a store holds of a run, but for numbers and versions of its own."""
    digest = hashlib.sha256()

    def add(table: Table, statement: Select[Any], but: Collection[str] = ()) -> None:  # Any: columns of several types
        names = [column.name for column in table.columns if column.name not in {*_OWN, *but}]
        for row in connection.execute(statement).yield_per(_ROWS_AT_ONCE).mappings():
            # SQLite has one zero.
            values = (row[name] for name in names)
            settled = [value + 0.0 if isinstance(value, float) else value for value in values]
            digest.update(repr([table.name, settled]).encode())

    add(runs, select(runs).where(runs.c.id == run))
    add(records, select(records).where(records.c.run == run))
    numbers = connection.execute(select(sources.c.id).where(sources.c.run == run).order_by(sources.c.writer)).scalars()
    for number in numbers.all():
        add(sources, select(sources).where(sources.c.id == number))
        add(series, select(series).where(series.c.source == number).order_by(series.c.number))
        # The bytes of a chunk are known by its checksum.
        light = select(*(column for column in chunks.columns if column.name not in _BYTES))
        add(chunks, light.where(chunks.c.source == number).order_by(chunks.c.number, chunks.c.first), _BYTES)
        add(files, _files_of(number))
    return digest.hexdigest()


def _files_of(source: int) -> Select[Any]:  # Any: columns of several types
    return select(files).where(files.c.source == source).order_by(files.c.kind, files.c.name, files.c.position)


# -- copying -----------------------------------------------------------------------------------------------------------


def _copy_files(reading: Connection, run: int, store: Store, target: Store) -> int:
    """Copy the blobs of a run that the target lacks; how many these are."""
    copied = 0
    for sha256 in reading.execute(_digests_of(run)).scalars().all():
        if target.blobs.ask_for(sha256):
            continue
        if isinstance(store.blobs, FolderBlobs):
            found, _ = target.blobs.add(store.blobs.path(sha256))
        else:
            with _temporary_file(target) as temporary:
                with store.blobs.open(sha256) as opened:
                    shutil.copyfileobj(opened, temporary, 1 << 20)
                temporary.flush()
                found, _ = target.blobs.add(Path(temporary.name))
        if found != sha256:
            raise StoreError(f"The blob {sha256} of {store.location} has other bytes: `runjson store check` says more.")
        copied += 1
    return copied


def _temporary_file(target: Store) -> IO[bytes]:
    # Beside what it becomes if that is a folder, since temporary folders may be small.
    place = target.blobs.folder if isinstance(target.blobs, FolderBlobs) else None
    if place is not None:
        place.mkdir(parents=True, exist_ok=True)
    return tempfile.NamedTemporaryFile(dir=place)


def _copy_run(
    reading: Connection, row: RowMapping, project: str, state: str, target: Store, there: str | None
) -> None:  # fmt: skip
    with writing(target.engine).begin() as connection:
        lock_run(connection, project, row["run"])
        old = _number(connection, project, row["run"])
        if old is not None:
            if _state(connection, old) != there:  # it came, or grew, while files were copied
                raise _other(target, project, row["run"])
            remove_run(connection, old)
        created = reading.execute(select(projects.c.created).where(projects.c.id == row["project"])).scalar_one()
        number = add_project(connection, project, created)
        run = inserted(connection, runs, _without_id(row) | {"project": number})
        record = reading.execute(select(records.c.record).where(records.c.run == row["id"])).scalar_one()
        connection.execute(insert(records), {"run": run, "record": record})
        for source in _rows(reading, select(sources).where(sources.c.run == row["id"])):
            _copy_source(reading, source, connection, run)
        write_fields(connection, number, run, {}, decode_json(record))
        names = select(series.c.name).join(sources, series.c.source == sources.c.id)
        names = names.where(sources.c.run == run, series.c.kind == "series")
        write_series_fields(connection, number, run, set(connection.execute(names).scalars()))
        if _state(connection, run) != state:
            raise StoreError(
                f"{project}/{row['run']} is not in {target.location} as it was read; nothing of it was kept."
            )
        lost = target.blobs.gone(connection.execute(_digests_of(run)).scalars())
        if lost:
            raise StoreError(
                f"{counted(len(lost), 'file')} of {project}/{row['run']} were freed meanwhile: move again."
            )


def _copy_source(reading: Connection, row: dict[str, Any], connection: Connection, run: int) -> None:
    source = inserted(connection, sources, _without_id(row) | {"run": run})
    for table in (series, files):
        rows = _rows(reading, select(table).where(table.c.source == row["id"]))
        while batch := [one | {"source": source} for one in islice(rows, _ROWS_AT_ONCE)]:
            connection.execute(insert(table), batch)
            if table is files:
                add_blobs(connection, batch, row["changed"])
    rows = _rows(reading, select(chunks).where(chunks.c.source == row["id"]))
    while batch := [_whole(one) | {"source": source} for one in islice(rows, _ROWS_AT_ONCE)]:
        connection.execute(insert(chunks), batch)


def _whole(row: dict[str, Any]) -> dict[str, Any]:
    """A chunk whose bytes are those that were written."""
    if Chunk(row["count"], row["values"], row["steps"], row["times"]).checksum != row["checksum"]:
        raise StoreError("A chunk has other bytes than were written: `runjson store check` says more.")
    return row


def _without_id(row: Mapping[Any, Any]) -> dict[str, Any]:  # Any: columns of several types
    """A row as it is given to a database that numbers it anew."""
    return {str(name): value for name, value in row.items() if name != "id"}


def _rows(connection: Connection, statement: Select[Any]) -> Iterator[dict[str, Any]]:  # Any: columns of several types
    for row in connection.execute(statement).yield_per(_ROWS_AT_ONCE).mappings():
        yield dict(row)


def _digests_of(run: int) -> Select[Any]:  # Any: of one text
    """Selects the digests of a run's files, each once."""
    of_files = select(files.c.sha256).join(sources, files.c.source == sources.c.id)
    return of_files.where(sources.c.run == run).distinct()
