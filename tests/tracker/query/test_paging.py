"""Pages of the table of runs by `after`, and scopes of several projects."""

from __future__ import annotations

import base64
import json
import math

import pytest
from runjson_tracker.query.errors import QueryError
from runjson_tracker.query.groups import best, group_runs
from runjson_tracker.query.table import field_names, select_runs

NAN, INF = {"$float": "NaN"}, {"$float": "Infinity"}
BIG = 2**53


@pytest.fixture
def page(store):
    return lambda **options: select_runs(store._engine, **options)


@pytest.fixture
def paged(page):
    """The ids of all runs, read by pages of so many."""

    def paged(limit, **options):
        found, after = [], None
        while True:
            one = page(limit=limit, after=after, **options)
            found += [row.id for row in one.rows]
            after = one.next
            if after is None:
                return found
            assert len(one.rows) == limit

    return paged


@pytest.fixture
def mixed(add):
    """Runs with values of every type in one field, several of them equal, and with none."""
    values = [
        2, 1, 1, NAN, NAN, INF, {"$float": "-Infinity"}, 0.1, "b", "a", "a", "", None, None, True, False, [1],
        {"$int": str(BIG)}, {"$int": str(BIG + 1)}, {"$int": str(BIG + 2)}, {"$datetime": "2026-11-01T00:00:00Z"},
        {"$datetime": "2026-11-01T01:00:00+01:00"}, 5e-324, 1e300, 1e22, 1e22,
        {"$int": str(10**22)}, {"$int": str(10**22)}, "\u00e9\U0001f600",
    ]  # fmt: skip
    for index, value in enumerate(values):
        loss = {"loss": [float(index % 4)]} if index % 3 else {"loss": [math.nan]} if index % 2 else {}
        add(f"r{index:02}", {"x": value}, columns={"created": float(index % 5), "started": index % 2 or None}, **loss)
    for index in range(3):
        add(f"none{index}", {"y": 1}, record={"name": "n"}, columns={"created": 1.5, "status": "running"})
    return len(values) + 3


@pytest.mark.parametrize(
    "sort",
    [
        (), ("parameters.x",), ("-parameters.x",), ("started", "-id"), ("-series.loss.last", "parameters.x"),
        ("series.loss.min",), ("-name",), ("points", "-created"), ("-duration",), ("status", "project"),
        ("-series.loss.count",),
    ],
)  # fmt: skip
def test_pages_one_behind_the_other_are_the_whole_table(mixed, page, paged, sort):
    whole = [row.id for row in page(sort=sort, now=100.0).rows]
    assert len(whole) == mixed
    for limit in (1, 2, 7, mixed - 1, mixed, 100):
        assert paged(limit, sort=sort, now=100.0) == whole
    some = [row.id for row in page(sort=sort, where="points > 0", now=100.0).rows]
    assert paged(3, sort=sort, where="points > 0", now=100.0) == some


def test_runs_that_come_and_go_change_no_later_page(add, page):
    for index in range(9):
        add(f"r{index}", columns={"created": float(index)})
    first = page(limit=3)
    assert ([row.id for row in first.rows], first.total) == (["r8", "r7", "r6"], 9)
    for run in ("new", "newer"):
        add(run, columns={"created": 99.0})
    add("r6", columns={"trashed": 1.0})
    second = page(limit=3, after=first.next)
    assert ([row.id for row in second.rows], second.total) == (["r5", "r4", "r3"], 9)
    last = page(limit=3, after=second.next)
    assert ([row.id for row in last.rows], last.next) == (["r2", "r1", "r0"], None)


def test_later_pages_are_of_the_moment_of_the_first(add, page, paged):
    for index in range(6):
        add(
            f"r{index}",
            columns={"status": "running", "started": float(index), "heard": 1000.0 + index, "created": 1.0},
        )
    first = page(limit=3, sort=["-duration"], now=1500.0)
    second = page(limit=3, sort=["-duration"], after=first.next, now=1604.0)
    assert [row.id for row in (*first.rows, *second.rows)] == ["r0", "r1", "r2", "r3", "r4", "r5"]
    assert [row.duration for row in second.rows] == [1497.0, 1496.0, 1495.0]
    assert {row.status for row in second.rows} == {"running"}


def test_a_page_without_a_limit_or_of_none_has_no_next_one(add, page):
    add("a")
    add("b")
    assert page().next is None
    assert page(limit=0).next is None
    assert page(limit=2).next is None
    assert page(limit=1).next is not None


