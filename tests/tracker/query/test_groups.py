"""Runs are grouped in the database, and their statistics hold to the last digits."""

from __future__ import annotations

import math
import statistics
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runjson_schema.points import Points
from runjson_tracker.query.errors import QueryError
from runjson_tracker.query.groups import best, group_runs
from runjson_tracker.store import Store

NAN, INF = {"$float": "NaN"}, {"$float": "Infinity"}


@pytest.fixture
def groups(store):
    return lambda by, values=(), **options: group_runs(store._engine, by, values, **options)


@pytest.fixture
def leaders(store):
    def leaders(*asked, **options):
        return {one.key: (one.run.id, one.value) for one in best(store._engine, *asked, **options)}

    return leaders


def test_runs_are_counted_by_value_and_type(add, groups):
    given = [1, 1.0, "1", True, None, NAN, NAN, INF, [1], {"$datetime": "2026-11-01T00:00:00Z"}]
    for index, value in enumerate(given):
        add(f"r{index}", {"x": value})
    add("again", {"x": {"$datetime": "2026-11-01T01:00:00+01:00"}})
    add("none", {"y": 1})
    found = [(group.key[0], group.runs) for group in groups(["parameters.x"])]
    assert str(found[2]) == "(nan, 2)"
    del found[2]
    assert found == [
        (1, 2), (math.inf, 1), (True, 1), (datetime(2026, 11, 1, tzinfo=UTC), 2), ("1", 1), ([1], 1), (None, 2),
    ]  # fmt: skip


def test_statistics_leave_out_what_is_not_finite_and_count_it(add, groups):
    add("a", {"m": "x"}, acc=[1.0])
    add("b", {"m": "x"}, acc=[2.0])
    add("c", {"m": "x"}, acc=[math.nan])
    add("d", {"m": "x"}, acc=[math.inf])
    add("e", {"m": "x"}, loss=[1.0])
    add("f", {"m": "y"}, acc=[7.0])
    add("g", {"m": "z"}, acc=[-math.inf])
    told = {
        group.key: (group.runs, group.statistics["series.acc.last"])
        for group in groups(["parameters.m"], ["series.acc.last"])
    }
    runs, found = told["x",]
    assert (runs, found.count, found.nonfinite) == (5, 2, 2)
    assert (found.mean, found.std, found.min, found.max) == (1.5, math.sqrt(0.5), 1.0, 2.0)
    runs, found = told["y",]
    assert (runs, found.count, found.nonfinite, found.mean, found.std) == (1, 1, 0, 7.0, None)
    runs, found = told["z",]
    assert (runs, found.count, found.nonfinite, found.mean, found.std, found.min) == (1, 0, 1, None, None, None)


def test_several_fields_several_columns_and_none(add, groups):
    for index in range(12):
        add(f"r{index:02}", {"a": index % 2, "b": "xyz"[index % 3], "n": index}, loss=[index / 2],
            record={"status": "failed" if index < 3 else "succeeded"})  # fmt: skip
    found = groups(["parameters.a", "parameters.b"], ["parameters.n", "series.loss.max", "points"])
    assert [group.key for group in found] == [(a, b) for a in (0, 1) for b in "xyz"]
    assert found[0].statistics["parameters.n"].mean == 3
    assert found[0].statistics["series.loss.max"].mean == 1.5
    assert found[0].statistics["points"].std == 0
    assert [(group.key, group.runs) for group in groups(["status"])] == [(("failed",), 3), (("succeeded",), 9)]
    (everything,) = groups([], ["parameters.n"])
    assert (everything.key, everything.runs, everything.statistics["parameters.n"].mean) == ((), 12, 5.5)
    assert [group.runs for group in groups(["parameters.a"], where="parameters.n < 3", project="p")] == [2, 1]
    assert groups([], where="parameters.n > 100") == groups(["status"], project="none") == []


def test_runs_of_the_trash_and_of_other_projects_are_not_counted(add, groups):
    add("a", {"x": 1})
    add("b", {"x": 1}, columns={"trashed": 1.0})
    add("c", {"x": 1}, project="q")
    assert [group.runs for group in groups(["parameters.x"], project="p")] == [1]
    assert [group.runs for group in groups(["parameters.x"])] == [2]
    assert [group.runs for group in groups(["parameters.x"], trash=True)] == [1]


def test_what_holds_no_numbers_is_refused(add, groups):
    add("a", {"x": "text"}, record={"name": "n"}, loss=[1.0])
    for by, values in (
        ([], ["name"]),
        ([], ["parameters.x"]),
        (["tags"], []),
        (["series.loss"], []),
        ([], ["created"]),
    ):
        with pytest.raises(QueryError):
            groups(by, values)


