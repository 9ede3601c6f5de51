"""What a store in PostgreSQL does otherwise than an embedded one."""

from __future__ import annotations

import contextlib
import io
import os
import random
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from runjson_schema.points import Points
from runjson_tracker.database import writing
from runjson_tracker.location import Server, find_location
from runjson_tracker.query.table import select_runs
from runjson_tracker.store import SourceChanged, Store, StoreError, StoreMissing
from runjson_uploader.upload import upload
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from tests.postgresql import cluster
from tests.tracker.threads import failures_of

pytestmark = pytest.mark.once


@pytest.fixture
def address(postgresql, tmp_path):
    """Of a database that holds an empty store."""
    server, template = postgresql
    (tmp_path / "blobs").mkdir()
    with server.database(template) as url:
        yield f"{url}&blobs={tmp_path / 'blobs'}"


def one_point(store, run, series, within=None):
    with store.ingest("p", run, "", store.source("p", run, "")) as ingest:
        ingest.append("series", series, Points(np.array([1.0])))
        ingest.commit({"id": run}, "", "document", None, None, {"id": run}, within=within)


# -- addresses ---------------------------------------------------------------------------------------------------------


def test_an_address_is_told_without_its_password():
    place = find_location("postgresql://lab:secret@host:5433/runs?sslmode=require&blobs=/shared/blobs")
    assert isinstance(place, Server)
    assert str(place) == "postgresql://lab:***@host:5433/runs?sslmode=require"
    assert place.blobs == "/shared/blobs"
    assert place.url.password == "secret"


def test_a_folder_of_files_is_remembered_from_the_root_and_an_address_as_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_location("postgresql:///runs?blobs=files").blobs == str(tmp_path / "files")
    assert find_location("postgresql:///runs?blobs=s3://bucket/runs").blobs == "s3://bucket/runs"
    assert find_location("postgresql:///runs").blobs is None


@pytest.mark.parametrize("address", ["postgresql://", "postgresql://host", "postgres://host/", "postgresql:///"])
def test_an_address_without_a_database_is_refused(address):
    with pytest.raises(StoreError, match="names no database: write postgresql://user@host/database"):
        find_location(address)


@pytest.mark.parametrize("address", ["postgresql://u:secret@127.0.0.1:1/x", "postgresql://u:secret@/x?host=/nowhere"])
def test_a_server_that_is_not_there_is_told_in_a_line(address):
    with pytest.raises(StoreError, match=r"cannot be used: connection (failed|is bad).*") as caught:
        Store.open(address)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_new_store_must_be_told_where_its_files_go_and_remembers_it(postgresql, tmp_path):
    server, _ = postgresql
    with server.database() as url:
        with pytest.raises(StoreMissing, match="There is no tracker in postgresql://"):
            Store.open(url, create=False)
        with pytest.raises(StoreError, match=r"must know where its files go: --to 'postgresql://.*blobs=/a/folder"):
            Store.open(url)
        Store.open(f"{url}&blobs={tmp_path / 'files'}").close()
        with Store.open(url) as store:
            assert store.blobs.folder == tmp_path / "files"


def test_processes_that_make_one_store_at_once_make_one(postgresql, tmp_path):
    server, _ = postgresql
    with server.database() as url:
        address = f"{url}&blobs={tmp_path / 'blobs'}"
        program = f"from runjson_tracker.store import Store; input(); Store.open({address!r}).close()"
        crowd = [subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, text=True) for _ in range(4)]
        for one in crowd:
            one.stdin.write("go\n")
            one.stdin.flush()
        for one in crowd:
            one.communicate(timeout=60)
            assert one.returncode == 0
        with Store.open(address) as store, store.engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM places")).scalar() == 1


# -- transactions ------------------------------------------------------------------------------------------------------


def test_what_a_reader_reads_is_of_one_moment(address):
    with Store.open(address) as store:
        one_point(store, "a", "loss")
        with store.engine.connect() as connection:
            before = connection.execute(text("SELECT count(*) FROM runs")).scalar()
            one_point(store, "b", "loss")
            assert connection.execute(text("SELECT count(*) FROM runs")).scalar() == before
        with store.engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM runs")).scalar() == before + 1