def place_of(*said):
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def test_a_place_that_is_none_is_refused(add, page):
    for run in "abc":
        add(run, {"x": run})
    good = page(limit=1, sort=["parameters.x"]).next
    digest, now, total, *values = json.loads(base64.urlsafe_b64decode(good + "=="))
    assert [row.id for row in page(sort=["parameters.x"], after=place_of(digest, now, total, *values)).rows] == [
        "b",
        "c",
    ]
    wrong = ["", "x", "é", "AAAA", place_of(), place_of(1), place_of(digest, now, total), good[:-3], "[" * 5000]
    wrong += [place_of(digest, bad, total, *values) for bad in ("1", None, 1, True)]
    wrong += [place_of(digest, now, bad, *values) for bad in (-1, 1.5, None, True, 2**64)]
    for at, bad in [(0, "a"), (0, None), (0, True), (0, 2**70), (1, "a"), (2, 1.0), (2, "\ud800"), (2, "a\0"),
                    (3, None), (3, [1]), (4, 1.5), (5, "1"), (5, math.nan)]:  # fmt: skip
        wrong.append(place_of(digest, now, total, *values[:at], bad, *values[at + 1 :]))
    wrong.append(place_of(digest, now, total, *values, 1))
    for after in wrong:
        with pytest.raises(QueryError, match="no place in a table"):
            page(limit=1, sort=["parameters.x"], after=after)


@pytest.mark.parametrize(
    "other", [{"sort": ["-parameters.x"]}, {"where": "id == 'a'"}, {"project": "p"}, {"trash": True}]
)
def test_a_place_in_the_table_of_another_question_is_refused(add, page, other):
    for run in "ab":
        add(run, {"x": run})
    options = {"sort": ["parameters.x"]} | other
    after = page(limit=1, sort=["parameters.x"]).next
    with pytest.raises(QueryError, match="another question"):
        page(after=after, **options)


# -- several projects --------------------------------------------------------------------------------------------------


@pytest.fixture
def shared(add):
    """Runs of three projects, of which two have the same fields."""
    add("a", {"lr": 1, "secret": 5}, project="hidden", record={"series": {"loss": {"goal": "maximize"}}}, loss=[9.0])
    add("b", {"lr": 2}, project="p", loss=[1.0])
    add("c", {"lr": 3}, project="q/r", loss=[2.0])


def test_only_runs_of_the_projects_are_told(shared, page, store):
    seen = ["p", "q/r", "none"]
    assert sorted(row.id for row in page(projects=seen).rows) == ["b", "c"]
    assert page(projects=seen, where="parameters.lr < 3").total == 1
    assert [row.id for row in page(projects=seen, project="p").rows] == ["b"]
    assert page(projects=seen, project="hidden").total == 0
    assert page(projects=[]).rows == page(projects=["none"]).rows == []
    assert page(projects=None).total == 3
    assert [row.id for row in page(projects=seen, sort=["-parameters.lr"], limit=1).rows] == ["c"]
    assert page(projects=seen, columns=["parameters.*"]).columns == ["parameters.lr"]
    assert "parameters.secret" not in field_names(store._engine, projects=seen)
    assert "parameters.secret" in field_names(store._engine)
    assert not any("." in name for name in field_names(store._engine, "hidden", seen))


def test_only_runs_of_the_ids_are_told(shared, page, store):
    seen = {"projects": ["p", "q/r"], "ids": ["c", "a", "none"]}
    assert [row.id for row in page(**seen).rows] == ["c"]
    assert (
        page(**seen, where="parameters.lr < 3").rows == page(projects=["p"], ids=["c"]).rows == page(ids=[]).rows == []
    )
    assert sorted(row.id for row in page(ids=["a", "b"], where="parameters.lr >= 1").rows) == ["a", "b"]
    assert page(ids=["b", "c"], columns=["parameters.*"]).columns == ["parameters.lr"]
    assert "parameters.secret" not in field_names(store._engine, ids=["b", "c"])
    assert {"parameters.secret", "series.loss.last"} <= set(field_names(store._engine, ids=["a"]))
    with pytest.raises(QueryError, match=r"No run has parameters\.secret"):
        page(ids=["b"], where="parameters.secret > 1")
    (group,) = group_runs(store._engine, [], ["series.loss.last"], ids=["a", "b"])
    assert (group.runs, group.statistics["series.loss.last"].mean) == (2, 5)
    assert best(store._engine, "series.loss.last", ids=["b", "c"], goal="minimize")[0].run.id == "b"


def test_groups_and_the_best_are_of_the_projects(shared, store):
    (group,) = group_runs(store._engine, [], ["series.loss.last"], projects=["p", "q/r"])
    assert (group.runs, group.statistics["series.loss.last"].mean) == (2, 1.5)
    (found,) = best(store._engine, "series.loss.last", projects=["p", "q/r"])
    assert found.run.id == "c"
    assert best(store._engine, "series.loss.last", projects=[]) == []


def test_a_name_that_only_other_projects_have_is_as_unknown_as_one_that_nobody_has(shared, page):
    told = []
    for name in ("secret", "sacred"):
        with pytest.raises(QueryError) as refused:
            page(projects=["p", "q/r"], where=f"parameters.{name} > 1")
        told.append(str(refused.value).replace(name, ""))
    assert told[0] == told[1]


def test_the_projects_may_be_more_than_a_statement_has_parameters(add, page):
    for index in range(3):
        add(f"r{index}", {"lr": index}, project=f"p{index}")
    seen = [f"p{index}" for index in range(1, 70_000)]
    assert sorted(row.id for row in page(projects=seen, where="parameters.lr >= 0").rows) == ["r1", "r2"]
