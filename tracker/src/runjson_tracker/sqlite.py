"""A store's SQLite database: how it is opened and made. What is SQLite's own stands here, but for words of its SQL."""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from runjson_tracker.database import BUSY_SECONDS, CONNECTIONS, WRITING, make_tables, match_version, reason, writing
from runjson_tracker.errors import StoreError, StoreMissing
from runjson_tracker.location import DATABASE
from runjson_tracker.posix import network_file_system, put_in_place

# Bytes: pages of 4096 hold three chunks of a hundred points, and nearly a fourth.
_PAGE: Final = 8192


def open_database(folder: Path, *, create: bool) -> Engine:
    """Open the database of a store, made or migrated first where that is needed.

    Raises:
        StoreMissing: there is none and none is to be made.
        StoreError: it cannot be read, or a newer version made it.
    """
    path = folder / DATABASE
    if not path.is_file():
        if not create:
            raise StoreMissing(f"There is no tracker at {folder}. `runjson upload FILE --to {folder}` makes one.")
        _create(path)
    engine = _engine(path)
    try:
        _match_journal(path)
        match_version(engine)
    except (DBAPIError, sqlite3.Error) as error:
        engine.dispose()
        raise StoreError(f"The tracker at {folder} cannot be used: {reason(error)}.") from error
    except BaseException:
        engine.dispose()
        raise
    return engine


def wait_at_most(engine: Engine, seconds: float) -> None:
    """Let each transaction from now on wait so long for that of another process."""

    def busy(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")

    event.listen(engine, "connect", busy)
    engine.dispose()


def identity(folder: Path) -> object:
    """What tells a database from another one that was put in its place; None if there is none."""
    try:
        stat = (folder / DATABASE).stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def damage(connection: Connection) -> list[str]:
    """What SQLite itself finds wrong with the database, a sentence each; empty if it is whole."""
    if connection.dialect.name != "sqlite":
        return []
    told = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    found = [f"the database is damaged: {text}" for text in told if text != "ok"]
    return [*found, *(f"a row of {row[0]} belongs to a row of {row[2]} that is not there" for row in broken)]


def journal_notice(folder: Path) -> str | None:
    """What to tell once of a store on a network file system; None elsewhere."""
    found = network_file_system(folder)
    if found is None:
        return None
    return (
        f"The tracker at {folder} lies on a network file system ({found}): it works with a rollback journal, "
        "slower, and readers wait for writers."
    )


def _engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_SECONDS}, pool_size=CONNECTIONS,
        paramstyle="named",  # as `execute_rows` needs it
    )  # fmt: skip
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: sqlite3.Connection, _: object) -> None:
    # Python's driver would begin transactions by rules of its own, which hold back neither readers nor DDL rightly.
    connection.isolation_level = None
    # FULL, since an upload that was answered may be followed by the run file's removal: a commit outlives a power cut.
    # In NORMAL a killed process would lose nothing either, but the last commits before a power cut would be gone.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _create(path: Path) -> None:
    """Make an empty database under another name and link it into place, so that no other process sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        with contextlib.closing(sqlite3.connect(draft, isolation_level=None)) as connection:
            connection.execute(f"PRAGMA page_size = {_PAGE}")
            connection.execute("VACUUM")  # makes the file, with pages of that size
        engine = _engine(draft)
        try:
            with writing(engine).begin() as connection:
                make_tables(connection)
        finally:
            engine.dispose()
        _match_journal(draft)
        put_in_place(draft, path)
    except (DBAPIError, sqlite3.Error) as error:
        raise StoreError(f"No tracker can be made at {path.parent}: {reason(error)}.") from error
    finally:
        draft.unlink(missing_ok=True)


def _journal(path: Path, mode: str | None = None) -> str:
    """The journal mode, after it was changed to another one if one is given; that is refused within a transaction."""
    with contextlib.closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        return str(connection.execute("PRAGMA journal_mode" + (f" = {mode}" if mode else "")).fetchone()[0])


def _match_journal(path: Path) -> None:
    """Use the write-ahead log where it works, so that readers never wait; the store may have been moved since."""
    wanted = "wal" if network_file_system(path.parent) is None else "delete"
    if _journal(path) != wanted:
        # While another process has the database open it stays as it is, which is right, if slower.
        with contextlib.suppress(sqlite3.OperationalError):
            _journal(path, wanted)
