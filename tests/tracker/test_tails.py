"""The small chunks at the end of series: known from one commit to the next, and read for many series at once."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from runjson_schema.points import Points
from runjson_tracker.store import SourceChanged, Store
from runjson_tracker.tables import chunks, series
from sqlalchemy import event, select

RECORD = {"id": "r", "status": "running"}
# A commit's appends: which series, and how many points.
appends = st.lists(
    st.tuples(st.integers(0, 3), st.one_of(st.integers(0, 9), st.sampled_from([700, 4096]))), min_size=1, max_size=4
)


def part(which, start, count):
    """The points of a series from an index on: numbers, some without times, or texts, some of them long."""
    if which < 3:
        index = np.arange(start, start + count, dtype=float)
        return "series", f"s{which}", Points(index * (which + 1), index, index + 1.7e9 if which else None)
    texts = [f"{index} " * (4000 if index % 7 == 0 else 1) for index in range(start, start + count)]
    return "text", "log", Points(texts)


def commit(store, tracked, parts, run="r", record=RECORD, within=None):
    with store.ingest("p", run, "", tracked) as ingest:
        for one in parts:
            ingest.append(*one)
        return ingest.commit(record, "", "stream", None, None, record, within=within)


def stored(store):
    with store.engine.connect() as connection:
        return (
            connection.execute(select(chunks).order_by(chunks.c.number, chunks.c.first)).all(),
            connection.execute(select(series).order_by(series.c.number)).all(),
        )


@settings(max_examples=30, deadline=None)
@given(commits=st.lists(appends, min_size=1, max_size=8), ended=st.booleans())
def test_what_is_known_of_the_last_commit_leads_to_the_same_chunks_as_what_is_read(commits, ended, tmp_path_factory):
    place = tmp_path_factory.mktemp("stores")
    with Store.open(place / "known") as known, Store.open(place / "read") as read:
        counts = [0, 0, 0, 0]
        tracked = None
        for number, one in enumerate(commits):
            record = {"id": "r", "status": "failed"} if ended and number == len(commits) - 1 else RECORD
            parts = []
            for which, count in one:
                parts.append(part(which, counts[which], count))
                counts[which] += count
            tracked = commit(known, tracked, parts, record=record)
            commit(read, read.source("p", "r", ""), parts, record=record)
        assert stored(known) == stored(read)
        run = known.run("p", "r")
        for which, count in enumerate(counts):
            kind, name, whole = part(which, 0, count)
            if count:
                found = run.points(kind, name)
                assert list(found.values) == list(whole.values)
                assert (found.times is None) == (whole.times is None)
        assert known.check().problems == []


def asked(store, work):
    """How many statements some work takes."""
    statements = []

    def executed(_connection, _cursor, statement, *_):
        statements.append(statement)

    event.listen(store.engine, "before_cursor_execute", executed)
    try:
        work()
    finally:
        event.remove(store.engine, "before_cursor_execute", executed)
    return len(statements)


def live(store, names, turns=9):
    """The most statements that one commit of a live run takes that has been there for a while."""
    found = []
    tracked = None
    for turn in range(turns):
        parts = [("series", name, Points(np.arange(3.0) + 3 * turn)) for name in names]

        def work(parts=parts):
            nonlocal tracked
            with store.transaction() as connection:
                tracked = commit(store, tracked, parts, run=f"of {len(names)}", within=connection)

        found.append(asked(store, work))
    return max(found[1:])


def test_a_live_run_of_many_series_asks_no_more_than_one_of_a_single_one(place):
    with Store.open(place) as store:
        one = live(store, ["a"])
        assert live(store, [f"s{index}" for index in range(60)]) == one
        # A transaction, a savepoint and its end, what is there, and what is written; a chunk that is joined is read.
        assert one <= 12
        assert store.check().problems == []


def test_a_run_of_many_sources_is_read_with_few_statements(place):
    with Store.open(place) as store:
        for writer in ("", "a", "b", "c"):
            with store.ingest("p", "r", writer, None) as ingest:
                ingest.append("series", f"of {writer}", Points(np.arange(3.0)))
                ingest.commit({"id": "r", "writer": writer}, "", "stream", None, None, lambda said: {"of": list(said)})
        runs = []
        assert asked(store, lambda: runs.append(store.run("p", "r"))) <= 3
        (run,) = runs
        assert [source.writer for source in run.sources] == ["", "a", "b", "c"]
        assert [list(source.counts) for source in run.sources] == [
            [("series", f"of {writer}")] for writer in ("", "a", "b", "c")
        ]
        assert run.record == {"of": ["", "a", "b", "c"]}


def test_points_that_are_to_be_joined_with_chunks_that_are_gone_are_refused(place):
    with Store.open(place) as store:
        old = commit(store, None, [part(0, 0, 5), part(1, 0, 5)])
        with store.ingest("p", "r", "", old) as other:
            other.replace_all()
            other.append(*part(0, 0, 9))
            other.commit(RECORD, "", "stream", None, None, RECORD)
        with pytest.raises(SourceChanged, match="The source of p/r was changed by somebody else meanwhile"):
            commit(store, old, [part(0, 5, 3), part(1, 5, 3)])
        assert store.source("p", "r", "").counts == {("series", "s0"): 9}
        assert store.check().problems == []


def test_the_last_points_are_at_hand_for_the_next_change_and_are_not_read(store):
    tracked, opened = None, []
    event.listen(store.engine, "checkout", lambda *_: opened.append(1))
    for number in range(30):
        parts = [("series", "loss", Points(np.array([number / 2]), np.array([float(number)])))]
        opened.clear()
        tracked = commit(store, tracked, parts)
        assert number == 0 or len(opened) == 1  # for the commit itself
    found = store.run("p", "r").points("series", "loss")
    assert found.values.tolist() == [number / 2 for number in range(30)]
    assert found.steps.tolist() == list(range(30))