@settings(max_examples=25, deadline=None)
@given(
    st.floats(-1e12, 1e12), st.lists(st.floats(-1, 1), min_size=2, max_size=12), st.sampled_from([1.0, 1e-3, 1e6])
)  # fmt: skip
def test_mean_and_deviation_agree_with_exact_arithmetic(tmp_path_factory, shift, offsets, scale):
    values = [shift + offset * scale for offset in offsets]
    with Store.open(tmp_path_factory.mktemp("store")) as store:
        for index, value in enumerate(values):
            with store.ingest("p", f"r{index}", "", None) as ingest:
                ingest.append("series", "s", Points(np.array([value])))
                record = {"runjson": "1.0", "id": f"r{index}"}
                ingest.commit(record, "0" * 64, "document", None, None, record)
        (group,) = group_runs(store._engine, [], ["series.s.last"])
    found = group.statistics["series.s.last"]
    # `statistics` works in fractions. What is left is the rounding of the distances to the mean.
    # Those below 1e-110 are none.
    assert math.isclose(found.mean, statistics.fmean(values), rel_tol=1e-14, abs_tol=1e-15 * scale)
    assert math.isclose(
        found.std, statistics.stdev(values), rel_tol=1e-9, abs_tol=max(1e-110, 4e-16 * max(map(abs, values)))
    )


def test_a_small_deviation_of_large_numbers_is_kept(add, groups):
    for index in range(100):
        add(f"r{index}", {"x": 1e15 + index % 2, "g": "a"})
        add(f"s{index}", {"x": index % 2, "g": "b"})
    told = {group.key[0]: group.statistics["parameters.x"].std for group in groups(["parameters.g"], ["parameters.x"])}
    assert told["a"] == told["b"] == statistics.stdev([0, 1] * 50)


@pytest.mark.parametrize("values", [[1e308, -1e308], [1.7e308] * 3, [1e200, 0.0, 1.0], [2.0, 1e-200]])
def test_numbers_whose_squares_are_no_doubles_have_a_deviation(add, groups, values):
    for index, value in enumerate(values):
        add(f"r{index}", {"g": "far"}, s=[value])
        add(f"n{index}", {"g": "near"}, s=[float(index)])
    near, far = sorted(groups(["parameters.g"], ["series.s.last"]), key=lambda group: group.key, reverse=True)
    found = far.statistics["series.s.last"]
    assert math.isclose(found.mean, statistics.mean(value / 4 for value in values) * 4, rel_tol=1e-14)
    expected = statistics.stdev(value / 4 for value in values)
    assert math.isclose(found.std / 4, expected, rel_tol=1e-12)
    assert near.statistics["series.s.last"].std == statistics.stdev(range(len(values)))


def test_the_best_run_of_each_group_is_found(add, leaders):
    add("a", {"m": "x"}, acc=[0.1, 0.9])
    add("b", {"m": "x"}, acc=[0.8])
    add("c", {"m": "y"}, acc=[0.2, math.inf])
    add("d", {"m": "y"}, acc=[0.3])
    add("e", {"m": "z"}, acc=[math.nan])
    add("f", {}, acc=[0.7])
    assert leaders("series.acc.max", "parameters.m") == {("x",): ("a", 0.9), ("y",): ("d", 0.3), (None,): ("f", 0.7)}
    assert leaders("series.acc.max", "parameters.m", "minimize")["x",] == ("b", 0.8)
    assert leaders("series.acc.last", "parameters.m")["y",] == ("d", 0.3)
    assert leaders("series.acc.max") == {(): ("a", 0.9)}
    assert leaders("series.acc.max", where="parameters.m == 'y'") == {(): ("d", 0.3)}


def test_the_goal_of_a_series_says_what_is_best(add, leaders):
    said = {"series": {"down": {"goal": "minimize"}, "up": {"goal": "maximize"}}}
    for run, value in {"a": 1.0, "b": 2.0}.items():
        add(run, record=said, down=[value], up=[value], quiet=[value])
    assert leaders("series.down.last")[()] == leaders("series.down.max")[()] == ("a", 1.0)
    assert leaders("series.up.min")[()] == ("b", 2.0)
    assert leaders("series.quiet.min")[()] == ("a", 1.0)
    assert leaders("series.quiet.last")[()] == ("b", 2.0)
    assert leaders("points")[()][0] in {"a", "b"}


def test_among_equals_the_newest_is_the_best(add, leaders):
    add("old", {"x": 1}, columns={"created": 1.0})
    add("new", {"x": 1}, columns={"created": 2.0})
    add("middle", {"x": 1}, columns={"created": 1.5})
    assert leaders("parameters.x") == {(): ("new", 1)}
