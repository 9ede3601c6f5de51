"""The open schema, the strict schema and the typed decoder give one verdict."""

from __future__ import annotations

import copy
import json

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runjson_schema import schemas
from runjson_schema.decode import fold_bytes

from tests.strategies import RECORDS

OPEN, STRICT = schemas.load("record"), schemas.load("record.strict")
PLAIN = {name: jsonschema.Draft202012Validator(schema) for name, schema in (("open", OPEN), ("strict", STRICT))}
RUST = {name: jsonschema_rs.validator_for(schema) for name, schema in (("open", OPEN), ("strict", STRICT))}
# What needs more than a schema: lengths, the calendar, the order of edges, bytes of a name, base64, other records.
BEYOND = {"RJ101", "RJ103", "RJ110", "RJ111", "RJ121", "RJ122", "RJ201", "RJ202", "RJ203"}


def schema_verdict(record, which: str) -> bool:
    """Whether a schema takes a record; both implementations are asked, and agree."""
    plain, rust = PLAIN[which].is_valid(record), RUST[which].is_valid(record)
    assert plain == rust
    return plain


def decoder_codes(record, *, newer: bool = False) -> set[str]:
    """The codes of the errors that the decoder finds, without the schema's help."""
    found = []
    whole = {**record, "runjson": record.get("runjson", "1.9" if newer else "1.0")}
    fold_bytes(json.dumps(whole).encode(), "run.json", found.append)
    return {one.code for one in found if one.severity == "error"}


def agree(record) -> None:
    # Of a newer minor, the decoder takes every unknown member, as the open schema does.
    for which, codes in (("strict", decoder_codes(record)), ("open", decoder_codes({"runjson": "1.9", **record}))):
        verdict = schema_verdict(record, which)
        if codes - BEYOND:
            assert not verdict, (which, codes)
        elif not codes:
            assert verdict, which


@given(RECORDS)
@settings(max_examples=300)
def test_what_is_written_by_the_rules_is_taken_by_all(record):
    assert schema_verdict(record, "strict")
    assert schema_verdict(record, "open")
    assert not decoder_codes(record) - BEYOND


JUNK = st.sampled_from(
    [None, True, 0, -1.5, 3, "x", "", "1.0", "NaN", "a/../b", "/abs", [], {}, [None], ["NaN"], [1, "x"], [[1]],
     {"a": 1},
     {"values": []},
     {"values": None}, {"values": [1], "steps": "5"}, {"values": ["NaN"], "steps": ["NaN"]}, {"path": "x"},
     {"edges": [0, 1], "counts": [1]}, {"$int": 7}, {"$int": "7"}, {"$float": "1"}, {"acme:x": 1}, 1e12, 12.5]
).map(copy.deepcopy)  # fmt: skip


def places(tree, at=()):
    """The paths of all members and entries of a tree."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield (*at, key)
        yield from places(value, (*at, key))


@given(RECORDS, st.data())
@settings(max_examples=700)
def test_mutated_records_get_one_verdict(record, data):
    record = copy.deepcopy(record)
    for _ in range(data.draw(st.integers(1, 2))):
        paths = list(places(record))
        if not paths or data.draw(st.integers(0, 4)) == 0:
            name = data.draw(
                st.sampled_from(["loss", "Series", "acme:y", "step", "time", "tags", "parent", "error", "status"])
            )
            record[name] = data.draw(JUNK)
            continue
        *above, last = data.draw(st.sampled_from(paths))
        node = record
        for part in above:
            node = node[part]
        if data.draw(st.booleans()) or not isinstance(node, dict):
            node[last] = data.draw(JUNK)
        else:
            node[
                data.draw(st.sampled_from(["extra", "acme:z", "steps", "sha256", "bytes", "media_type", "data", "x"]))
            ] = data.draw(JUNK)
    agree(record)


@pytest.mark.parametrize(
    ("record", "valid"),
    [
        ({}, True),
        ({"name": {}, "tags": [], "series": [], "error": {}, "parent": {}, "step": None}, True),
        ({"series": {"a": None}}, False),
        ({"series": {"a": {}}}, True),
        ({"series": {"a": {"unit": "s"}}}, False),
        ({"series": {"a": {"values": {}}}}, True),
        ({"series": {"a": {"values": 1, "steps": 5, "times": 1.7e9}}}, True),
        ({"series": {"a": {"values": [1], "times": [1.7e12]}}}, False),
        ({"series": {"a": ["-inf", "+Infinity", "NAN"]}}, True),
        ({"series": {"a": ["NA"]}}, False),
        ({"series": {"a//b": [1]}}, False),
        ({"series": {"a": [True]}}, False),
        ({"text": {"a": [1]}}, False),
        ({"parent": {"step": 1}}, False),
        ({"parent": {"id": "x", "step": "NaN"}}, False),
        ({"parameters": {"a": {"$int": "01"}}}, False),
        ({"parameters": {"a": {"$int": "7", "b": 1}}}, True),
        ({"parameters": {"a": [{"$datetime": "2026-11-21"}]}}, False),
        ({"artifacts": {"a": None, "b": "x", "c": {"uri": "s3://x", "path": None}}}, True),
        ({"artifacts": {"a": {"path": "x", "uri": "y"}}}, False),
        ({"artifacts": {"a": {"data": "aGk="}}}, False),
        ({"artifacts": {"a": {"path": "x", "sha256": "0" * 63}}}, False),
        ({"artifacts": {"a": "C:/x"}}, False),
        ({"artifacts": {"a": "a/./b/"}}, True),
        ({"artifacts": {"a": "./."}}, False),
        ({"histograms": {"a": {"edges": [0, 1], "counts": 1}}}, True),
        ({"histograms": {"a": {"edges": [0, 1]}}}, False),
        ({"started_at": "2026-11-21T03:13:41"}, False),
        ({"id": "a b"}, False),
        ({"tags": ["x", None]}, False),
        ({"acme:x": {"any": [None]}}, True),
        ({"loss": 0.5}, False),
    ],
)  # fmt: skip
def test_a_table_of_records(record, valid):
    assert schema_verdict(record, "strict") == valid
    agree(record)


def test_the_schemas_are_schemas_and_the_strict_one_is_made_from_the_open_one():
    for schema in (OPEN, STRICT):
        jsonschema.Draft202012Validator.check_schema(schema)
    assert schemas.main(["--check"]) == 0
    assert OPEN["$id"] == "urn:runjson:schema:1.0:record"


def test_every_member_and_part_of_the_schema_is_described_with_an_example_that_it_takes():
    parts = {**OPEN["properties"], **OPEN["$defs"], **OPEN["patternProperties"]}
    for name, part in parts.items():
        assert {"title", "description", "examples"} <= part.keys(), name
        validator = jsonschema.Draft202012Validator({**part, "$defs": OPEN["$defs"]})
        for example in part["examples"]:
            assert validator.is_valid(example), (name, example)
