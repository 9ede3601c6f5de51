"""Smoothed series: TensorBoard's average over all points, wherever a few of them are shown."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from runjson_schema.points import Points
from runjson_server import series
from runjson_tracker import portions
from runjson_tracker.smoothing import Average, averages_at

WEIGHTS = [0.0, 1e-90, 0.01, 0.5, 0.9, 0.99, 0.999, 0.999999]


def averages(values, weight):
    """As TensorBoard's data_transformer.ts has them, value by value."""
    last, number, found, now = 0.0, 0, [], math.nan
    for value in values:
        if math.isfinite(value):
            last = last * weight + (1 - weight) * value
            number += 1
            now = last / (1 - weight**number)
        found.append(now)
    return found


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize("weight", WEIGHTS)
def test_averages_are_those_of_the_recurrence_whatever_the_pieces(weight):
    random = np.random.default_rng(1)
    values = random.lognormal(size=30_000)
    values[random.integers(0, len(values), 300)] = np.nan
    values[[7, 4096, 29_999]] = np.inf
    expected = np.array(averages(values.tolist(), weight))
    for cuts in ([], [1], [4096, 4097, 20_000], sorted(random.integers(0, len(values), 50))):
        average = Average(weight)
        close(np.concatenate([average.take(piece) for piece in np.split(values, cuts)]), expected)
        places = np.unique(random.integers(0, len(values), 100))
        close(averages_at(np.split(values, cuts), places, weight), expected[places])


@pytest.mark.parametrize("weight", [0.5, 0.9, 0.999])
def test_neither_the_largest_nor_the_smallest_doubles_break_an_average(weight):
    largest = np.finfo(np.float64).max
    values = np.array([5e-324, largest, -largest, largest] + [1e-5] * 3000 + [-1e250] + [2.0] * 30_000)
    close(Average(weight).take(values), averages(values.tolist(), weight))


def test_before_the_first_finite_value_there_is_no_average():
    average = Average(0.5)
    assert np.isnan(average.take(np.array([np.nan, np.inf]))).all()
    assert average.take(np.array([-np.inf, 3.0, np.nan])).tolist()[1:] == [3.0, 3.0]
    assert average.take(np.empty(0)).tolist() == []


@given(st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), max_size=60), st.floats(0, 0.999))
def test_any_few_values_are_averaged(values, weight):
    np.testing.assert_allclose(
        Average(weight).take(np.array(values, dtype=np.float64)), averages(values, weight), rtol=1e-6, atol=1e-6
    )


def test_few_points_of_many_series_have_the_averages_of_all(track, reading, monkeypatch):
    random = np.random.default_rng(2)
    long, short = random.exponential(size=50_000), random.normal(size=900)
    long[123] = np.nan
    times = 1.7e9 + np.arange(50_000.0)
    track("a", project="p", long=Points(long, None, times), short=Points(short))
    track("b", project="p", long=Points(long[::-1].copy()), none=Points(np.full(3, np.nan)))
    runs = [("p", "b"), ("p", "a"), ("p", "b")]
    whole = {("a", "long"): long, ("a", "short"): short, ("b", "long"): long[::-1], ("b", "none"): np.full(3, np.nan)}
    # Together, one by one, and a long one in pieces.
    for at_once in (1 << 20, 50_000, 700):
        monkeypatch.setattr(portions, "_SMOOTHED_AT_ONCE", at_once)
        for part in ({}, {"steps": (20_000.0, 20_500.0)}, {"times": (1.7e9 + 40_000, 1.7e9 + 41_000)}):
            found = list(reading.series_of(runs, most=200, smoothing=0.95, **part))
            assert [(one.run, one.name) for one in found] == [
                ("b", "long"), ("b", "none"), ("a", "long"), ("a", "short"), ("b", "long"), ("b", "none"),
            ]  # fmt: skip
            for one in found:
                close(one.smoothed, np.array(averages(whole[one.run, one.name], 0.95))[one.indices])
    # A long answer is cut into portions, and each has its own.
    monkeypatch.setattr(series, "_PORTION", 30)
    found = list(reading.series_of([("p", "a")], ["long"], most=200, smoothing=0.5))
    indices = np.concatenate([one.indices for one in found])
    close(np.concatenate([one.smoothed for one in found]), np.array(averages(long, 0.5))[indices])


def test_nothing_is_smoothed_unasked_and_what_is_no_weight_is_refused(track, reading):
    track("a", project="p", loss=Points(np.arange(9.0)))
    assert [one.smoothed for one in reading.series_of([("p", "a")], most=5)] == [None]
    for weight in (-0.1, 1.0, math.nan):
        with pytest.raises(ValueError, match=r"from 0 to less than 1"):
            list(reading.series_of([("p", "a")], most=5, smoothing=weight))
    with pytest.raises(ValueError, match="goes with `most`"):
        list(reading.series_of([("p", "a")], smoothing=0.5))


def test_of_a_long_series_no_more_is_read_than_up_to_the_last_point_that_is_shown(track, reading, monkeypatch):
    track("a", project="p", long=Points(np.arange(50_000.0)), short=Points(np.arange(900.0)))
    monkeypatch.setattr(portions, "_SMOOTHED_AT_ONCE", 20_000)
    read = []
    ranges, whole = portions.read_range, portions.read_whole_of

    def read_range(connection, source, number, kind, start, stop, **more):
        read.append((start, stop))
        return ranges(connection, source, number, kind, start, stop, **more)

    def read_whole_of(connection, kind, wanted, **more):
        read.extend(end for ends in wanted.values() for end in ends.values())
        return whole(connection, kind, wanted, **more)

    monkeypatch.setattr(portions, "read_range", read_range)
    monkeypatch.setattr(portions, "read_whole_of", read_whole_of)
    list(reading.series_of([("p", "a")], most=200, smoothing=0.5, steps=(100.0, 150.0)))
    assert read == [(0, 151), 151]
    read.clear()
    list(reading.series_of([("p", "a")], most=200, smoothing=0.5, steps=(60_000.0, 60_001.0)))
    assert read == []
