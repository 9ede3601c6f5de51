"""The laws of SPEC sections 8, 9 and 10, over arbitrary records and cuts."""

from __future__ import annotations

import itertools
import json
import math
import random

import numpy as np
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from runjson_schema import layout, sources
from runjson_schema.canonical import canonical, json_text
from runjson_schema.decode import fold_bytes
from runjson_schema.findings import Refused
from runjson_schema.numbers import number_text

from tests.strategies import DOUBLES, INTEGERS, TEXTS, VALUES, line, same, streams


def folded(lines: list[bytes]) -> bytes | str:
    """The canonical form of a stream, or "refused"."""
    try:
        return canonical(fold_bytes(b"\n".join(lines), "run.jsonl").fold)
    except Refused:
        return "refused"


@given(streams(least=2), st.data())
@settings(max_examples=300)
def test_a_stream_cut_anywhere_merges_to_its_fold(records, data):
    lines = [line(record) for record in records]
    cut = data.draw(st.integers(1, len(lines) - 1))
    whole = folded(lines)
    # The second half begins with what any first record must say, which a merge takes as said again.
    second = folded([line({"runjson": "1.0", "id": "r1", **records[cut]}), *lines[cut + 1 :]])
    first = folded(lines[:cut])
    merged = "refused" if "refused" in {first, second} else folded([first, second])
    assert merged == whole


@given(streams(least=3))
@settings(max_examples=150)
def test_merging_is_associative_also_where_it_fails(records):
    head = {"runjson": "1.0", "id": "r1"}
    a, b, *rest = [line({**head, **record}) for record in records]
    c = folded(rest)
    left = folded([a, b])
    left = "refused" if "refused" in {left, c} else folded([left, c])
    right = "refused" if c == "refused" else folded([b, c])
    right = "refused" if right == "refused" else folded([a, right])
    assert left == right


@given(streams())
@settings(max_examples=150)
def test_a_canonical_form_reads_back_to_itself_as_document_and_as_stream(records):
    form = folded([line(record) for record in records])
    if form == "refused":
        return
    document = fold_bytes(form, "run.json")
    assert canonical(document.fold) == form
    laid_out = b"".join(layout.folded(document.fold))
    assert canonical(fold_bytes(laid_out, "run.json").fold) == form
    split = b"".join(layout.split(document.fold, 2))
    assert canonical(fold_bytes(split, "run.jsonl").fold) == form
    assert json_text(json.loads(form)) == form


@given(st.lists(DOUBLES | st.sampled_from([math.nan, math.inf, -math.inf]), min_size=1, max_size=40))
def test_every_double_survives_as_a_point(numbers):
    values = [number if math.isfinite(number) else str(number) for number in numbers]
    file = fold_bytes(json.dumps({"runjson": "1.0", "series": {"x": values}}).encode())
    read = fold_bytes(canonical(file.fold)).fold.columns["series"]["x"].take().values
    assert all(same(*pair) for pair in zip(read.tolist(), numbers, strict=True))
    assert not np.signbit(read[read == 0]).any()


@given(INTEGERS | st.integers(-(10**1000) + 1, 10**1000 - 1))
def test_integers_of_any_size_survive_as_parameters(number):
    for spelling in (number, {"$int": str(number)}):
        file = fold_bytes(json.dumps({"runjson": "1.0", "parameters": {"p": spelling}}).encode())
        assert file.fold.parameters["p"] == number
        assert fold_bytes(canonical(file.fold)).fold.parameters["p"] == number


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=500)
def test_doubles_are_printed_as_rfc_8785_says(number):
    assert number_text(number).encode() == rfc8785.dumps(number)


