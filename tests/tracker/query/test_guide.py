"""docs/queries.md is true: each filter in it is answered, each error is told so, its Python runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from runjson_tracker.query.errors import QueryError
from runjson_tracker.query.table import field_names, select_runs

PAGE = (Path(__file__).parents[3] / "docs" / "queries.md").read_text(encoding="utf-8")


def blocks(language):
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert found
    return found


QUERIES = [line for block in blocks("query") for line in block.splitlines()]


@pytest.fixture
def filled(add, store):
    parameters = {
        "lr": 0.1, "model": {"kind": "mlp", "layers": 3}, "amp": False, "learning rate": 0.1, "a.b": {"c": 1},
        "back`tick": 1, "optimizer": "adam", "layers": 3, "seed": {"$int": "9007199254740993"}, "note": None,
        "deadline": {"$datetime": "2026-12-01T00:00:00Z"},
    }  # fmt: skip
    series = {name: [0.25, 0.5] for name in ("train/loss", "validation/accuracy", "MAP@k", "time(s)/gen")}
    add("mlp-1", parameters, record={"tags": ["best"], "name": "a 100% b", "status": "succeeded"}, **series)
    return store._engine


@pytest.mark.parametrize("query", QUERIES)
def test_each_filter_of_the_guide_is_answered(filled, query):
    assert select_runs(filled, where=query).total in {0, 1}


def test_the_filters_of_the_guide_find_what_they_should(filled):
    found = {query for query in QUERIES if select_runs(filled, where=query).total}
    assert len(found) == 13
    assert 'name contains "100%"' in found
    assert "parameters.amp or not (parameters.lr = 0.1 or points > 1000)" not in found


@pytest.mark.parametrize("block", blocks("error"))
def test_each_error_of_the_guide_is_told_so(filled, block):
    with pytest.raises(QueryError) as caught:
        select_runs(filled, where=block.splitlines()[0])
    assert f"{caught.value.pointed()}\n{caught.value}\n" == block


def test_the_python_of_the_guide_runs(filled):
    for block in blocks("python"):
        names = {"engine": filled}
        exec(block, names)
        assert [row.id for row in names["page"].rows] == ["mlp-1"]
        assert names["groups"][0].statistics["series.validation/accuracy.max"].mean == 0.5
        assert names["leaders"][0].run.id == "mlp-1"
        assert names["names"] == field_names(filled)


def test_the_guide_names_every_field_and_statistic():
    from runjson_tracker.query.fields import KINDS, RUN_FIELDS, STATISTICS, STATUSES

    for word in (*RUN_FIELDS, *STATUSES):
        assert f"`{word}`" in PAGE
    for word in KINDS:
        assert f"`{word}." in PAGE
    for word in STATISTICS:
        assert f".{word}`" in PAGE