def test_a_table_is_planned_for_each_filter_and_what_is_always_alike_only_once(address):
    prepared = set()
    with Store.open(address) as store:
        one_point(store, "a", "loss")
        for number in range(12):
            assert len(select_runs(store.engine, where=f"series.loss.last > -{number + 1}", limit=5).rows) == 1
        with contextlib.ExitStack() as stack:  # one of the connections that were opened has been asked all of this
            for connection in [stack.enter_context(store.engine.connect()) for _ in range(3)]:
                prepared |= set(connection.execute(text("SELECT statement FROM pg_prepared_statements")).scalars())
    assert any("FROM fields" in one for one in prepared)
    assert not any("field_series.last > " in one for one in prepared)


def test_runs_are_written_beside_each_other(address):
    with Store.open(address) as store, store.transaction() as held:
        one_point(store, "a", "loss", within=held)
        one_point(store, "b", "loss")  # with the same project and the same new field, and nobody waits
        assert [run.id for run in store.runs()] == ["b"]


def test_what_the_database_refuses_is_told_and_undoes_that_commit_alone(address):
    def grow(store, run, tracked, count, within=None):
        with store.ingest("p", run, "", tracked) as ingest:
            ingest.append("series", "loss", Points(np.arange(float(count))))
            return ingest.commit({"id": run}, "", "stream", None, None, {"id": run}, within=within)

    with Store.open(address) as store:
        tracked = {run: grow(store, run, None, 100) for run in "abc"}
        with writing(store.engine, "alone").begin() as connection:
            connection.exec_driver_sql(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql"
                " AS $$ BEGIN RAISE 'thirteen is refused'; END $$"
            )
            connection.exec_driver_sql(
                "CREATE TRIGGER refusing BEFORE INSERT ON chunks FOR EACH ROW WHEN (new.count = 13)"
                " EXECUTE FUNCTION refuse()"
            )
        with store.transaction() as connection:
            grow(store, "a", tracked["a"], 1, connection)
            with pytest.raises(StoreError, match=r"cannot be written: thirteen is refused\."):
                grow(store, "b", tracked["b"], 13, connection)
            grow(store, "c", tracked["c"], 2, connection)
        assert {run.id: run.points for run in store.runs()} == {"a": 101, "b": 100, "c": 102}
        assert grow(store, "b", tracked["b"], 3).point_count == 103
        assert store.check().problems == []


def test_connections_that_the_server_ended_are_replaced_before_they_are_used(tmp_path):
    with cluster() as server, server.database() as url, Store.open(f"{url}&blobs={tmp_path / 'blobs'}") as store:
        for end in (server.kill, server.stop):
            kept = [store.engine.connect() for _ in range(3)]
            for connection in kept:
                connection.execute(select(1))
            for connection in kept:
                connection.close()
            end()
            server.start()
            one_point(store, "a", "loss")
        assert store.source("p", "a", "").point_count == 2


def test_batches_of_many_runs_with_the_same_new_names_do_not_wait_for_each_other(address):
    def batch(number):
        with Store.open(address) as store:
            for turn in range(5):
                with store.transaction() as connection:
                    # Each in its own order, all with fields that the others make at the same time.
                    names = [f"n{turn}-{index}" for index in range(6)]
                    random.Random(number + turn).shuffle(names)
                    for name in names:
                        one_point(store, f"r{number}-{turn}-{name}", name, within=connection)

    assert failures_of(batch, 6) == []
    with Store.open(address) as store:
        assert len(store.runs()) == 6 * 5 * 6
        assert store.check().problems == []


def test_freeing_waits_for_those_that_write(address):
    with Store.open(address) as store:
        store.blobs.add(b"needed soon")
        freed = threading.Event()

        def free():
            with Store.open(address) as other:
                other.free(kept=0)
            freed.set()

        with writing(store.engine).begin() as connection:
            connection.execute(select(1))
            thread = threading.Thread(target=free)
            thread.start()
            assert not freed.wait(0.5)
        thread.join(30)
        assert freed.is_set()


