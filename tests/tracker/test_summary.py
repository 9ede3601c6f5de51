from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runjson_schema.points import Points
from runjson_tracker.summary import summarise

VALUES = st.sampled_from([math.nan, math.inf, -math.inf, -2.0, 0.0, 1.0, 3.0])
STEPS = st.sampled_from([math.nan, 0.0, 1.0, 2.0, 2.0**64])
ROWS = st.lists(st.tuples(VALUES, STEPS, STEPS), min_size=1, max_size=8)


def points(rows):
    return Points(*(np.array(column) for column in zip(*rows, strict=True)))


@settings(deadline=None)
@given(ROWS, ROWS)
def test_the_summary_of_two_parts_is_that_of_the_whole(one, other):
    assert summarise(points(one), 0).then(summarise(points(other), len(one))) == summarise(points(one + other), 0)


@given(st.lists(st.tuples(VALUES | st.floats(-1e6, 1e6), STEPS, STEPS), min_size=1, max_size=7))
def test_a_few_points_are_summarised_bit_by_bit_as_many(rows):
    few = summarise(points(rows), 10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("runjson_tracker.summary._FEW", 0)
        assert summarise(points(rows), 10) == few


def test_extremes_are_those_of_the_finite_points_and_their_first_places():
    summary = summarise(Points(np.array([math.inf, 2.0, -1.0, math.nan, -1.0, 2.0])), 100)
    assert (summary.minimum, summary.argmin, summary.maximum, summary.argmax) == (-1.0, 102, 2.0, 101)
    assert (summary.count, summary.nonfinite, summary.total, summary.last) == (6, 2, 2.0, 2.0)


def test_what_is_nan_is_none():
    summary = summarise(Points(np.array([math.nan])), 0)
    assert (summary.last, summary.minimum, summary.total, summary.step_min) == (None, None, 0.0, None)


def test_a_sum_beyond_the_largest_double_is_infinite():
    assert summarise(Points(np.array([1.7e308, 1.7e308])), 0).total == math.inf


@pytest.mark.parametrize(
    ("steps", "rising"),
    [
        (None, True),
        ([math.nan, math.nan], True),
        ([1.0, 1.0, 2.0], True),
        ([2.0, 1.0], False),
        ([1.0, math.nan, 2.0], False),
        ([math.nan, 1.0], False),
    ],
)
def test_steps_rise_unless_one_falls_or_is_missing(steps, rising):
    column = None if steps is None else np.array(steps)
    assert summarise(Points(np.zeros(3 if steps is None else len(steps)), column), 0).rising is rising


def test_texts_have_no_numbers():
    summary = summarise(Points(["a", "b"]), 0)
    assert (summary.count, summary.nonfinite, summary.last, summary.total) == (2, 0, None, None)
