"""Statements of the shortest way: those that each request and each commit executes, given to the driver as they are.

SQLAlchemy makes their text, once. To have it look at each value and each row takes it several times as long as the
database needs for the statement. Values and rows are of the kinds that the drivers have: numbers, texts, bytes, None.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import Any, TypeAlias, cast

from sqlalchemy import (
    BindParameter,
    Boolean,
    ClauseElement,
    Connection,
    Dialect,
    Executable,
    Insert,
    Select,
    Update,
    bindparam,
    column,
    func,
    select,
    true,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.visitors import iterate, replacement_traverse
from sqlalchemy.types import TypeEngine

from runjson_tracker.arrays import Array, array_of


def execute(connection: Connection, statement: Executable, row: Mapping[str, Any]) -> None:
    """Execute a statement that gives nothing back.

    Raises:
        DBAPIError: it failed.
    """
    with _told(connection) as driver:
        driver.execute(_text(connection.dialect, statement, tuple(row)), row)


def first(connection: Connection, statement: Select[Any], row: Mapping[str, Any]) -> Any:  # Any: a tuple with names
    """The first row that a statement finds, a tuple whose members have the names of the columns; None if none is found.

    Raises:
        DBAPIError: it failed.
    """
    make = _maker(connection.dialect, statement)
    with _told(connection) as driver:
        found = driver.execute(_text(connection.dialect, statement, tuple(row)), row).fetchone()
    return None if found is None else make(found)


def first_of_each(
    connection: Connection, statement: Select[Any], rows: Sequence[Mapping[str, Any]]
) -> list[Any]:  # fmt: skip  # Any: as above
    """What `first` finds for each of some rows, all with the same columns; PostgreSQL is asked for all of it at once.

    Raises:
        DBAPIError: it failed.
    """
    if connection.dialect.name != "postgresql" or len(rows) == 1:
        return [first(connection, statement, row) for row in rows]
    names = tuple(rows[0])
    text, makers = _text_for_each(connection.dialect, statement, names)
    make = _maker(connection.dialect, statement)
    with _told(connection) as driver:
        found = driver.execute(text, {name: make([row[name] for row in rows]) for name, make in makers.items()})
        by_row = {number: make(row) for number, *row in reversed(found.fetchall())}
    return [by_row.get(number) for number in range(1, len(rows) + 1)]


def execute_rows(connection: Connection, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
    """Execute a statement for each of some rows, all with the same columns.

    PostgreSQL is given all of them by one statement, as arrays, a column each: no two rows may be of one key.

    Raises:
        DBAPIError: it failed.
    """
    if not rows:
        return
    names = tuple(rows[0])
    if len(rows) == 1:
        execute(connection, statement, rows[0])
        return
    with _told(connection) as driver:
        if connection.dialect.name != "postgresql":
            driver.executemany(_text(connection.dialect, statement, names), rows)
            return
        text, makers = _text_of_arrays(connection.dialect, statement, names)
        driver.execute(text, {name: make([row[name] for row in rows]) for name, make in makers.items()})


@contextmanager
def without_waiting(connection: Connection) -> Iterator[ExitStack]:
    """Let statements of this module follow each other, each without waiting for the answer to the last one.

    That is a way over the network less for each of them. Only `first` and `first_of_each` wait, and the end of all.
    What SQLAlchemy executes itself can not be among them: closing what this yields ends it before. Within itself it
    does nothing.

    Raises:
        DBAPIError: one of them failed; those behind it were not executed.
    """
    with _told(connection) as driver, ExitStack() as ahead:
        if connection.dialect.name == "postgresql":
            from psycopg import capabilities, pq  # noqa: PLC0415  an embedded store does not need it

            # libpq has it from version 14 on.
            if capabilities.has_pipeline() and driver.info.pipeline_status == pq.PipelineStatus.OFF:
                ahead.enter_context(driver.pipeline())
        yield ahead


@contextmanager
def _told(connection: Connection) -> Iterator[Any]:  # Any: the driver's connection
    """The driver's connection, whose errors are told as SQLAlchemy tells them."""
    dialect: Any = connection.dialect  # Any: SQLAlchemy does not say that it has a driver
    try:
        yield connection.connection.driver_connection
    except dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance(None, None, error, dialect.loaded_dbapi.Error, dialect=dialect) from error


