"""Statements that go to the driver as they are: rows come back as they went, and errors are told as others are."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from runjson_tracker.database import put, writing
from runjson_tracker.direct import execute, execute_rows, first, first_of_each, without_waiting
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

ODD = Table(
    "odd",
    MetaData(),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Double),
    Column("whole", BigInteger),
    Column("truth", Boolean),
    Column("text", String(64)),
    Column("bytes", LargeBinary),
)
OTHER = Table("other", ODD.metadata, Column("id", BigInteger, primary_key=True), Column("name", String(64)))
values = st.fixed_dictionaries(
    {
        # SQLite keeps NaN as NULL, and so nothing that is stored is NaN.
        "number": st.none() | st.floats(allow_nan=False),
        "whole": st.none() | st.integers(-(2**63), 2**63 - 1),
        "truth": st.none() | st.booleans(),
        "text": st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40),
        "bytes": st.none() | st.binary(max_size=40),
    }
)
rows = st.lists(values, max_size=20).map(lambda found: [{"id": at, **row} for at, row in enumerate(found)])
ONE = select(ODD).where(ODD.c.id == bindparam("of_id"))


@pytest.fixture
def tables(store):
    with writing(store.engine).begin() as connection:
        ODD.metadata.create_all(connection)
    return store.engine


def stored(connection):
    return [dict(row) for row in connection.execute(select(ODD).order_by(ODD.c.id)).mappings()]


# The tables are emptied for each example.
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows, later=rows)
def test_rows_of_all_types_come_back_as_they_went(rows, later, tables):
    with writing(tables).begin() as connection:
        connection.execute(delete(ODD))
        execute_rows(connection, insert(ODD).inline(), rows)
        assert stored(connection) == rows
        execute_rows(connection, put(ODD), later)
        assert stored(connection) == later + rows[len(later) :]
        for row in later[:3]:
            assert first(connection, ONE, {"of_id": row["id"]})._asdict() == row


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows, asked=st.lists(st.integers(0, 20), min_size=1, max_size=12))
def test_what_is_asked_for_many_rows_is_what_is_asked_for_each(rows, asked, tables):
    wanted = [{"of_id": one} for one in asked]
    with writing(tables).begin() as connection:
        connection.execute(delete(ODD))
        execute_rows(connection, insert(ODD).inline(), rows)
        found = first_of_each(connection, ONE, wanted)
        assert found == [first(connection, ONE, one) for one in wanted]
        assert [one and one._asdict() for one in found] == [rows[at] if at < len(rows) else None for at in asked]


def test_many_rows_are_changed_by_what_is_bound_and_what_stands_in_the_columns(tables):
    grow = update(ODD).where(ODD.c.id == bindparam("of_id")).values(whole=ODD.c.whole + bindparam("more"))
    none = {"number": None, "truth": None, "bytes": None}
    for count in (1, 5):
        with writing(tables).begin() as connection:
            connection.execute(delete(ODD))
            some = [{"id": at, "whole": at, "text": "old"} | none for at in range(6)]
            execute_rows(connection, insert(ODD).inline(), some)
            changes = [{"of_id": at, "more": 10, "text": f"new {at}", "number": at / 2} for at in range(count)]
            execute_rows(connection, grow, changes)
            told = [(row["whole"], row["text"], row["number"]) for row in stored(connection)]
            new = [(at + 10, f"new {at}", at / 2) for at in range(count)]
            assert told == new + [(at, "old", None) for at in range(count, 6)]


def test_many_rows_are_looked_up_and_deleted_by_their_values(tables):
    by_name = put(ODD).from_select(
        ["id", "number"],
        select(OTHER.c.id, bindparam("of_number", type_=Double)).where(OTHER.c.name == bindparam("of_name")),
    )
    with writing(tables).begin() as connection:
        execute_rows(connection, insert(OTHER).inline(), [{"id": at, "name": f"n{at}"} for at in range(6)])
        execute_rows(connection, by_name, [{"of_number": at / 2, "of_name": f"n{at}"} for at in range(9)])
        assert [(row["id"], row["number"]) for row in stored(connection)] == [(at, at / 2) for at in range(6)]
        below = delete(ODD).where(ODD.c.id == bindparam("of_id"), ODD.c.number >= bindparam("of_least"))
        execute_rows(connection, below, [{"of_id": at, "of_least": 1.0} for at in range(5)])
        assert [row["id"] for row in stored(connection)] == [0, 1, 5]


def test_statements_that_are_not_waited_for_are_done_in_their_order(tables):
    row = {"id": 1, "number": 1.0, "whole": 1, "truth": False, "text": "one", "bytes": b"1"}
    change = update(ODD).where(ODD.c.id == bindparam("of_id"))
    with writing(tables).begin() as connection:
        with without_waiting(connection):
            execute(connection, insert(ODD).inline(), row)
            assert first(connection, ONE, {"of_id": 1}).text == "one"
            with without_waiting(connection):
                execute(connection, change, {"of_id": 1, "text": "two"})
            assert first(connection, ONE, {"of_id": 1}).text == "two"
            assert first(connection, ONE, {"of_id": 2}) is None
        with without_waiting(connection) as ahead:
            execute(connection, change, {"of_id": 1, "text": "three"})
            ahead.close()
            assert [one["text"] for one in stored(connection)] == ["three"]


@pytest.mark.parametrize("ahead", [False, True])
def test_what_fails_is_told_as_sqlalchemy_tells_it(ahead, tables):
    row = {"id": 1, "number": None, "whole": None, "truth": None, "text": None, "bytes": None}

    def twice(connection):
        execute_rows(connection, insert(ODD).inline(), [row])
        execute(connection, insert(ODD).inline(), row)

    with pytest.raises(DBAPIError), writing(tables).begin() as connection:
        if not ahead:
            twice(connection)
        with without_waiting(connection):
            twice(connection)
    with tables.connect() as connection:
        assert stored(connection) == []


def test_a_value_that_the_statement_would_hide_is_refused(tables):
    hidden = select(ODD).where(ODD.c.text == "literal", ODD.c.id == bindparam("of_id"))
    with tables.connect() as connection, pytest.raises(AssertionError, match="would be lost"):
        first(connection, hidden, {"of_id": 1})
