"""Points of many runs in one call: `Store.series_of`."""

from __future__ import annotations

import math

import numpy as np
import pytest
from runjson_schema.points import Points
from runjson_server import series
from runjson_tracker import portions, reduce
from runjson_tracker.errors import RunMissing
from runjson_tracker.reading.tracker import Tracker
from sqlalchemy import event

from tests.tracker.points import equal, numbers

RUNS = [("p", "b"), ("q", "a"), ("p", "a")]


@pytest.fixture
def filled(store, track, reading):
    """Three runs of two projects, one of them of two writers, as they are read."""
    bare = Points(np.array([1.0, math.nan, math.inf, -2.0]))
    partly = Points(np.arange(6.0), np.array([3.0, math.nan, 1.0, 2.0, math.nan, 9.0]), 1.7e9 + np.arange(6.0))
    track("b", project="p", loss=numbers(20_000, 1), acc=bare)
    track("a", project="q", loss=partly)
    track("a", project="p", acc=numbers(7, 2), z=bare)
    track("a", "rank1", project="p", loss=numbers(9000, 3), acc=partly)
    return reading


def decode_at_once(monkeypatch, points):
    monkeypatch.setattr(portions, "_AT_ONCE", points)
    monkeypatch.setattr(reduce, "_DECODED_POINTS", points)
    monkeypatch.setattr(series, "_PORTION", points)


def keys(found):
    return [(one.project, one.run, one.writer, one.name) for one in found]


def source_of(store, one):
    return store.source(one.project, one.run, one.writer)


def test_points_come_by_run_then_writer_then_name(store, filled):
    found = list(filled.series_of(RUNS))
    assert keys(found) == [
        ("p", "b", "", "acc"), ("p", "b", "", "loss"), ("q", "a", "", "loss"),
        ("p", "a", "", "acc"), ("p", "a", "", "z"), ("p", "a", "rank1", "acc"), ("p", "a", "rank1", "loss"),
    ]  # fmt: skip
    for one in found:
        equal(one.points, source_of(store, one).points("series", one.name))
        assert one.indices.tolist() == list(range(one.count))
    found = list(filled.series_of(RUNS, ["z", "none", "loss", "acc", "z"]))
    assert keys(found) == [
        ("p", "b", "", "loss"), ("p", "b", "", "acc"), ("q", "a", "", "loss"),
        ("p", "a", "", "z"), ("p", "a", "", "acc"), ("p", "a", "rank1", "loss"), ("p", "a", "rank1", "acc"),
    ]  # fmt: skip
    assert list(filled.series_of([])) == list(filled.series_of(RUNS, [])) == []


def test_a_run_that_is_not_there_is_told(filled):
    with pytest.raises(RunMissing, match='no run "b" in the project "q"'):
        list(filled.series_of([("p", "b"), ("q", "b")], ["none"]))


@pytest.mark.parametrize("most", [5, 100, 5000])
def test_few_points_are_those_that_a_source_gives(store, filled, most):
    found = list(filled.series_of(RUNS, ["loss", "acc"], most=most))
    assert len(found) == 6
    for one in found:
        shown = source_of(store, one).reduced(one.name, most)
        equal(one.points, shown.points)
        assert (one.indices.tolist(), one.count) == (shown.indices.tolist(), shown.count)
    with pytest.raises(ValueError, match="5 points or more"):
        list(filled.series_of(RUNS, most=4))


@pytest.mark.parametrize("at_once", [1, 5, 5000, 10_000, 1 << 22])
@pytest.mark.parametrize(
    "bounds",
    [
        {},
        {"steps": (2.0, 50_000.0)},
        {"times": (1.7e9 + 1, 1.795e9 + 30)},
        {"steps": (1.0, 9.0), "times": (0.0, 2e9)},
        {"steps": (-math.inf, math.inf)},
    ],
)
def test_points_are_the_same_however_few_are_read_at_once(store, filled, at_once, bounds, monkeypatch):
    runs = [("q", "a")] if at_once < 1000 else RUNS
    whole = {key: list(map(list, rows)) for key, rows in told(filled.series_of(runs, **bounds)).items()}
    decode_at_once(monkeypatch, at_once)
    parts = list(filled.series_of(runs, **bounds))
    if not bounds:
        assert max(len(one.points) for one in parts) <= at_once
    assert {key: list(map(list, rows)) for key, rows in told(parts).items()} == whole
    for key, rows in whole.items():
        points = store.source(*key[:3]).points("series", key[3])
        at = portions.positions(points, np.arange(len(points)))
        inside = np.ones(len(points), dtype=bool)
        if "steps" in bounds:
            inside &= (at >= bounds["steps"][0]) & (at <= bounds["steps"][1])
        if "times" in bounds:
            when = np.full(len(points), np.nan) if points.times is None else points.times
            inside &= (when >= bounds["times"][0]) & (when <= bounds["times"][1])
        assert [row[0] for row in rows] == np.flatnonzero(inside).tolist()


def told(found):
    """Index, value, step and time of each point as text, by series."""
    series = {}
    for one in found:
        none = np.full(len(one.points), np.nan)
        columns = [one.points.values, *(none if c is None else c for c in (one.points.steps, one.points.times))]
        rows = zip(one.indices.tolist(), *(map(repr, column.tolist()) for column in columns), strict=True)
        series.setdefault((one.project, one.run, one.writer, one.name), []).extend(rows)
    return series


def test_the_table_of_a_long_series_is_the_same_in_several_portions(filled, monkeypatch):
    tracker = Tracker(filled)
    asked = [{"where": 'id == "b"'}, {"where": 'id == "b"', "group_by": "id"}]
    whole = [repr([list(row.values()) for row in tracker.series("loss", **one)]) for one in asked]
    decode_at_once(monkeypatch, 6000)
    assert [repr([list(row.values()) for row in tracker.series("loss", **one)]) for one in asked] == whole


def test_series_of_several_writers_are_not_mixed(filled):
    with pytest.raises(RunMissing, match=r"\"acc\" of p/a has several writers: writer= '', 'rank1'"):
        Tracker(filled).series("acc", runs=["p/a"])
    assert len(Tracker(filled).series(["z", "loss"], runs=["p/a", "q/a"])) == 4 + 9000 + 6


def test_many_runs_are_looked_up_by_one_statement_a_project(store, track):
    for project, run in RUNS:
        track(run, project=project)
    statements = []
    event.listen(store.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    list(store.series_of(RUNS, ["none"]))
    assert len([one for one in statements if one.startswith("SELECT")]) == 2


@pytest.mark.parametrize("bounds", [{"steps": (10.0, 190_000.0)}, {"times": (1.795e9 + 1, 1.795e9 + 150)}])
def test_a_part_of_a_long_series_has_all_of_its_points(filled, bounds, monkeypatch):
    whole = Tracker(filled).run("p/b").series("loss", **bounds)
    assert len(whole) > 14_000
    decode_at_once(monkeypatch, 6000)
    found = Tracker(filled).run("p/b").series("loss", **bounds)
    assert (found.indices.tolist(), found.count) == (whole.indices.tolist(), 20_000)
    for name in ("values", "steps", "times"):
        assert getattr(found, name).tobytes() == getattr(whole, name).tobytes()
