"""Several runs' series are taken together at each step, as plain Python does it with exact fractions."""

from __future__ import annotations

import math
import statistics

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from runjson_schema.points import Points
from runjson_tracker.aggregate import aggregate

VALUES = st.sampled_from([math.nan, math.inf, -math.inf]) | st.floats(-1e6, 1e6)
STEPS = st.sampled_from([math.nan, -1.0, 0.0, 1.0, 2.0, 2.5, 2.0**64])
RUNS = st.lists(st.lists(st.tuples(VALUES, STEPS), max_size=8), max_size=5)


def oracle(runs):
    """The finite values and the count of the others, by step."""
    found = {}
    for run in runs:
        last = {}
        for index, (value, step) in enumerate(run):
            last[float(index) if math.isnan(step) else step] = value
        for step, value in last.items():
            found.setdefault(step, []).append(value)
    return {
        step: ([value for value in values if math.isfinite(value)], sum(not math.isfinite(value) for value in values))
        for step, values in sorted(found.items())
    }


@settings(deadline=None, max_examples=300)
@given(RUNS)
def test_each_step_has_the_statistics_of_the_finite_values_there(runs):
    found = aggregate(
        [Points(np.array([v for v, _ in run], float), np.array([s for _, s in run], float)) for run in runs]
    )
    expected = oracle(runs)
    assert found.steps.tolist() == list(expected)
    for place, (values, nonfinite) in enumerate(expected.values()):
        assert (found.count[place], found.nonfinite[place]) == (len(values), nonfinite)
        if not values:
            assert np.isnan([found.mean[place], found.std[place], found.minimum[place], found.maximum[place]]).all()
            continue
        assert (found.minimum[place], found.maximum[place]) == (min(values), max(values))
        near = 1e-14 * max(map(abs, values))
        assert found.mean[place] == pytest.approx(statistics.mean(values), rel=1e-12, abs=near)
        assert found.minimum[place] <= found.mean[place] <= found.maximum[place]
        if len(values) == 1:
            assert math.isnan(found.std[place])
        else:
            assert found.std[place] == pytest.approx(statistics.stdev(values), rel=1e-9, abs=near)


def test_of_several_values_at_one_step_of_a_run_the_last_counts():
    found = aggregate(
        [Points(np.array([1.0, 2.0, 9.0]), np.array([5.0, 3.0, 5.0])), Points(np.array([7.0]), np.array([5.0]))]
    )
    assert found.steps.tolist() == [3.0, 5.0]
    assert found.mean.tolist() == [2.0, 8.0]
    assert found.count.tolist() == [1, 2]


def test_a_point_without_a_step_stands_at_its_index():
    found = aggregate([Points(np.array([1.0, 2.0])), Points(np.array([3.0, 5.0]), np.array([1.0, math.nan]))])
    assert found.steps.tolist() == [0.0, 1.0]
    assert found.mean.tolist() == [1.0, 3.5]


def test_nothing_is_put_between_steps():
    found = aggregate([Points(np.array([0.0, 10.0]), np.array([0.0, 10.0])), Points(np.array([1.0]), np.array([5.0]))])
    assert found.steps.tolist() == [0.0, 5.0, 10.0]
    assert found.count.tolist() == [1, 1, 1]


def test_a_small_scatter_about_a_large_number_keeps_its_digits():
    found = aggregate([Points(np.array([1e15 + offset])) for offset in (1.0, 2.0, 3.0, 4.0)])
    assert found.mean[0] == 1e15 + 2.5
    assert found.std[0] == pytest.approx(statistics.stdev([1, 2, 3, 4]), rel=1e-12)


@pytest.mark.parametrize("scale", [1.7e308, 1e200, 1e-200, 5e-324])
def test_no_square_or_sum_of_large_or_small_numbers_is_lost(scale):
    found = aggregate([Points(np.array([value])) for value in (scale, scale, 0.0, scale)])
    assert found.mean[0] == pytest.approx(scale * 0.75, rel=1e-12, abs=5e-324)
    assert found.std[0] == pytest.approx(scale / 2, rel=1e-12, abs=5e-324)


@pytest.mark.parametrize("value", [0.1, -1 / 3, 1e300, 5e-324, 0.0])
def test_runs_that_agree_have_their_value_as_mean_and_do_not_scatter(value):
    found = aggregate([Points(np.array([value]))] * 7)
    assert (found.mean[0], found.std[0], found.minimum[0], found.maximum[0]) == (value, 0.0, value, value)


def test_no_runs_and_runs_without_points_have_no_steps():
    for parts in ([], [Points(np.empty(0))], [Points(np.empty(0), np.empty(0)), Points(np.empty(0))]):
        found = aggregate(parts)
        for name in ("steps", "mean", "std", "minimum", "maximum", "count", "nonfinite"):
            assert getattr(found, name).shape == (0,)


def test_the_runs_points_stay_as_they_are():
    values, steps = np.array([3.0, 1.0, math.nan]), np.array([1.0, 2.0, 3.0])
    points = Points(values.copy(), steps.copy())
    found = aggregate([points, points])
    found.steps[:] = 0.0
    assert points.values.tobytes() == values.tobytes()
    assert points.steps.tobytes() == steps.tobytes()


def test_long_series_of_several_runs_are_taken_together_value_by_value():
    rng = np.random.default_rng(1)
    table = rng.normal(1e6, 1.0, (5, 200_000))
    steps = np.arange(200_000) * 10.0
    found = aggregate([Points(row, steps) for row in table])
    np.testing.assert_allclose(found.mean, table.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(found.std, table.std(axis=0, ddof=1), rtol=1e-8)
    np.testing.assert_array_equal(found.minimum, table.min(axis=0))
    np.testing.assert_array_equal(found.maximum, table.max(axis=0))
