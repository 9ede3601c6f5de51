"""Where a store is, and how it is opened."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from runjson_tracker.database import SCHEMA_VERSION
from runjson_tracker.location import find_location
from runjson_tracker.posix import network_file_system
from runjson_tracker.store import Store, StoreError, StoreMissing


def test_the_location_is_the_argument_then_the_variable_then_the_data_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("RUNJSON_TRACKER", raising=False)
    monkeypatch.setenv("HOME", "/home/a")
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert str(find_location()) == "/home/a/.local/share/runjson"
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert str(find_location()) == "/data/runjson"
    monkeypatch.setenv("RUNJSON_TRACKER", "~/t")
    assert str(find_location()) == "/home/a/t"
    assert find_location(tmp_path / "tracker.sqlite") == tmp_path


def test_a_store_is_not_made_where_none_is_wanted(tmp_path):
    with pytest.raises(StoreMissing, match="runjson upload"):
        Store.open(tmp_path / "none", create=False)
    assert not (tmp_path / "none").exists()


def test_a_file_that_is_no_database_is_told(tmp_path):
    (tmp_path / "tracker.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match="cannot be used"):
        Store.open(tmp_path)
    with pytest.raises(StoreError, match="cannot be used"):
        Store.open(tmp_path / "tracker.sqlite" / "x")


def test_a_new_store_does_not_import_alembic(tmp_path):
    script = f"""
import sys
from runjson_tracker.store import Store
for _ in range(2):
    Store.open({str(tmp_path)!r}).close()
sys.exit("alembic" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_the_journal_is_one_that_the_file_system_allows(tmp_path, monkeypatch):
    def journal(opened):
        with opened._engine.connect() as connection:
            return connection.exec_driver_sql("PRAGMA journal_mode").scalar()

    with Store.open(tmp_path) as opened:
        assert (journal(opened), opened.notice) == ("wal", None)
    monkeypatch.setattr("runjson_tracker.sqlite.network_file_system", lambda _: "nfs4")
    with Store.open(tmp_path) as opened:
        assert journal(opened) == "delete"
        assert "nfs4" in opened.notice


@pytest.mark.parametrize(("folder", "found"), [("/net/home/a b/x", "nfs4"), ("/net/home", None), ("/", None)])
def test_a_network_file_system_is_known_by_its_mount(folder, found, monkeypatch, tmp_path):
    mounts = "/dev/sda / ext4 rw 0 0\nserver:/x /net/home/a\\040b nfs4 rw 0 0\nodd\n"
    monkeypatch.setattr("pathlib.Path.read_text", lambda *_, **__: mounts)
    monkeypatch.setattr("pathlib.Path.resolve", lambda self: self)
    assert network_file_system(Path(folder)) == found


def test_the_version_of_the_tables_is_stored(store):
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == SCHEMA_VERSION


def test_a_system_without_links_and_without_folders_to_open_makes_a_store_all_the_same(tmp_path, monkeypatch):
    def not_here(*_):
        raise PermissionError(1, "not on this system")

    monkeypatch.setattr("os.link", not_here)
    monkeypatch.setattr("runjson_tracker.posix.os.open", not_here)
    with Store.open(tmp_path / "store") as store:
        sha256, size = store.blobs.add(b"bytes")
        assert size == 5
        assert store.blobs.path(sha256).read_bytes() == b"bytes"
    assert [path.name for path in (tmp_path / "store").glob("tracker.sqlite*")] == ["tracker.sqlite"]


def test_a_connection_that_is_given_back_after_its_store_was_closed_is_closed_too(place):
    store = Store.open(place)
    late = store.engine.connect()
    driver = late.connection.driver_connection
    store.close()
    assert late.exec_driver_sql("SELECT 1").scalar() == 1
    late.close()
    if isinstance(place, Path):
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            driver.total_changes  # noqa: B018  it asks the connection
    else:
        assert driver.closed
