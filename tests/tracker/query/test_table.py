"""The table of runs: sorted, paged, with columns."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from runjson_tracker.query.errors import QueryError
from runjson_tracker.query.table import field_names, select_runs
from sqlalchemy import event

NAN, INF = {"$float": "NaN"}, {"$float": "Infinity"}


@pytest.fixture
def page(store):
    return lambda **options: select_runs(store._engine, **options)


@pytest.fixture
def listed(page):
    return lambda *sort, **options: " ".join(row.id for row in page(sort=sort, **options).rows)


def test_the_newest_run_stands_first(add, listed):
    for run, created in {"a": 3.0, "b": 5.0, "c": 5.0, "d": 1.0}.items():
        add(run, columns={"created": created})
    assert listed() == "b c a d"
    assert listed("created") == "d a b c"
    assert listed("-id") == "d c b a"


def test_what_is_missing_stands_last_in_both_directions(add, listed):
    for run, value in {"two": 2, "one": 1, "nan": NAN, "inf": INF, "text": "b", "other": "a", "null": None}.items():
        add(run, {"x": value}, columns={"created": 1.0})
    add("none", {"y": 1}, columns={"created": 1.0})
    add("flag", {"x": True}, columns={"created": 1.0})
    add("list", {"x": [1]}, columns={"created": 1.0})
    assert listed("parameters.x") == "one two inf nan flag other text list none null"
    assert listed("-parameters.x") == "inf two one nan flag text other list none null"
    assert listed("parameters.y", "-id").split()[0] == "none"


def test_runs_are_sorted_by_several_fields_and_series(add, listed):
    add("a", {"g": 1}, loss=[2.0], record={"name": "x"})
    add("b", {"g": 1}, loss=[1.0])
    add("c", {"g": 2}, loss=[math.nan])
    add("d", {"g": 2}, loss=[-math.inf], record={"started_at": "2026-11-01T00:00:00Z"})
    add("e", {"g": 2}, acc=[1.0], record={"started_at": "2026-11-02T00:00:00Z"})
    assert listed("-parameters.g", "series.loss.last") == "d c e b a"
    assert listed("series.loss.min").startswith("b a")
    assert listed("-series.loss.count", "id") == "a b c d e"
    assert listed("-started").startswith("e d")
    assert listed("name").startswith("a")


def test_pages_hold_each_run_once_and_say_how_many_there_are(add, page):
    for index in range(23):
        add(f"r{index:02}", {"x": index % 3}, columns={"created": 1.0})
    for where, expected in ((None, 23), (" ", 23), ("parameters.x == 1", 8)):
        found = []
        for offset in range(0, 30, 5):
            one = page(where=where, sort=["parameters.x"], limit=5, offset=offset)
            assert one.total == expected
            found += [row.id for row in one.rows]
        assert len(found) == len(set(found)) == expected
        assert found == [row.id for row in page(where=where, sort=["parameters.x"]).rows]
    assert (page(limit=0).rows, page(limit=0).total) == ([], 23)
    assert page(project="none").total == 0


def test_columns_hold_values_as_they_were_written(add, page):
    many = {
        "i": 64, "f": 0.5, "whole": 2.0, "big": {"$int": str(2**53 + 1)}, "huge": {"$int": str(10**400)},
        "far": 1e22, "text": "t", "yes": True, "null": None, "inf": INF, "list": [1, {"a": None}],
        "time": {"$datetime": "2026-11-01T01:00:00+01:00"}, "nan": NAN,
    }  # fmt: skip
    add("a", {"p": many}, loss=[1.0, math.nan], record={"started_at": "2026-11-01T00:00:00Z", "tags": ["x"]})
    (row,) = page(columns=["parameters.*"]).rows
    found = {name.removeprefix("parameters.p."): value for name, value in row.values.items()}
    assert math.isnan(found.pop("nan"))
    assert found == {
        "i": 64, "f": 0.5, "whole": 2, "big": 2**53 + 1, "huge": 10**400, "far": 1e22, "text": "t", "yes": True,
        "null": None, "inf": math.inf, "list": [1, {"a": None}],
        "time": datetime(2026, 11, 1, 1, tzinfo=timezone(timedelta(hours=1))),
    }  # fmt: skip
    assert found["time"].utcoffset() == timedelta(hours=1)
    assert [type(found[name]) for name in ("i", "f", "far", "yes")] == [int, float, float, bool]
    wanted = ["started", "status", "tags", "id", "series.loss.last", "series.loss.count", "series.loss.mean"]
    (row,) = page(columns=wanted).rows
    assert math.isnan(row.values.pop("series.loss.last"))
    assert row.values == {
        "started": datetime(2026, 11, 1, tzinfo=UTC), "tags": ("x",), "id": "a", "series.loss.count": 2,
        "series.loss.mean": 1.0,
    }  # fmt: skip


def test_a_pattern_of_columns_gives_those_that_a_run_of_the_page_has(add, page):
    add("a", {"model": {"lr": 1, "a.b": 2}, "lr": 3}, loss=[1.0], **{"MAP@k x": [2.0]})
    add("b", {"other": 1}, acc=[1.0])
    assert page(where="id == 'a'", columns=["parameters.*"]).columns == [
        "parameters.lr", "parameters.model.`a.b`", "parameters.model.lr",
    ]  # fmt: skip
    assert page(columns=["series.*.last"]).columns == ["series.`MAP@k x`.last", "series.acc.last", "series.loss.last"]
    assert page(columns=["parameters.*lr", "parameters.none", "points"]).columns == [
        "parameters.lr", "parameters.model.lr", "parameters.none", "points",
    ]  # fmt: skip
    assert page(columns=["parameters.`*`"]).columns == ["parameters.`*`"]
    assert page(columns=["parameters.lr", "parameters.*r"], where="id == 'b'").columns == [
        "parameters.lr", "parameters.other",
    ]  # fmt: skip
    rows = {row.id: row.values for row in page(columns=["parameters.lr", "series.*.max"]).rows}
    assert rows["a"] == {"parameters.lr": 3, "series.loss.max": 1.0, "series.`MAP@k x`.max": 2.0}
    assert rows["b"] == {"series.acc.max": 1.0}


def test_runs_of_several_projects_stand_in_one_table(add, page, listed):
    add("a", {"x": 2}, project="p", columns={"created": 1.0})
    add("b", {"x": 1}, project="q", columns={"created": 1.0})
    add("c", {"x": 3}, project="p/q", columns={"created": 1.0})
    assert listed("parameters.x") == "b a c"
    assert listed("parameters.x", project="p") == "a"
    assert listed("-project") == "b c a"
    rows = page(columns=["parameters.x", "project"], where="parameters.x in [1, 2]", sort=["id"]).rows
    assert [row.values for row in rows] == [{"parameters.x": 2, "project": "p"}, {"parameters.x": 1, "project": "q"}]


def test_a_row_tells_of_the_run_itself(add, page):
    said = {"name": "n", "group": "g", "status": "succeeded", "tags": ["x", "y"], "started_at": "1970-01-01T00:00:10Z"}
    add("a", record=said | {"ended_at": "1970-01-01T00:00:25Z"}, loss=[1.0], acc=[1.0, 2.0])
    add("b", columns={"trashed": 7.0})
    (row,) = page().rows
    assert (row.project, row.id, row.name, row.group, row.status) == ("p", "a", "n", "g", "succeeded")
    assert (row.started, row.ended, row.duration, row.tags) == (10.0, 25.0, 15.0, ("x", "y"))
    assert (row.points, row.series, row.sources, row.trashed, row.values) == (3, 2, 1, None, {})
    (row,) = page(trash=True).rows
    assert (row.id, row.trashed, row.name, row.tags) == ("b", 7.0, None, ())


def test_names_of_fields_are_told_as_they_are_written(add, store):
    add("a", {"a.b": {"c": 1}}, record={"tags": ["t"], "source": {"commit": "x"}}, loss=[1.0])
    add("b", {"other": 1}, project="q")
    names = field_names(store._engine, "p")
    assert {"status", "parameters.`a.b`.c", "source.commit", "series.loss.last", "series.loss.count"} <= set(names)
    assert "parameters.other" not in names
    assert "parameters.other" in field_names(store._engine)
    for name in names:
        if name != "tags":
            assert select_runs(store._engine, where=f"{name} exists or id == 'a'", columns=[name]).total >= 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sort": ["tags"]}, "no single value"),
        ({"sort": ["series.loss"]}, "no single value"),
        ({"sort": ["--id"]}, "no field --id|no field -id"),
        ({"sort": ["statsu"]}, "no field statsu"),
        ({"columns": ["series.loss"]}, "whole series"),
        ({"columns": ["x*"]}, "No columns are like"),
        ({"columns": ["parameters.lr < 1"]}, "Only a field"),
        ({"columns": [""]}, "missing"),
    ],
)
def test_sorts_and_columns_that_cannot_be_are_refused(add, page, options, message):
    add("a", {"lr": 1}, loss=[1.0])
    with pytest.raises(QueryError, match=message):
        page(**options)


def test_a_page_reads_the_rows_of_its_own_runs_alone(add, page, store):
    for index in range(40):
        add(f"r{index}", {"x": index, "y": index}, loss=[float(index)])
    bound = []
    event.listen(store._engine, "before_cursor_execute", lambda *given: bound.append((given[2], given[3])))
    page(where="parameters.x > 5", sort=["-series.loss.last"], columns=["parameters.*"], limit=3)
    read = [values for text, values in bound if text.startswith("SELECT field_values.field")]
    assert len(read) == 1
    assert sorted(map(str, read[0].values())) == ["1,2", "38,39,40"]
    assert all("LIMIT" in text for text, _ in bound if "FROM runs" in text and "WHERE (runs.id" not in text)