def test_whoever_waits_too_long_for_another_one_is_told(address):
    with Store.open(address) as store, Store.open(address) as other:
        other.wait_at_most(0.2)
        with store.transaction() as held:
            one_point(store, "a", "loss", within=held)
            with pytest.raises(StoreError, match="cannot be written: canceling statement due to lock timeout"):
                one_point(other, "a", "loss")


# -- names -------------------------------------------------------------------------------------------------------------


def test_names_longer_than_a_row_of_an_index_are_kept_and_found(address):
    long, other = "x" * 9000, "x" * 9000 + "y"
    record = {"runjson": "1.0", "id": "r", "parameters": {long: 1, other: 2}, "tags": [long]}
    with Store.open(address) as store:
        with store.ingest("p", "r", "", None) as ingest:
            ingest.commit(record, "", "document", None, None, record)
        assert store.run("p", "r").record == record
        assert store.check().problems == []
        from runjson_tracker.query.table import select_runs

        for where, count in (
            (f"parameters.{long} == 1", 1),
            (f"parameters.{other} == 1", 0),
            (f'tags contains "{long}"', 1),
        ):
            assert len(select_runs(store.engine, where=where).rows) == count, where[:30]


# -- kills -------------------------------------------------------------------------------------------------------------


KILLS = 50
RUNS = 3
VALUES = np.random.default_rng(5).normal(size=200_000)
LINES = [
    b'{"series": {"loss": [%b]}}\n' % ", ".join(map(repr, part)).encode() for part in VALUES.reshape(-1, 50).tolist()
]


def stream(run, end):
    """The bytes of a run's file when it has so many lines of points."""
    head = b'{"runjson": "1.0", "id": "r%d", "artifacts": {"model": "model.bin"}}\n' % run
    return head + b"".join(LINES[:end])


def uploads(address, folder, told, go):
    """Upload files that grow again and again: tell `b` when an upload begins and `f` when it failed, and then wait."""
    with Store.open(address) as store:
        for end in range(1, len(LINES) + 1):
            for run in range(RUNS):
                done = False
                while not done:
                    os.write(told, b"b")
                    try:
                        upload(io.BytesIO(stream(run, end)), "run.jsonl", folder, store)
                        done = True
                    except (StoreError, DatabaseError):
                        os.write(told, b"f")
                        if os.read(go, 1) != b"g":
                            return


def test_a_server_that_is_killed_fifty_times_inside_uploads_loses_and_doubles_nothing(tmp_path):
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    (tmp_path / "model.bin").write_bytes(b"m" * 100_000)
    (news, told), (go, gone) = os.pipe(), os.pipe()
    # As users have it: what is committed is on the disk.
    with cluster(settings=()) as server, server.database() as url:
        address = f"{url}&blobs={tmp_path / 'blobs'}"
        Store.open(address).close()
        child = os.fork()
        if child == 0:
            try:
                os.close(gone)
                uploads(address, tmp_path, told, go)
                os._exit(0)
            finally:
                os._exit(4)
        os.close(told)
        tracked = [0] * RUNS
        states = set()
        with Store.open(address, create=False) as store:
            for _ in range(KILLS):
                # The moment is somewhere in an upload, after some others: the first is the one that was hit last.
                begun = 0.0
                for _ in range(rng.randrange(2, 7)):
                    last, begun = begun, time.monotonic()
                    assert os.read(news, 1) == b"b"
                time.sleep(rng.uniform(0.0, begun - last))
                server.kill()
                while os.read(news, 1) != b"f":
                    pass
                server.start()
                for run in range(RUNS):
                    source = store.source("default", f"r{run}", "")
                    found = np.empty(0) if source is None else source.points("series", "loss").values
                    np.testing.assert_array_equal(found, VALUES[: len(found)])
                    assert len(found) % 50 == 0
                    assert len(found) >= tracked[run]
                    tracked[run] = len(found)
                states.add(tuple(tracked))
                os.write(gone, b"g")
            os.close(gone)
            os.kill(child, signal.SIGKILL)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
            assert len(states) > KILLS // 3
            end = max(tracked) // 50 + 1
            for run in range(RUNS):
                upload(io.BytesIO(stream(run, end)), "run.jsonl", tmp_path, store)
                source = store.source("default", f"r{run}", "")
                np.testing.assert_array_equal(source.points("series", "loss").values, VALUES[: end * 50])
                assert [one.name for one in source.files] == ["model"]
            assert [one.points for one in store.runs()] == [end * 50] * RUNS
            assert store.check().problems == []
    os.close(news)
    os.close(go)


