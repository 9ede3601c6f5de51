"""The fields of runs follow their records and series, through growth, several sources and replacement."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from runjson_schema.points import Points
from runjson_tracker.fields import FieldValue, fields_of
from runjson_tracker.store import Store
from runjson_tracker.tables import field_series, field_values, fields
from sqlalchemy import select


def values_of(store):
    """The fields of all runs, by kind and name, as the tables have them."""
    statement = select(fields.c.kind, fields.c.name, field_values.c.type, field_values.c.number, field_values.c.text)
    with store._engine.connect() as connection:
        rows = connection.execute(statement.join(field_values, field_values.c.field == fields.c.id)).all()
    found = {(row.kind, row.name): FieldValue(row.type, row.number, row.text) for row in rows}
    assert len(found) == len(rows)
    return found


def series_of(store):
    statement = select(fields.c.name, field_series).join(field_series, field_series.c.field == fields.c.id)
    with store._engine.connect() as connection:
        return {row.name: row for row in connection.execute(statement)}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.5, FieldValue("number", 0.5)),
        (True, FieldValue("boolean", 1.0)),
        (None, FieldValue("null")),
        ("adam", FieldValue("text", None, "adam")),
        ("nul \0", FieldValue("text", None, "nul \ufffd")),
        (2**53 - 1, FieldValue("number", 2.0**53 - 1)),
        ({"$int": "9007199254740993"}, FieldValue("number", 2.0**53, "9007199254740993")),
        (10**400, FieldValue("number", math.inf, str(10**400))),
        ({"$float": "NaN"}, FieldValue("number", None)),
        ({"$float": "-Infinity"}, FieldValue("number", -math.inf)),
        ({"$datetime": "1970-01-02T00:00:00Z"}, FieldValue("time", 86400.0, "1970-01-02T00:00:00Z")),
        ([64, 32], FieldValue("json", None, "[64,32]")),
        (["é"] * 100, FieldValue("json", None, "[" + ",".join(['"é"'] * 100) + "]")),
    ],
)
def test_each_kind_of_value_is_kept_as_what_it_is(value, expected):
    assert fields_of({"parameters": {"p": value}}) == {("parameters", "/p"): expected}


def test_objects_are_namespaces_and_entries_taken_back_are_none():
    record = {
        "parameters": {"model": {"a/b": 1, "c~d": {"e.f": 2}}, "empty": {}},
        "properties": {"gone": None, "there": {"deep": "x"}},
        "source": {"commit": "abc"},
        "tags": ["best"],
    }
    assert set(fields_of(record)) == {
        ("parameters", "/model/a~1b"),
        ("parameters", "/model/c~0d/e.f"),
        ("properties", "/there/deep"),
        ("source", "/commit"),
        ("tags", "best"),
    }


def test_series_of_several_sources_are_taken_together_in_their_order(store, track):
    track("r", "b", loss=[5.0, math.nan], merged={"id": "r"})
    track("r", "a", loss=[1.0, 2.0, math.inf], other=[7.0], merged={"id": "r"})
    found = series_of(store)
    loss = found["loss"]
    assert (loss.count, loss.nonfinite, loss.minimum, loss.maximum, loss.last) == (5, 2, 1.0, 5.0, None)
    assert loss.mean == 8.0 / 3
    assert found["other"].last == 7.0


def test_a_series_without_a_finite_point_has_no_extremes(store, track):
    track(loss=[math.nan, math.inf])
    (row,) = series_of(store).values()
    assert (row.minimum, row.maximum, row.mean, row.last) == (None, None, None, math.inf)


def test_replacing_a_source_takes_its_old_series_out(store, track):
    tracked = track(old=[1.0], both=[1.0, 2.0])
    with store.ingest("p", "r", "", tracked) as ingest:
        ingest.replace_all()
        ingest.append("series", "both", Points(np.array([9.0])))
        ingest.commit({"id": "r"}, "0" * 64, "document", None, None, {"id": "r"})
    found = series_of(store)
    assert set(found) == {"both"}
    assert (found["both"].count, found["both"].last) == (1, 9.0)
    row = store.runs()[0]
    assert (row.points, row.series, row.sources) == (1, 1, 1)


names = st.text("ab/~.", min_size=1, max_size=3)
leaves = st.one_of(st.integers(-3, 3), st.sampled_from([None, True, "x", 0.5]), st.just([1]))
trees = st.recursive(leaves, lambda inner: st.dictionaries(names, inner, max_size=3), max_leaves=6)
records = st.fixed_dictionaries(
    {},
    optional={
        "parameters": st.dictionaries(names, trees, max_size=3),
        "properties": st.dictionaries(names, trees, max_size=3),
        "tags": st.lists(names, max_size=3, unique=True),
    },
)


@settings(max_examples=40, deadline=None)
@given(said=st.lists(records, min_size=1, max_size=4))
def test_after_any_changes_the_tables_hold_what_the_last_record_says(said, tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("store")) as store:
        for record in said:
            with store.ingest("p", "r", "", store.source("p", "r", "")) as ingest:
                ingest.commit(record, "0" * 64, "document", None, None, record)
        assert values_of(store) == fields_of(said[-1])
