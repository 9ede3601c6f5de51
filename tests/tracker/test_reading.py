"""Runs are listed, found and read as the merge of their sources."""

from __future__ import annotations

import math

import pytest
from runjson_tracker.store import RunMissing

from tests.tracker.points import equal, numbers


def test_the_points_of_several_writers_stay_apart(reading, track):
    for writer, value in (("z", 3.0), ("", 1.0), ("a", 2.0)):
        track(writer=writer, loss=[value])
    view = reading.run("p", "r")
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


def test_many_series_are_read_with_steps_and_times_or_without(reading, track):
    given = {f"s{index}": numbers(index + 1, seed=index) for index in range(700)}
    track(**given)
    view = reading.run("p", "r")
    for (_, name), points in view.arrays().items():
        equal(points, given[name])
    values = view.arrays(["s5"], only_values=True)["", "s5"]
    assert (values.steps, values.times) == (None, None)


def test_a_view_keeps_to_what_it_saw_while_the_run_grows(reading, track):
    track(loss=numbers(10))
    view = reading.run("p", "r")
    track(loss=numbers(5))
    equal(view.points("series", "loss"), numbers(10))
    equal(view.arrays()["", "loss"], numbers(10))


def test_runs_are_found_by_id_by_project_and_by_beginning(reading, track):
    for project, run in (("p", "mlp-1"), ("p", "mlp-10"), ("p", "cnn"), ("a/b", "cnn"), ("p", "CNN-2")):
        track(project=project, run=run)

    def found(text):
        return [(row.project, row.id) for row in reading.find(text)]

    assert found("mlp-1") == [("p", "mlp-1")]
    assert found("mlp") == [("p", "mlp-10"), ("p", "mlp-1")]
    assert found("cnn") == [("a/b", "cnn"), ("p", "cnn")]
    assert found("a/b/cnn") == found("a/b/c") == [("a/b", "cnn")]
    assert found("%") == found("_lp-1") == found("a/cnn") == []
    assert [(one.name, one.runs) for one in reading.projects()] == [("a/b", 1), ("p", 4)]
    with pytest.raises(RunMissing, match="runjson runs"):
        reading.run("p", "none")


def test_a_list_of_runs_counts_what_they_have(store, track):
    track(run="a", loss=[1.0, math.nan], acc=[0.5])
    track(run="b", loss=[2.0])
    rows = {row.id: row for row in store.runs("p")}
    assert set(rows) == {"a", "b"}
    assert (rows["a"].series, rows["a"].points, rows["a"].sources) == (2, 3, 1)
    assert store.runs("other") == []
