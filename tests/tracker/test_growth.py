"""A series that grows by small parts keeps few chunks, all of its points, and the summary that it would have had."""

from __future__ import annotations

import itertools
import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from runjson_schema.points import Points
from runjson_tracker.chunks import CHUNK_POINTS, Chunk
from runjson_tracker.store import SourceChanged, Store
from runjson_tracker.summary import MARK_COLUMNS, SUMMARY_COLUMNS, marks, marks_row, summarise, summary_row
from runjson_tracker.tables import chunks, series
from sqlalchemy import select

from tests.tracker.points import RECORD, equal, numbers


def rows(store):
    with store._engine.connect() as connection:
        return connection.execute(select(chunks).order_by(chunks.c.number, chunks.c.first)).all()


def append(store, parts, record=RECORD, kind="series", name="loss"):
    for part in parts:
        with store.ingest("p", "r", "", store.source("p", "r", "")) as ingest:
            ingest.append(kind, name, part)
            ingest.commit(record, "0" * 64, "stream", None, None, record)


def cut(points, sizes):
    edges = np.concatenate(([0], np.cumsum(sizes)))
    return [points[int(start) : int(stop)] for start, stop in itertools.pairwise(edges)]


def test_a_thousand_appends_of_one_point_leave_some_dozen_chunks(store):
    points = numbers(1000)
    append(store, cut(points, [1] * 1000))
    assert len(rows(store)) <= 12
    equal(store.run("p", "r").points("series", "loss"), points)


def test_small_chunks_become_full_ones(store):
    points = numbers(3 * CHUNK_POINTS)
    append(store, cut(points, [512] * 24))
    assert [row.count for row in rows(store)] == [CHUNK_POINTS] * 3


def test_a_large_append_joins_the_small_chunk_before_it(store):
    points = numbers(100 + 2 * CHUNK_POINTS)
    append(store, cut(points, [100, 2 * CHUNK_POINTS]))
    assert [row.count for row in rows(store)] == [CHUNK_POINTS, CHUNK_POINTS, 100]
    equal(store.run("p", "r").points("series", "loss"), points)


def test_a_few_points_leave_a_large_chunk_as_it_is(store):
    append(store, cut(numbers(3001), [3000, 1]))
    assert [row.count for row in rows(store)] == [3000, 1]


def test_the_end_of_a_run_joins_what_is_left(store):
    points = numbers(3001)
    append(store, cut(points, [3000, 1]))
    with store.ingest("p", "r", "", store.source("p", "r", "")) as ingest:
        ingest.commit({"id": "r", "status": "succeeded"}, "0" * 64, "stream", None, None, {"id": "r"})
    assert [row.count for row in rows(store)] == [3001]
    tracked = store.source("p", "r", "")
    equal(tracked.points("series", "loss"), points)
    assert tracked.point_count == store.runs()[0].points == 3001


def test_texts_are_joined_too_and_long_ones_are_not_written_again(store):
    append(store, [Points([f"line {index}"]) for index in range(50)], kind="text", name="log")
    assert len(rows(store)) <= 7
    assert store.run("p", "r").points("text", "log").values == [f"line {index}" for index in range(50)]
    noise = np.random.default_rng(1)
    long = [noise.bytes(100_000).hex() for _ in range(3)]
    append(store, [Points([text]) for text in long], kind="text", name="long")
    assert store.run("p", "r").points("text", "long").values == long
    assert len(rows(store)) <= 7 + 3


sizes = st.lists(st.one_of(st.integers(1, 40), st.sampled_from([4095, 4096, 4097, 700])), min_size=1, max_size=12)


