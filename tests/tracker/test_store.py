"""A source is written whole and read back as it was."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from runjson_schema.points import Points
from runjson_tracker.chunks import CHUNK_POINTS
from runjson_tracker.database import SCHEMA_VERSION
from runjson_tracker.location import find_location, network_file_system
from runjson_tracker.store import RunMissing, SourceChanged, Store, StoreError, StoreMissing

RECORD = {"runjson": "1.0", "id": "r"}


def equal(one, other):
    for name in ("values", "steps", "times"):
        left, right = getattr(one, name), getattr(other, name)
        if len(one) == 0:
            assert len(other) == 0
        elif left is None or right is None or isinstance(left, list):
            assert left == right
        else:
            assert left.tobytes() == right.tobytes()


def numbers(count, seed=0):
    rng = np.random.default_rng(seed)
    return Points(rng.normal(size=count), np.arange(count) * 10.0, 1.795e9 + np.arange(count) * 0.01)


def test_a_source_that_is_not_tracked_is_none(store):
    assert store.source("p", "r", "") is None
    assert store.records("p", "r") == {}


def test_points_come_back_over_chunk_borders(store, track):
    points = numbers(2 * CHUNK_POINTS + 100)
    tracked = track(loss=points)
    equal(tracked.points("series", "loss"), points)
    for start, stop in [
        (0, 1),
        (CHUNK_POINTS - 1, CHUNK_POINTS + 1),
        (CHUNK_POINTS, CHUNK_POINTS),
        (8191, 9999),
        (9000, None),
    ]:
        equal(tracked.points("series", "loss", start, stop), points[start:stop])
    assert tracked.counts == {("series", "loss"): len(points)}


def test_a_source_grows_by_many_small_parts(store, track):
    points = numbers(30)
    for start in range(0, 30, 3):
        tracked = track(loss=points[start : start + 3])
    equal(tracked.points("series", "loss"), points)
    assert tracked.version == 10
    assert store.run("p", "r").series()[0].steps == (0.0, 290.0)


def test_appended_arrays_may_change_afterwards(store):
    values = np.array([1.0, 2.0])
    with store.ingest("p", "r", "", None) as ingest:
        ingest.append("series", "loss", Points(values))
        values[:] = 9.0
        ingest.append("series", "loss", Points(values))
        ingest.commit(RECORD, "0" * 64, "document", None, None, RECORD)
    assert store.run("p", "r").points("series", "loss").values.tolist() == [1, 2, 9, 9]


def test_odd_numbers_survive_in_points_and_summaries(store, track):
    odd = [math.nan, math.inf, -math.inf, 5e-324, 1.7976931348623157e308, 2.0**64]
    tracked = track(
        loss=Points(np.array(odd), np.array([0.0, 2.0**64, -1.5, math.nan, 7.0, 7.0])), gone=[1.0, math.nan]
    )
    np.testing.assert_array_equal(tracked.points("series", "loss").values, odd)
    rows = {row.name: row for row in store.run("p", "r").series()}
    assert rows["loss"].steps == (-1.5, 2.0**64)
    assert rows["loss"].summary.nonfinite == 3
    assert (rows["loss"].last, rows["loss"].max) == (2.0**64, 1.7976931348623157e308)
    assert math.isnan(rows["gone"].last)
    track(run="up", loss=[math.inf])
    (up,) = store.run("p", "up").series()
    assert (up.last, up.min, up.max) == (math.inf, None, None)


def test_texts_files_and_histograms_survive(store):
    given = {
        ("text", "log"): Points(["a\0b", "", "\U0001f600" * 50], np.array([1.0, math.nan, 2.0**64])),
        ("images", "plot"): Points([{"path": "a.png"}, {"uri": "s3://x", "metadata": {"n": {"$int": "9" * 30}}}]),
        ("histograms", "w"): Points([{"edges": ["-Infinity", 0, 1], "counts": [1, "NaN"]}]),
    }
    with store.ingest("p", "r", "", None) as ingest:
        for (kind, name), points in given.items():
            ingest.append(kind, name, points)
        ingest.commit(RECORD, "0" * 64, "document", None, None, RECORD)
    tracked = store.source("p", "r", "")
    for (kind, name), points in given.items():
        found = tracked.points(kind, name)
        assert found.values == points.values
        np.testing.assert_equal(found.steps, points.steps)


def test_large_texts_are_cut_into_chunks_by_their_bytes(store):
    texts = [f"{index}" * 300_000 for index in range(10)]
    with store.ingest("p", "r", "", None) as ingest:
        ingest.append("text", "log", Points(texts))
        assert len(ingest._pending._chunks) >= 2
        ingest.commit(RECORD, "0" * 64, "document", None, None, RECORD)
    assert store.run("p", "r").points("text", "log").values == texts


def test_what_a_record_says_survives(store, track):
    record = RECORD | {
        "name": "nul \0 and \U0001f600",
        "tags": ["b\0", "a"],
        "parameters": {"": "x" * 1_000_000, "big": 10**500, "n": {"$float": "NaN"}, "__proto__": {"a\0": None}},
        "started_at": "2026-11-21T03:13:60+01:00",
    }
    assert track(record=record, loss=[1.0]).record == record
    assert store.run("p", "r").record == record
    (row,) = store.runs()
    assert row.name == "nul \ufffd and \U0001f600"
    assert row.tags == ("b\0", "a")
    assert row.started == 1795227240.0


def test_long_and_odd_names_survive_in_the_order_of_code_points(store, track):
    names = ["\ufb33" * 341, "\U0001f600" * 256, "a/b", "MAP@k", "e\u0301", "é", "__proto__", "Z", "a"]
    track(project="p/é", **dict.fromkeys(names, [1.0]))
    assert [row.name for row in store.run("p/é", "r").series()] == sorted(names)
    assert set(store.run("p/é", "r").arrays()) == {("", name) for name in names}


def test_nothing_is_visible_before_the_commit(store, track):
    with store.ingest("p", "r", "", None) as ingest:
        ingest.append("series", "loss", numbers(CHUNK_POINTS))
        assert store.source("p", "r", "") is None
    assert store.runs() == []


def test_a_source_without_points_is_tracked(store, track):
    assert track().counts == {}
    assert store.runs()[0].points == 0


def test_a_replaced_source_keeps_nothing(store, track):
    tracked = track(loss=numbers(5000), old=[1.0])
    with store.ingest("p", "r", "", tracked) as ingest:
        ingest.add_file("artifacts", "model", None, "m", None, b"old")
        ingest.append("series", "old", numbers(3))
        ingest.replace_all()
        ingest.append("series", "loss", numbers(7, seed=1))
        ingest.commit(RECORD, "1" * 64, "stream", 9, "2" * 64, RECORD)
    found = store.source("p", "r", "")
    equal(found.points("series", "loss"), numbers(7, seed=1))
    assert (found.counts, found.files, found.point_count) == ({("series", "loss"): 7}, [], 7)
    assert (found.digest, found.kind, found.read_bytes, found.read_digest) == ("1" * 64, "stream", 9, "2" * 64)
    with pytest.raises(SourceChanged):
        tracked.points("series", "loss")
    assert len(tracked.points("series", "none")) == 0


def test_the_second_of_two_changes_of_one_state_is_refused(store, track):
    for tracked in (None, track(run="known", loss=[1.0])):
        run = "new" if tracked is None else "known"
        with store.ingest("p", run, "", tracked) as one, store.ingest("p", run, "", tracked) as other:
            one.append("series", "loss", numbers(2))
            other.append("series", "loss", numbers(3))
            one.commit(RECORD, "1" * 64, "document", None, None, RECORD)
            with pytest.raises(SourceChanged, match=f"p/{run}"):
                other.commit(RECORD, "2" * 64, "document", None, None, RECORD)
        assert store.source("p", run, "").digest == "1" * 64


def test_a_run_is_merged_inside_the_transaction(store, track):
    track(writer="a", record={"id": "r", "status": "failed"})
    seen = []

    def merge(records):
        seen.append(records)
        return {"id": "r", "status": records["a"]["status"]}

    with store.ingest("p", "r", "b", None) as ingest:
        ingest.commit({"id": "r", "status": "running"}, "0" * 64, "document", None, None, merge)
    assert seen == [{"a": {"id": "r", "status": "failed"}, "b": {"id": "r", "status": "running"}}]
    assert store.run("p", "r").record["status"] == store.runs()[0].status == "failed"

    def refuse(_):
        raise ZeroDivisionError

    with store.ingest("p", "r", "c", None) as ingest, pytest.raises(ZeroDivisionError):
        ingest.commit({"id": "r"}, "0" * 64, "document", None, None, refuse)
    assert list(store.records("p", "r")) == ["a", "b"]


def test_the_points_of_several_writers_stay_apart(store, track):
    for writer, value in (("z", 3.0), ("", 1.0), ("a", 2.0)):
        track(writer=writer, loss=[value])
    view = store.run("p", "r")
    assert [(row.writer, row.last) for row in view.series()] == [("", 1.0), ("a", 2.0), ("z", 3.0)]
    assert view.points("series", "loss", "a").values.tolist() == [2.0]
    assert view.points("series", "loss", "").values.tolist() == [1.0]
    assert {key: points.values.tolist() for key, points in view.arrays(["loss", "none"]).items()} == {
        ("", "loss"): [1.0],
        ("a", "loss"): [2.0],
        ("z", "loss"): [3.0],
    }
    with pytest.raises(RunMissing, match=r"several writers \(\(none\), a, z\)"):
        view.points("series", "loss")
    with pytest.raises(RunMissing, match='no series "none"'):
        view.points("series", "none")


def test_many_series_are_read_with_steps_and_times_or_without(store, track):
    given = {f"s{index}": numbers(index + 1, seed=index) for index in range(700)}
    track(**given)
    view = store.run("p", "r")
    for (_, name), points in view.arrays().items():
        equal(points, given[name])
    values = view.arrays(["s5"], only_values=True)["", "s5"]
    assert (values.steps, values.times) == (None, None)


def test_a_view_keeps_to_what_it_saw_while_the_run_grows(store, track):
    track(loss=numbers(10))
    view = store.run("p", "r")
    track(loss=numbers(5))
    equal(view.points("series", "loss"), numbers(10))
    equal(view.arrays()["", "loss"], numbers(10))


def test_runs_are_found_by_id_by_project_and_by_beginning(store, track):
    for project, run in (("p", "mlp-1"), ("p", "mlp-10"), ("p", "cnn"), ("a/b", "cnn"), ("p", "CNN-2")):
        track(project=project, run=run)

    def found(text):
        return [(row.project, row.id) for row in store.find(text)]

    assert found("mlp-1") == [("p", "mlp-1")]
    assert found("mlp") == [("p", "mlp-10"), ("p", "mlp-1")]
    assert found("cnn") == [("a/b", "cnn"), ("p", "cnn")]
    assert found("a/b/cnn") == found("a/b/c") == [("a/b", "cnn")]
    assert found("%") == found("_lp-1") == found("a/cnn") == []
    assert [(one.name, one.runs) for one in store.projects()] == [("a/b", 1), ("p", 4)]
    with pytest.raises(RunMissing, match="runjson runs"):
        store.run("p", "none")


def test_a_table_of_runs_holds_last_values(store, track):
    track(run="a", loss=[1.0, math.nan], acc=[0.5])
    track(run="b", loss=[2.0])
    rows = {row.id: row for row in store.runs("p", last=["loss", "acc"])}
    assert rows["b"].last == {"loss": 2.0}
    assert rows["a"].last["acc"] == 0.5
    assert math.isnan(rows["a"].last["loss"])
    assert (rows["a"].series, rows["a"].points, rows["a"].sources) == (2, 3, 1)
    assert store.runs("other") == []


def test_memory_is_bounded_where_names_are_many(store, monkeypatch):
    monkeypatch.setattr("runjson_tracker.pending._WAITING_POINTS", 10)
    with store.ingest("p", "r", "", None) as ingest:
        for _ in range(3):
            for name in "abcd":
                ingest.append("series", name, numbers(2))
        assert ingest._pending._waiting_points < 10
        ingest.commit(RECORD, "0" * 64, "document", None, None, RECORD)
    assert set(store.source("p", "r", "").counts.values()) == {6}


def test_many_threads_use_one_store(store, track):
    def one(index):
        with store.ingest("p", f"r{index}", "", None) as ingest:
            ingest.append("series", "loss", numbers(100, seed=index))
            ingest.commit(RECORD, "0" * 64, "document", None, None, RECORD)
        equal(store.run("p", f"r{index}").points("series", "loss"), numbers(100, seed=index))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(40)))
    assert len(store.runs()) == 40


# -- files ---------------------------------------------------------------------------------------------------------------


def test_files_are_stored_once_by_their_digest(store, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"x" * 3_000_000)
    with store.ingest("p", "r", "", None) as ingest:
        sha256, size = ingest.add_file("images", "plot", 0, "a.png", "image/png", path)
        assert ingest.add_file("images", "plot", 1, "b.png", None, path.read_bytes()) == (sha256, size)
        ingest.add_file("artifacts", "model", None, "m.bin", "a\0b", b"")
        ingest.commit(RECORD, "0" * 64, "document", None, None, RECORD)
    first, *rest = store.source("p", "r", "").files
    assert (first.kind, first.name, first.index, first.bytes) == ("artifacts", "model", None, 0)
    assert [(one.index, one.path, one.sha256, one.bytes) for one in rest] == [
        (0, "a.png", sha256, 3_000_000),
        (1, "b.png", sha256, 3_000_000),
    ]
    assert store.blobs.path(sha256).read_bytes() == path.read_bytes()
    assert sha256 in store.blobs
    assert len([one for one in store.blobs.folder.rglob("*") if one.is_file()]) == 2


def test_images_are_added_and_artifacts_replaced(store):
    for content in (b"one", b"two"):
        tracked = store.source("p", "r", "")
        with store.ingest("p", "r", "", tracked) as ingest:
            ingest.add_file("images", "plot", 0 if tracked is None else 1, "a.png", None, content)
            ingest.add_file("artifacts", "model", None, "m", None, content)
            ingest.commit(RECORD, "0" * 64, "document", None, None, RECORD)
    files = store.source("p", "r", "").files
    assert [(one.kind, one.index) for one in files] == [("artifacts", None), ("images", 0), ("images", 1)]
    assert store.blobs.path(files[0].sha256).read_bytes() == b"two"


def test_a_file_that_is_missing_leaves_nothing(store, tmp_path):
    with store.ingest("p", "r", "", None) as ingest, pytest.raises(FileNotFoundError):
        ingest.add_file("artifacts", "model", None, "m", None, tmp_path / "none")
    assert [one for one in store.blobs.folder.rglob("*") if one.is_file()] == []


def test_half_written_blobs_are_swept_once_they_are_old(tmp_path):
    incoming = tmp_path / "blobs" / "incoming"
    incoming.mkdir(parents=True)
    for name in ("old", "young"):
        (incoming / name).write_bytes(b"x")
    os.utime(incoming / "old", (0, 0))
    Store.open(tmp_path).close()
    assert [one.name for one in incoming.iterdir()] == ["young"]


# -- where and how it is opened ------------------------------------------------------------------------------------------


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
    monkeypatch.setattr("runjson_tracker.database.network_file_system", lambda _: "nfs4")
    with Store.open(tmp_path) as opened:
        assert journal(opened) == "delete"
        assert "nfs4" in opened.notice


@pytest.mark.parametrize(("folder", "found"), [("/net/home/a b/x", "nfs4"), ("/net/home", None), ("/", None)])
def test_a_network_file_system_is_known_by_its_mount(folder, found, monkeypatch, tmp_path):
    mounts = "/dev/sda / ext4 rw 0 0\nserver:/x /net/home/a\\040b nfs4 rw 0 0\nodd\n"
    monkeypatch.setattr("pathlib.Path.read_text", lambda *_, **__: mounts)
    monkeypatch.setattr("pathlib.Path.resolve", lambda self: self)
    from pathlib import Path

    assert network_file_system(Path(folder)) == found


def test_the_version_of_the_tables_is_stored(store):
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == SCHEMA_VERSION
