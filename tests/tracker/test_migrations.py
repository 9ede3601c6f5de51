from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from runjson_tracker import migrations
from runjson_tracker.database import SCHEMA_VERSION, writing
from runjson_tracker.migrations import migrate
from runjson_tracker.store import Store, StoreError
from runjson_tracker.tables import metadata
from sqlalchemy import MetaData, create_engine, inspect, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from tests.tracker.points import RECORD, numbers


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


# -- stores of older versions ------------------------------------------------------------------------------------------


def make_older(engine, version, rows):
    """Tables of an older version, by its migrations, with these rows in them."""
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with writing(engine, "alone").begin() as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, version)
        found = MetaData()
        found.reflect(connection)
        for table in found.sorted_tables:
            if table.name in rows and table.name != "alembic_version":
                kept = [{column.name: row[column.name] for column in table.columns} for row in rows[table.name]]
                if kept:
                    connection.execute(table.insert(), kept)


def told(store):
    """All that a store says of its runs."""
    found = {}
    for row in store.runs():
        view = store.run(row.project, row.id)
        source = store.source(row.project, row.id, "")
        found[row.project, row.id] = (
            row, view.record, [(one.name, one.summary) for one in view.series()],
            source.points("series", "loss").values.tolist(),
        )  # fmt: skip
    return found


def test_a_store_of_the_first_release_keeps_its_data_and_gets_the_tables_of_access(place, tmp_path):
    with Store.open(tmp_path / "filled") as store:
        for project, run in (("p", "a"), ("p", "b"), ("q/r", "c")):
            with store.ingest(project, run, "", None) as ingest:
                ingest.append("series", "loss", numbers(5000))
                ingest.add_file("artifacts", "model", None, "model", None, run.encode())
                ingest.commit(RECORD | {"id": run}, "", "stream", 17, "ab", RECORD | {"id": run})
        before = told(store)
        with store.engine.connect() as connection:
            rows = {
                name: connection.execute(text(f'SELECT * FROM "{name}"')).mappings().all()
                for name in inspect(connection).get_table_names()
            }
        blobs = store.blobs.folder
    if isinstance(place, Path):
        place.mkdir()
        blobs.rename(place / blobs.name)
        engine = create_engine(f"sqlite:///{place / 'tracker.sqlite'}")
    else:
        from runjson_tracker.location import find_location

        server = find_location(place)
        blobs.replace(tmp_path / "blobs")
        engine = create_engine(server.url.set(drivername="postgresql+psycopg"))
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
            connection.execute(text("CREATE TABLE places (blobs text NOT NULL)"))
            connection.execute(text("INSERT INTO places VALUES (:blobs)"), {"blobs": str(tmp_path / "blobs")})
    rows.pop("places", None)
    make_older(engine, "0002", {name: [dict(row) for row in found] for name, found in rows.items()})
    with engine.begin() as connection:
        assert "people" not in inspect(connection).get_table_names()
        if engine.dialect.name == "postgresql":  # rows were given with their numbers
            for table in ("projects", "runs", "sources", "fields"):
                connection.execute(text(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))"))
    engine.dispose()
    with Store.open(place) as store:
        assert told(store) == before
        assert store.check().problems == []
        with store.engine.connect() as connection:
            assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == SCHEMA_VERSION
            assert compare_metadata(MigrationContext.configure(connection), with_places(store)) == []
        # Nobody but their members reads what was there, and new ones are made as ever.
        assert [(one.name, one.public, one.members) for one in store.access.projects()] == [
            ("p", False, 0), ("q/r", False, 0),
        ]  # fmt: skip
        anna = store.access.add_person("anna")
        assert not store.access.make_project("p", owner=anna)
        assert store.access.make_project("new", owner=anna, public=True)
        with store.ingest("p", "later", "", None) as ingest:
            ingest.commit({"id": "later"}, "", "document", None, None, {"id": "later"})
        assert len(store.runs("p")) == 3


def with_places(store):
    """The tables of the code, and PostgreSQL's own one."""
    tables = MetaData()
    for table in metadata.sorted_tables:
        table.to_metadata(tables)
    if store.engine.dialect.name == "postgresql":
        from runjson_tracker.postgresql import _places

        _places.to_metadata(tables)
    return tables
