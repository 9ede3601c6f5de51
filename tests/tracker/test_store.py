"""A source is written whole and read back as it was."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from runjson_schema.points import Points
from runjson_tracker.chunks import CHUNK_POINTS
from runjson_tracker.store import SourceChanged

from tests.tracker.points import RECORD, equal, numbers


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
        assert len(ingest._change.pending._chunks) >= 2
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
    track(project="p/é", **{name: [1.0] for name in names})
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


def test_memory_is_bounded_where_names_are_many(store, monkeypatch):
    monkeypatch.setattr("runjson_tracker.pending._WAITING_POINTS", 10)
    with store.ingest("p", "r", "", None) as ingest:
        for _ in range(3):
            for name in "abcd":
                ingest.append("series", name, numbers(2))
        assert ingest._change.pending._waiting_points < 10
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