@settings(max_examples=25, deadline=None)
@given(sizes=sizes, ended=st.booleans(), seed=st.integers(0, 5))
def test_whatever_the_appends_points_summaries_and_marks_are_those_of_the_whole(sizes, ended, seed, tmp_path_factory):
    rng = np.random.default_rng(seed)
    count = sum(sizes)
    values = np.where(rng.random(count) < 0.01, np.nan, rng.normal(size=count))
    points = Points(values, np.arange(count) * 1.0, 1.7e9 + np.arange(count) / 8)
    with Store.open(tmp_path_factory.mktemp("store")) as store:
        append(store, cut(points, sizes))
        if ended:
            append(store, [points[:0]], {"id": "r", "status": "failed"})
        equal(store.run("p", "r").points("series", "loss"), points)
        stored = rows(store)
        assert [row.first for row in stored] == [0, *np.cumsum([row.count for row in stored])[:-1]]
        for row in stored:
            part = points[row.first : row.first + row.count]
            summary = summarise(part, row.first)
            expected = summary_row(summary) | marks_row(marks(part, row.first, summary))
            assert {name: row._mapping[name] for name in (*SUMMARY_COLUMNS, *MARK_COLUMNS)} == expected
            assert Chunk(row.count, row._mapping["values"], row.steps, row.times).checksum == row.checksum
        with store._engine.connect() as connection:
            (told,) = connection.execute(select(series)).all()
        whole = summary_row(summarise(points, 0))
        total = whole.pop("total")
        assert {name: told._mapping[name] for name in whole} == whole
        assert math.isclose(told.total, total, rel_tol=1e-9, abs_tol=1e-9)


def test_the_marks_name_the_extremes_and_the_first_point_that_is_no_number():
    values = np.array([3.0, -1.0, np.inf, 7.0, np.nan])
    steps, times = np.array([0.0, 2.0, 4.0, np.nan, 8.0]), 1.7e9 + np.arange(5.0)
    points = Points(values, steps, times)
    found = marks(points, 100, summarise(points, 100))
    assert (found.argmin_step, found.argmin_time) == (2.0, 1.7e9 + 1)
    assert (found.argmax_step, found.argmax_time) == (None, 1.7e9 + 3)
    assert (found.odd, found.odd_step, found.odd_time, found.odd_value) == (102, 4.0, 1.7e9 + 2, math.inf)


def test_commits_of_several_sources_become_visible_together(store):
    with store.transaction() as connection:
        for run in ("a", "b"):
            with store.ingest("p", run, "", None) as ingest:
                ingest.append("series", "loss", numbers(10))
                ingest.commit({"id": run}, "0" * 64, "stream", None, None, {"id": run}, within=connection)
        assert store.runs() == []
    assert {one.id for one in store.runs()} == {"a", "b"}


def test_a_commit_that_fails_within_a_transaction_undoes_itself_alone(store, track):
    old = track("a", loss=[1.0])
    track("a", loss=[2.0])  # somebody else
    with store.transaction() as connection:
        with store.ingest("p", "b", "", None) as ingest:
            ingest.append("series", "loss", numbers(10))
            ingest.commit({"id": "b"}, "0" * 64, "stream", None, None, {"id": "b"}, within=connection)
        with store.ingest("p", "a", "", old) as ingest:
            ingest.append("series", "new", numbers(10))
            with pytest.raises(SourceChanged):
                ingest.commit({"id": "a"}, "0" * 64, "stream", None, None, {"id": "a"}, within=connection)
    assert store.run("p", "a").points("series", "loss").values.tolist() == [1.0, 2.0]
    assert store.run("p", "b").points("series", "loss").values.size == 10


def test_what_a_commit_returns_is_the_source_as_it_is_now(store):
    tracked = None
    for start in range(0, 50, 10):
        with store.ingest("p", "r", "", tracked) as ingest:
            ingest.append("series", "loss", numbers(50)[start : start + 10])
            tracked = ingest.commit(RECORD, "0" * 64, "stream", start, "x", RECORD)
    loaded = store.source("p", "r", "")
    for name in ("id", "writer", "version", "kind", "read_bytes", "record", "point_count", "next_number", "changed"):
        assert getattr(tracked, name) == getattr(loaded, name), name
    assert tracked.counts == loaded.counts
    equal(tracked.points("series", "loss"), numbers(50))
