"""A store's PostgreSQL database: how it is opened and made. What is PostgreSQL's own stands here, but for its SQL."""

from __future__ import annotations

import os
import select as sockets
import time
import weakref
from functools import cache
from pathlib import Path
from typing import Any, Final, Self

from sqlalchemy import Column, Connection, Engine, MetaData, Table, Text, create_engine, event, select
from sqlalchemy.exc import DBAPIError, DisconnectionError

from runjson_tracker.arrays import Array
from runjson_tracker.blobs import OBJECTS
from runjson_tracker.database import (
    BUSY_SECONDS,
    CONNECTIONS,
    PLANNED,
    WRITERS,
    WRITING,
    has_tables,
    make_tables,
    match_version,
    reason,
    writing,
)
from runjson_tracker.errors import StoreError, StoreMissing
from runjson_tracker.location import Server

_LOCKS: Final = {
    "beside": f"SELECT pg_advisory_xact_lock_shared({WRITERS})",
    "alone": f"SELECT pg_advisory_xact_lock({WRITERS})",
}
_TRY_ALONE: Final = f"SELECT pg_try_advisory_xact_lock({WRITERS})"
# How often a pause of those who write is looked for, and how many seconds apart.
_PAUSES: Final = 200
_PAUSE: Final = 0.05
# A peer that is gone without a word is noticed within minutes, on both sides: its locks are free then.
_CONNECTION: Final = {
    "application_name": "runjson", "client_encoding": "utf8", "connect_timeout": 10,
    "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000,
}  # fmt: skip
_KEEPALIVES: Final = {"tcp_keepalives_idle": 30, "tcp_keepalives_interval": 10, "tcp_keepalives_count": 3}
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
        wanted = _KEEPALIVES | {"lock_timeout": int(seconds * 1000)}
        connection.execute(
            "SELECT " + ", ".join(f"set_config('{name}', '{one}', false)" for name, one in wanted.items())
        )
        connection.commit()

    event.listen(engine, "connect", limit)
    engine.dispose()


def _engine(server: Server) -> Engine:
    try:
        # One transaction that reads sees one state.
        engine = create_engine(
            server.url.set(drivername="postgresql+psycopg"), isolation_level="REPEATABLE READ",
            connect_args=_CONNECTION, pool_size=CONNECTIONS, max_overflow=-1,
        )  # fmt: skip
    except ModuleNotFoundError:
        raise StoreError('A tracker in PostgreSQL needs psycopg: pip install "runjson[postgresql]".') from None
    except ImportError as error:  # it is there, and what it needs is not, or is another version
        told = " ".join(str(error).split())
        raise StoreError(f"A tracker in PostgreSQL needs psycopg, which cannot be loaded: {told}") from None
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "checkout", _on_checkout)
    event.listen(engine, "begin", _on_begin)
    event.listen(engine, "before_cursor_execute", _on_execute)
    wait_at_most(engine, BUSY_SECONDS)
    # A process that is forked leaves the connections to the one that opened them.
    opened = weakref.ref(engine)
    os.register_at_fork(after_in_child=lambda: _leave(opened))
    return engine


def _connect(
    _dialect: object, _record: object, words: list[Any], named: dict[str, Any]
) -> Any:  # Any: the driver's own
    connection = _connected().connect(*words, **named)
    connection.cursor_factory = _cursor()
    for kind, dumper in _dumpers().items():
        connection.adapters.register_dumper(kind, dumper)
    return connection


@cache
def _cursor() -> Any:  # Any: a class of cursors, known once the driver is loaded
    import psycopg  # noqa: PLC0415  an embedded store does not need it
    from psycopg.pq import Format  # noqa: PLC0415

    class Cursor(psycopg.Cursor[Any]):
        """A cursor whose rows come in binary form: bytes are half as many then, and numbers are not spelled out.

        Attributes:
            planned: whether its statement is planned for what is bound; one that is prepared is not, in the long run.
        """

        planned = False

        def execute(self, query: Any, *given: Any, **named: Any) -> Self:  # Any: as the driver has it
            """Execute a statement; SQLAlchemy reads the tables of PostgreSQL's own, to look for ours, as texts."""
            self.format = Format.TEXT if "pg_catalog" in str(query) else Format.BINARY
            if self.planned:
                named["prepare"] = False
            return super().execute(query, *given, **named)

    return Cursor


@cache
def _dumpers() -> dict[type[Array], Any]:  # Any: the driver's own
    """What gives arrays to the driver that are written already."""
    from psycopg.adapt import Dumper  # noqa: PLC0415  an embedded store does not need it
    from psycopg.pq import Format  # noqa: PLC0415

    def dump(_: Dumper, array: Array) -> bytes:
        return array

    named = {"format": Format.BINARY, "dump": dump}
    return {kind: type(kind.__name__, (Dumper,), named | {"oid": kind.oid}) for kind in Array.__subclasses__()}


@cache
def _connected() -> Any:  # Any: a class of connections, known once the driver is loaded
    import psycopg  # noqa: PLC0415  an embedded store does not need it
    from psycopg.pq import TransactionStatus  # noqa: PLC0415

    class Connected(psycopg.Connection[Any]):
        """A connection that keeps its prepared statements, which the driver forgets with each ROLLBACK."""

        def rollback(self) -> None:
            """End a transaction; of this level are those alone that read, which may as well be committed."""
            reads = self.isolation_level == psycopg.IsolationLevel.REPEATABLE_READ
            if reads and self.info.transaction_status == TransactionStatus.INTRANS:
                self.commit()
            else:
                super().rollback()

    return Connected


def _leave(opened: weakref.ref[Engine]) -> None:
    engine = opened()
    if engine is not None:
        engine.dispose(close=False)


def _on_checkout(connection: Any, _record: object, _proxy: object) -> None:  # Any: the driver's own
    """Have another connection made in place of one that ended: a server that was started anew fails no question.

    A server says hardly anything unasked but that it ends. To look for that costs no way over the network.
    """
    if not connection.closed:
        spoken = sockets.poll()
        spoken.register(connection.fileno(), sockets.POLLIN)
        if not spoken.poll(0):
            return
    raise DisconnectionError


def _on_begin(connection: Connection) -> None:
    how = connection.get_execution_options().get(WRITING)
    if how == "alone":
        # Whoever queues for it makes all wait that come behind: that is left for when no pause is found.
        for _ in range(_PAUSES):
            if connection.exec_driver_sql(_TRY_ALONE).scalar():
                return
            time.sleep(_PAUSE)
    if how in _LOCKS:
        connection.exec_driver_sql(_LOCKS[how])


def _on_execute(
    _connection: object, cursor: Any, _statement: str, _bound: object, context: Any, _many: bool
) -> None:  # Any: the driver's own and SQLAlchemy's
    if context.execution_options.get(PLANNED):
        cursor.planned = True


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
