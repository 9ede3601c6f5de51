from __future__ import annotations

import sqlite3

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from runjson_tracker.migrations import migrate
from runjson_tracker.store import Store, StoreError
from runjson_tracker.tables import metadata
from sqlalchemy import create_engine
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable


def layout(path):
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").fetchall()
    connection.close()
    return [tuple(str(field).split() for field in row) for row in rows]


def test_migrating_from_nothing_makes_the_tables_of_a_new_store(tmp_path):
    Store.open(tmp_path / "new").close()
    migrated = tmp_path / "migrated" / "tracker.sqlite"
    migrated.parent.mkdir()
    migrated.touch()
    Store.open(migrated).close()
    assert layout(migrated) == layout(tmp_path / "new" / "tracker.sqlite")


def test_the_migrations_lead_to_the_tables_of_the_code():
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        migrate(connection, None)
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_tables_of_a_newer_version_are_refused(tmp_path):
    Store.open(tmp_path).close()
    with sqlite3.connect(tmp_path / "tracker.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreError, match="newer RunJSON"):
        Store.open(tmp_path)


def test_the_tables_are_fit_for_postgresql():
    texts = {
        table.name: str(CreateTable(table).compile(dialect=postgresql.dialect())) for table in metadata.sorted_tables
    }
    assert not any("ROWID" in text for text in texts.values())
    assert 'name TEXT COLLATE "C" NOT NULL' in texts["series"]
    assert "id BIGSERIAL NOT NULL" in texts["runs"]
    assert "run BIGINT NOT NULL" in texts["sources"]
