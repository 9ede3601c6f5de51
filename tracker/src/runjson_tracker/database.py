"""What the databases of a store have in common: transactions that write, rows that many runs share, and versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Literal, TypeAlias, TypeVar

from sqlalchemy import (
    Connection,
    Engine,
    Executable,
    Insert,
    Table,
    Text,
    bindparam,
    event,
    func,
    inspect,
    literal_column,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.compiler import SQLCompiler

from runjson_tracker.access.tables import metadata
from runjson_tracker.direct import execute, first_of_each
from runjson_tracker.tables import schema_version

# The migration that makes the tables of this version; `migrations/versions` holds all of them.
SCHEMA_VERSION: Final = "0005"
# How long one process waits for another one's transaction, in seconds.
BUSY_SECONDS: Final = 60
# So many connections of the threads of one process are kept open: to open one costs more than most questions.
CONNECTIONS: Final = 64
# How a transaction stands to others: one that writes beside others, where the database can, one that does so and locks
# a run before it writes anything, or one that is alone.
Writing: TypeAlias = Literal["beside", "run", "alone"]
WRITING: Final = "runjson_writing"
# An option of statements that are planned for the values which are bound.
PLANNED: Final = "runjson_planned"
_Statement = TypeVar("_Statement", bound=Executable)

# The advisory lock that all transactions which write share, and that one holds which is alone. Any number will do that
# no other program takes in this database.
WRITERS: Final = 0x72756E6A736F6E
# The lock of those that write, and that of a run: waited for, or had at once or not.
_WRITERS_LOCK: Final = func.pg_advisory_xact_lock_shared(literal_column(str(WRITERS)))
_RUN: Final = func.hashtextextended(
    bindparam("project", type_=Text) + literal_column("'/'", Text) + bindparam("run", type_=Text), literal_column("0")
)
_LOCK_RUN: Final = select(_WRITERS_LOCK, func.pg_advisory_xact_lock(_RUN))
_LOCK_IF_FREE: Final = select(_WRITERS_LOCK.label("writers"), func.pg_try_advisory_xact_lock(_RUN).label("had"))


def writing(engine: Engine, how: Writing = "beside") -> Engine:
    """The same database for transactions that write.

    In SQLite they wait for each other at their beginning: a transaction that begins by reading and writes later fails
    at once when another one wrote in between. In PostgreSQL they wait for each other where they change the same run
    (`lock_run`), and a transaction that is `alone` waits for all of them.
    """
    if engine.dialect.name == "postgresql":
        # Each statement sees what was committed before it: what another writer of the run did, while it was waited for.
        return engine.execution_options(isolation_level="READ COMMITTED", **{WRITING: how})
    return engine.execution_options(**{WRITING: how})


def asking(engine: Engine) -> Engine:
    """The same database for single statements that read: they need no transaction, which costs PostgreSQL two ways."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="AUTOCOMMIT")
    return engine


def planned(statement: _Statement) -> _Statement:
    """A statement that PostgreSQL plans for the values which are bound, each time: they say how many rows it meets."""
    return statement.execution_options(**{PLANNED: True})


def let_go(engine: Engine) -> None:
    """Close the connections of a database: those that a thread still has, when it gives them back."""
    event.listen(engine.pool, "checkin", _closed)
    engine.dispose()


def _closed(_: object, record: ConnectionPoolEntry) -> None:
    record.invalidate()


def lock_run(connection: Connection, project: str, run: str) -> None:
    """Wait until no other transaction changes a run; until the end of this one no other does."""
    if connection.dialect.name == "postgresql":
        execute(connection, _LOCK_RUN, {"project": project, "run": run})


def lock_if_free(connection: Connection, runs: Sequence[tuple[str, str]]) -> list[bool]:
    """The same for many runs, by project and id, waiting for no writer: which of them no other one changes now."""
    if connection.dialect.name != "postgresql":
        return [True] * len(runs)
    rows = [{"project": project, "run": run} for project, run in runs]
    return [bool(one.had) for one in first_of_each(connection, _LOCK_IF_FREE, rows)]


@contextmanager
def shared(connection: Connection) -> Iterator[Connection]:
    """A connection for rows that many runs share: projects, the names of fields, blobs.

    In PostgreSQL each is committed at once, apart from the transaction that needs it: else two that write the same
    ones in another order would wait for each other. Names and blobs that nobody comes to need are freed by `store gc`.
    """
    if connection.dialect.name != "postgresql":
        yield connection
        return
    with connection.engine.connect() as apart:
        # Without the lock of those that write, which the transaction that needs this one holds.
        yield apart.execution_options(isolation_level="AUTOCOMMIT", **{WRITING: None})


class _InsertNew(Insert):
    """An insert that passes over rows which are there. SQLAlchemy has it for each database, spelled alike in ours."""

    inherit_cache = True


@compiles(_InsertNew)
def _insert_new(element: _InsertNew, compiler: SQLCompiler, **options: Any) -> str:  # Any: SQLAlchemy's own
    told: str = compiler.visit_insert(element, **options)  # type: ignore[no-untyped-call]
    return f"{told} ON CONFLICT DO NOTHING"


def insert_new(table: Table) -> Insert:
    """An insert that passes over rows which are there."""
    return _InsertNew(table).inline()  # without a RETURNING, which would stand before the last words


class _Put(Insert):
    """An insert that changes the rows which are there, by their primary key."""

    inherit_cache = True


@compiles(_Put)
def _put(element: _Put, compiler: SQLCompiler, **options: Any) -> str:  # Any: SQLAlchemy's own
    told: str = compiler.visit_insert(element, **options)  # type: ignore[no-untyped-call]
    columns = element.table.columns
    key = ", ".join(compiler.preparer.quote(one.name) for one in columns if one.primary_key)
    rest = (compiler.preparer.quote(one.name) for one in columns if not one.primary_key)
    return f"{told} ON CONFLICT ({key}) DO UPDATE SET {', '.join(f'{one} = excluded.{one}' for one in rest)}"


def put(table: Table) -> Insert:
    """An insert that changes the rows which are there, by their primary key."""
    return _Put(table).inline()


def reason(error: Exception) -> str:
    """What the database says of a failure, without the statement in which it happened."""
    said = str(error.orig if isinstance(error, DBAPIError) else error)
    return said.strip().partition("\n")[0] or type(error).__name__


def has_tables(connection: Connection) -> bool:
    """Whether a database holds the tables of a store."""
    return inspect(connection).has_table(schema_version.name)


def make_tables(connection: Connection) -> None:
    """Make the tables of this version in an empty database, within the transaction of the connection."""
    metadata.create_all(connection, checkfirst=False)  # tables of others with our names are told, and not used
    schema_version.create(connection)
    connection.execute(schema_version.insert().values(version_num=SCHEMA_VERSION))


def match_version(engine: Engine) -> None:
    """Bring the tables up to date.

    Raises:
        StoreError: a newer version of RunJSON made them.
    """
    with engine.connect() as connection:
        stored = stored_version(connection)
    if stored != SCHEMA_VERSION:
        from runjson_tracker.migrations import migrate  # noqa: PLC0415  Alembic takes 150 ms to import

        with writing(engine, "alone").begin() as connection:
            migrate(connection, stored_version(connection))


def stored_version(connection: Connection) -> str | None:
    """The version of the tables; None if there are none."""
    return connection.execute(select(schema_version.c.version_num)).scalar() if has_tables(connection) else None
