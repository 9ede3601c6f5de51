from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from runjson_schema.points import Points
from runjson_tracker.chunks import (
    CHUNK_POINTS,
    decode,
    decode_json,
    decode_numbers,
    encode,
    encode_json,
    encode_numbers,
)

ODD = [math.nan, math.inf, -math.inf, 0.0, -0.0, 5e-324, 1.7976931348623157e308, -1.7976931348623157e308, 2.0**64, 0.1]
NUMBERS = st.lists(st.floats() | st.sampled_from(ODD) | st.integers(0, 50).map(float), max_size=60)


def back(numbers):
    out = np.empty(len(numbers))
    decode_numbers(encode_numbers(numbers), out)
    return out


@settings(max_examples=300, deadline=None)
@given(NUMBERS)
@example(ODD)
@example([math.inf] * 5)
@example([math.nan] * 5)
@example([-0.0] * 5)
@example([0.0, -0.0, 0.0])
@example([-1.7e308, 1.7e308, math.inf])
@example([1e308, 1.5e308, math.inf])
@example([float(step) for step in range(2**53 - 3, 2**53 + 3)])
def test_each_double_comes_back_with_its_bits(numbers):
    array = np.array(numbers, dtype=np.float64)
    assert back(array).tobytes() == array.tobytes()


def test_a_column_that_is_a_view_comes_back():
    column = np.random.default_rng(0).normal(size=300)[::3]
    assert (back(column) == column).all()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.floats(), st.none() | st.floats(-1e300, 1e300), st.none() | st.floats(1e8, 1e11)), min_size=1)
)
def test_missing_steps_and_times_come_back_as_missing(rows):
    columns = [
        np.array([math.nan if entry is None else entry for entry in column]) for column in zip(*rows, strict=True)
    ]
    chunk = encode(Points(*columns))
    points = decode("series", [chunk, chunk])
    for name, column in zip(("values", "steps", "times"), columns, strict=True):
        found = getattr(points, name)
        if name != "values" and np.isnan(column).all():
            assert found is None
            assert getattr(chunk, name) is None
        else:
            np.testing.assert_array_equal(found, np.concatenate([column, column]))


def test_chunks_of_which_one_has_no_steps_are_joined():
    with_steps = encode(Points(np.array([1.0]), np.array([5.0])))
    without = encode(Points(np.array([2.0])))
    np.testing.assert_array_equal(decode("series", [without, with_steps]).steps, [math.nan, 5.0])


@pytest.mark.parametrize(
    "value", [["a\0b", "", "é\U0001f600"], [{"path": "a.png"}], [10**300], [7, 7.5], ["x" * 10_000]]
)
def test_json_comes_back(value):
    assert decode_json(encode_json(value)) == value


def test_an_unknown_codec_is_told():
    with pytest.raises(ValueError, match="does not know"):
        decode_numbers(b"\xff", np.empty(1))
    with pytest.raises(ValueError, match="does not know"):
        decode_json(b"\xff")


def test_a_small_chunk_costs_little():
    rng = np.random.default_rng(0)
    losses = np.exp(np.cumsum(rng.normal(0, 0.01, 100)))
    times = 1.795e9 + np.round(np.cumsum(0.01 + rng.exponential(2e-4, 100)), 6)
    chunk = encode(Points(losses, np.arange(100.0), times))
    assert len(chunk.values) + len(chunk.steps) + len(chunk.times) < 9.5 * 100
    assert len(chunk.steps) == 17


def test_steps_of_a_full_chunk_cost_nothing_worth_naming():
    assert len(encode_numbers(np.arange(CHUNK_POINTS) * 50.0)) == 17