def test_the_published_values_of_rfc_8785():
    # Appendix B: the bits of a double and how it is printed.
    published = {
        0x0000000000000000: "0", 0x8000000000000000: "0", 0x0000000000000001: "5e-324", 0x8000000000000001: "-5e-324",
        0x7FEFFFFFFFFFFFFF: "1.7976931348623157e+308", 0xFFEFFFFFFFFFFFFF: "-1.7976931348623157e+308",
        0x4340000000000000: "9007199254740992", 0xC340000000000000: "-9007199254740992",
        0x4430000000000000: "295147905179352830000", 0x44B52D02C7E14AF5: "9.999999999999997e+22",
        0x44B52D02C7E14AF6: "1e+23", 0x44B52D02C7E14AF7: "1.0000000000000001e+23",
        0x444B1AE4D6E2EF4E: "999999999999999700000", 0x444B1AE4D6E2EF4F: "999999999999999900000",
        0x444B1AE4D6E2EF50: "1e+21", 0x3EB0C6F7A0B5ED8C: "9.999999999999997e-7", 0x3EB0C6F7A0B5ED8D: "0.000001",
        0x41B3DE4355555553: "333333333.3333332", 0x41B3DE4355555554: "333333333.33333325",
        0x41B3DE4355555555: "333333333.3333333", 0x41B3DE4355555556: "333333333.3333334",
        0x41B3DE4355555557: "333333333.33333343", 0xBECBF647612F3696: "-0.0000033333333333333333",
        0x43143FF3C1CB0959: "1424953923781206.2",
    }  # fmt: skip
    for bits, text in published.items():
        assert number_text(float(np.array(bits, dtype=np.uint64).view(np.float64))) == text


@given(st.dictionaries(TEXTS, st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS | DOUBLES, max_size=8))
def test_json_is_serialised_as_rfc_8785_says(tree):
    assert json_text(tree) == rfc8785.dumps(tree)


@given(st.lists(DOUBLES | st.sampled_from([math.nan, math.inf, -math.inf, 3.0, 1e16, 1e-5]), min_size=1, max_size=60))
def test_columns_are_printed_as_their_numbers_one_by_one(numbers):
    values = [
        number if math.isfinite(number) else {"nan": "NaN", "inf": "Infinity"}.get(str(number), "-Infinity")
        for number in numbers
    ]
    file = fold_bytes(json.dumps({"runjson": "1.0", "series": {"x": values}}).encode())
    one_by_one = ",".join(json.dumps(v) if isinstance(v, str) else number_text(v) for v in values)
    assert canonical(file.fold) == f'{{"runjson":"1.0","series":{{"x":{{"values":[{one_by_one}]}}}}}}'.encode()


@given(
    st.dictionaries(st.sampled_from(["", "a", "b", "rank-1", "~"]), streams(most=3), min_size=1, max_size=3),
    st.randoms(),
)
@settings(max_examples=100)
def test_a_run_is_the_same_whatever_source_arrives_first(by_writer, rng):
    records = {}
    for writer, stream in by_writer.items():
        form = folded([line(record) for record in stream])
        if form == "refused":
            return
        record = json.loads(form)
        records[writer] = {
            name: value for name, value in record.items() if name not in {"series", "text", "images", "histograms"}
        }
    outcomes = []
    for order in itertools.islice(itertools.permutations(records), 6):
        try:
            outcomes.append(json.dumps(sources.merged({writer: records[writer] for writer in order}), sort_keys=True))
        except sources.Disagreement:
            outcomes.append("refused")
    assert len(set(outcomes)) == 1


@given(VALUES)
def test_properties_keep_any_value(value):
    file = fold_bytes(json.dumps({"runjson": "1.0", "properties": {"k": value}}).encode())
    again = fold_bytes(canonical(file.fold))
    assert canonical(again.fold) == canonical(file.fold)


def test_minus_zero_is_zero_wherever_it_came_from():
    stream = (
        b'{"runjson": "1.0", "id": "r"}\n{"series": {"a": -0.0}, "step": -0.0}\n{"series": {"a": [-0.0], "b": -0.0}}'
    )
    for text, name in (
        (stream, "run.jsonl"),
        (b'{"runjson": "1.0", "step": -0.0, "series": {"a": [-0.0, -0]}}', "run.json"),
    ):
        for column in fold_bytes(text, name).fold.columns["series"].values():
            points = column.take()
            for numbers in (points.values, points.steps):
                assert numbers is None or not np.signbit(numbers[numbers == 0]).any()


def test_blocks_of_a_long_array_are_joined_without_a_seam():
    rng = random.Random(3)
    values = [rng.choice([rng.gauss(0, 1), float(rng.randrange(10)), "NaN", "-Infinity"]) for _ in range(60_000)]
    steps = [rng.choice([None, index, index + 0.5]) for index in range(60_000)]
    data = json.dumps({"runjson": "1.0", "series": {"x": {"values": values, "steps": steps}}}).encode()
    points = fold_bytes(data).fold.columns["series"]["x"].take()
    assert all(same(found, float(value)) for found, value in zip(points.values.tolist(), values, strict=True))
    expected = [math.nan if step is None else float(step) for step in steps]
    assert all(same(*pair) for pair in zip(points.steps.tolist(), expected, strict=True))