@lru_cache(maxsize=256)
def _text(dialect: Dialect, statement: Executable, columns: tuple[str, ...]) -> str:
    """A statement as the driver takes it."""
    return str(_compiled(dialect, statement, columns))


@lru_cache(maxsize=256)
def _maker(dialect: Dialect, statement: Select[Any]) -> Callable[[Sequence[Any]], Any]:  # Any: of several types
    """What makes a tuple with names of a row that the driver gives."""
    of_row: Any = namedtuple("Row", statement.selected_columns.keys())  # type: ignore[misc]  # they are not known before
    is_boolean = [isinstance(one.type, Boolean) for one in statement.selected_columns]
    if dialect.name == "postgresql" or not any(is_boolean):
        return cast("Callable[[Sequence[Any]], Any]", of_row._make)
    # SQLite has no truth values, but numbers.
    return lambda row: of_row._make(
        bool(value) if boolean and value is not None else value for value, boolean in zip(row, is_boolean, strict=True)
    )


_Makers: TypeAlias = dict[str, Callable[[Sequence[Any]], Array]]  # Any: a column's values


@lru_cache(maxsize=256)
def _text_of_arrays(dialect: Dialect, statement: Executable, columns: tuple[str, ...]) -> tuple[str, _Makers]:
    """A statement as the driver takes it, for many rows whose columns are arrays; and what makes these."""
    compiled = _compiled(dialect, statement, columns)
    rows, makers = _unnested(compiled, columns)
    of_row = _of_row(rows, columns)
    of_all: Any
    if isinstance(statement, Insert):
        names, told = list(columns), select(*rows.c)
        if statement.select is not None:
            names, told = statement._select_names or names, replacement_traverse(statement.select, {}, of_row)
        of_all = type(statement)(statement.table).from_select(names, told).inline()
    else:
        if isinstance(statement, Update):
            bound = {one.key for one in iterate(statement) if isinstance(one, BindParameter)}
            statement = statement.values({name: bindparam(name) for name in columns if name not in bound})
        of_all = replacement_traverse(cast("Any", statement), {}, of_row)
    return str(of_all.compile(dialect=dialect)), makers


@lru_cache(maxsize=256)
def _text_for_each(dialect: Dialect, statement: Select[Any], columns: tuple[str, ...]) -> tuple[str, _Makers]:
    """A statement that asks for each of many rows, whose columns are arrays, and gives the row's number, from 1 on."""
    rows, makers = _unnested(_compiled(dialect, statement, columns), columns, "row_number")
    found = cast("Select[Any]", replacement_traverse(statement, {}, _of_row(rows, columns))).correlate(rows).lateral()
    of_all = select(rows.c.row_number, *found.c).select_from(rows.join(found, true()))
    return str(of_all.compile(dialect=dialect)), makers


def _unnested(compiled: Any, columns: tuple[str, ...], number: str | None = None) -> tuple[Any, _Makers]:
    """Rows made of arrays, and what makes these; with the name of a column that numbers the rows, if it is to be."""
    from sqlalchemy.dialects.postgresql import ARRAY  # noqa: PLC0415  an embedded store does not need it

    types: dict[str, TypeEngine[Any]] = {name: compiled.binds[name].type for name in columns}
    arrays = (bindparam(name, type_=ARRAY(one)) for name, one in types.items())
    named = (column(name, one) for name, one in types.items())
    rows = func.unnest(*arrays).table_valued(*named, with_ordinality=number).render_derived()
    return rows, {name: array_of(one) for name, one in types.items()}


def _of_row(rows: Any, columns: tuple[str, ...]) -> Callable[..., Any]:  # Any: SQLAlchemy's own
    """What puts the columns of rows in the places of values that are bound."""

    def of_row(element: Any, **_: object) -> Any:
        return rows.c[element.key] if isinstance(element, BindParameter) and element.key in columns else None

    return of_row


def _compiled(dialect: Dialect, statement: Executable, columns: tuple[str, ...]) -> Any:  # Any: SQLAlchemy's own
    assert isinstance(statement, ClauseElement)
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(columns))
    assert set(compiled.params) <= set(columns), "a value that stands in the statement would be lost"
    return compiled
