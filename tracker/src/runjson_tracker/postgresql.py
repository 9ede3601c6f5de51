"""A store's PostgreSQL database: how it is opened and made. What is PostgreSQL's own stands here, but for its SQL."""

from __future__ import annotations

import os
import time
import weakref
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Column, Connection, Engine, MetaData, Table, Text, create_engine, event, select
from sqlalchemy.exc import DBAPIError

from runjson_tracker.blobs import OBJECTS
from runjson_tracker.database import BUSY_SECONDS, WRITING, has_tables, make_tables, match_version, reason, writing
from runjson_tracker.errors import StoreError, StoreMissing
from runjson_tracker.location import Server

# The advisory lock that all transactions which write share, and that one holds which is alone. Any number will do that
# no other program takes in this database.
_WRITERS: Final = 0x72756E6A736F6E
_LOCKS: Final = {
    "beside": f"SELECT pg_advisory_xact_lock_shared({_WRITERS})",
    "alone": f"SELECT pg_advisory_xact_lock({_WRITERS})",
}
_TRY_ALONE: Final = f"SELECT pg_try_advisory_xact_lock({_WRITERS})"
# How often a pause of those who write is looked for, and how many seconds apart.
_PAUSES: Final = 200
_PAUSE: Final = 0.05
# A peer that is gone without a word is noticed within minutes, on both sides: its locks are free then.
_CONNECTION: Final = {
    "application_name": "runjson", "client_encoding": "utf8", "connect_timeout": 10,
    "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000,
}  # fmt: skip
_KEEPALIVES: Final = "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"
# Where the files of the store are, as it was said when the store was made.
_places: Final = Table("places", MetaData(), Column("blobs", Text, nullable=False))


def open_server(server: Server, *, create: bool) -> tuple[Engine, str]:
    """Open the database of a store, made or migrated first where that is needed.

    Returns:
        The database, and where the store's files are.

    Raises:
        StoreMissing: there is none and none is to be made.
        StoreError: it can not be used.
    """
    engine = _engine(server)
    try:
        with engine.connect() as connection:
            there = has_tables(connection)
        if not there and not create:
            raise StoreMissing(f"There is no tracker in {server}. `runjson upload FILE --to {server}` makes one.")
        if not there:
            _create(engine, server)
        match_version(engine)
        with engine.connect() as connection:
            blobs = server.blobs or str(connection.execute(select(_places.c.blobs)).scalar_one())
    except DBAPIError as error:
        engine.dispose()
        raise StoreError(f"The tracker at {server} cannot be used: {reason(error)}.") from error
    except BaseException:
        engine.dispose()
        raise
    return engine, blobs


def wait_at_most(engine: Engine, seconds: float) -> None:
    """Let each statement from now on wait so long for the transaction of another process."""

    def limit(connection: Any, _: object) -> None:  # Any: the driver's own
        connection.execute(f"{_KEEPALIVES}; SET lock_timeout = {int(seconds * 1000)}")
        connection.commit()

    event.listen(engine, "connect", limit)
    engine.dispose()


def _engine(server: Server) -> Engine:
    try:
        # One transaction that reads sees one state. A server that was started anew is no failure of the next question.
        engine = create_engine(
            server.url.set(drivername="postgresql+psycopg"), isolation_level="REPEATABLE READ", pool_pre_ping=True,
            connect_args=_CONNECTION, max_overflow=-1,
        )  # fmt: skip
    except ImportError:
        raise StoreError('A tracker in PostgreSQL needs psycopg: pip install "runjson[postgresql]".') from None
    event.listen(engine, "begin", _on_begin)
    wait_at_most(engine, BUSY_SECONDS)
    # A process that is forked leaves the connections to the one that opened them.
    opened = weakref.ref(engine)
    os.register_at_fork(after_in_child=lambda: _leave(opened))
    return engine


def _leave(opened: weakref.ref[Engine]) -> None:
    engine = opened()
    if engine is not None:
        engine.dispose(close=False)


def _on_begin(connection: Connection) -> None:
    how = connection.get_execution_options().get(WRITING)
    if how == "alone":
        # Whoever queues for it makes all wait that come behind: that is left for when no pause is found.
        for _ in range(_PAUSES):
            if connection.exec_driver_sql(_TRY_ALONE).scalar():
                return
            time.sleep(_PAUSE)
    if how:
        connection.exec_driver_sql(_LOCKS[how])


def _create(engine: Engine, server: Server) -> None:
    """Make the tables, unless another process has just done so."""
    if server.blobs is None:
        raise StoreError(
            f"A new tracker in PostgreSQL must know where its files go: --to '{server.storing('/a/folder/of/all')}'."
        )
    with writing(engine, "alone").begin() as connection:
        if not has_tables(connection):
            make_tables(connection)
            _places.create(connection)
            connection.execute(_places.insert().values(blobs=server.blobs))
    if not server.blobs.startswith(OBJECTS):
        Path(server.blobs).mkdir(parents=True, exist_ok=True)