# -- what was found by looking for it ----------------------------------------------------------------------------------


def test_a_commit_is_of_its_own_run_though_numbers_were_given_anew(place):
    with Store.open(place) as store:
        one_point(store, "a", "loss")
        one_point(store, "b", "loss")
        held = store.source("p", "a", "")
        held.id = store.source("p", "b", "").id  # as in a database that was made anew meanwhile
        with store.ingest("p", "a", "", held) as ingest:
            ingest.append("series", "loss", Points(np.array([5.0])))
            with pytest.raises(SourceChanged):
                ingest.commit({"id": "a"}, "", "document", None, None, {"id": "a"})
        assert store.records("p", "b") == {"": {"id": "b"}}
        assert store.check().problems == []


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql:///runs?user=lab&password=secret", "postgresql:///runs?password=***&user=lab"),
        ("postgresql://u@h/runs?sslpassword=secret", "postgresql://u@h/runs?sslpassword=***"),
    ],
)
def test_a_password_in_the_query_is_not_told(address, shown):
    place = find_location(address)
    assert str(place) == shown
    assert "secret" not in repr(place) + str(place) + place.storing("/x")


@pytest.mark.parametrize("blobs", ["gcs://bucket/x", "file:///shared"])
def test_files_at_a_place_of_an_unknown_kind_are_refused(blobs):
    with pytest.raises(StoreError, match="Files are kept in a folder, or at one of s3://"):
        find_location(f"postgresql:///runs?blobs={blobs}")


def test_a_folder_of_files_that_is_not_mounted_is_told(address, tmp_path):
    (tmp_path / "blobs").rmdir()
    with pytest.raises(StoreError, match="is not there: is it mounted"):
        Store.open(address)


def test_a_database_with_tables_of_others_is_left_alone(postgresql, tmp_path):
    server, _ = postgresql
    with server.database() as url:
        import psycopg

        place = find_location(url)
        with psycopg.connect(f"host={server.folder} user=runjson dbname={place.url.database}") as connection:
            connection.execute("CREATE TABLE projects (title text)")
        with pytest.raises(StoreError, match='"projects" already exists'):
            Store.open(f"{url}&blobs={tmp_path / 'blobs'}")
        with psycopg.connect(f"host={server.folder} user=runjson dbname={place.url.database}") as connection:
            [count] = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
            assert count == 1


def test_children_that_were_forked_have_connections_of_their_own(address):
    with Store.open(address) as store:
        one_point(store, "a", "loss")
        children = []
        for _ in range(3):
            child = os.fork()
            if child == 0:
                try:
                    good = all(store.source("p", "a", "").point_count == 1 for _ in range(30))
                    os._exit(0 if good else 1)
                finally:
                    os._exit(2)
            children.append(child)
        for _ in range(30):
            assert store.source("p", "a", "").point_count == 1
        assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0, 0]


def test_those_who_write_do_not_wait_behind_one_who_waits_to_free(address):
    with Store.open(address) as store, Store.open(address) as other:
        other.wait_at_most(0.5)
        with writing(store.engine).begin() as held:
            held.execute(select(1))
            thread = threading.Thread(target=store.free, kwargs={"kept": 0})
            thread.start()
            time.sleep(0.3)
            one_point(other, "b", "loss")
        thread.join(30)
        assert not thread.is_alive()
