"""Fewer points show a series: whatever is read of it, the extremes of each stretch and what is not finite are there."""

from __future__ import annotations

import itertools
import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from runjson_schema.points import Points
from runjson_tracker import reduce as module
from runjson_tracker.chunks import CHUNK_POINTS
from runjson_tracker.reduce import LEAST_POINTS, reduced
from runjson_tracker.store import SourceChanged, Store

from tests.tracker.points import RECORD, numbers

VALUES = st.sampled_from([math.nan, math.inf, -math.inf, -2.0, 0.0, 1.0, 3.0])
MAYBE = st.sampled_from([math.nan, 0.0, 1.0, 2.0, 5.0, 2.0**64])


def column(points, name):
    found = getattr(points, name)
    return np.full(len(points), math.nan) if found is None else found


def same_points(found, points):
    """What was found stands in the series at the indices that are told."""
    assert found.indices.dtype == np.int64
    assert len(found.points) == len(found.indices)
    assert (np.diff(found.indices) > 0).all()
    for name in ("values", "steps", "times"):
        np.testing.assert_array_equal(column(found.points, name), column(points, name)[found.indices])


def shows(found, points, within, most, longest):
    """`found` shows the points whose indices are in `within`, in stretches of at most `longest` of them."""
    same_points(found, points)
    assert len(found.points) <= most
    assert found.count == len(within)
    if not len(within):
        return
    assert (found.indices[0], found.indices[-1]) == (within[0], within[-1])
    assert np.isin(found.indices, within).all()
    values = points.values[within].tolist()
    at = np.searchsorted(within, found.indices).tolist()
    for place, value in enumerate(values):
        near = [values[other] for other in at if abs(other - place) < longest]
        if math.isfinite(value):
            assert any(math.isfinite(other) and other <= value for other in near)
            assert any(math.isfinite(other) and other >= value for other in near)
        else:
            assert any(not math.isfinite(values[other]) for other in at if place - longest < other <= place)


def oracle(points, most):
    """The indices that are to be found, in plain Python."""
    values = points.values.tolist()
    if len(values) <= most:
        return list(range(len(values)))
    odd = sum(not math.isfinite(value) for value in values)
    size = math.ceil(len(values) / max((most - 2 - odd) // 2, (most - 2) // 3))
    found = {0, len(values) - 1}
    for begin in range(0, len(values), size):
        stretch = range(begin, min(begin + size, len(values)))
        finite = [index for index in stretch if math.isfinite(values[index])]
        found |= {min(finite, key=values.__getitem__), max(finite, key=values.__getitem__)} if finite else set()
        found |= set([index for index in stretch if not math.isfinite(values[index])][:1])
    return sorted(found)


def in_part(points, start=0, stop=None, steps=None, times=None):
    indices = np.arange(len(points))
    where = np.where(np.isnan(column(points, "steps")), indices, column(points, "steps"))
    inside = (indices >= start) & (indices < (len(points) if stop is None else stop))
    for bounds, place in ((steps, where), (times, column(points, "times"))):
        if bounds is not None:
            inside &= (place >= bounds[0]) & (place <= bounds[1])
    return np.flatnonzero(inside)


def keep(store, parts):
    for part in parts:
        with store.ingest("p", "r", "", store.source("p", "r", "")) as ingest:
            ingest.append("series", "loss", part)
            ingest.commit(RECORD, "0" * 64, "stream", None, None, RECORD)
    return store.source("p", "r", "")


@settings(deadline=None)
@given(rows=st.lists(st.tuples(VALUES, MAYBE, MAYBE), max_size=60), most=st.integers(LEAST_POINTS, 40))
def test_the_extremes_of_each_stretch_and_its_first_nan_are_kept(rows, most):
    points = Points(*(np.array([row[place] for row in rows], dtype=float) for place in range(3)))
    found = reduced(points, most)
    same_points(found, points)
    assert found.indices.tolist() == oracle(points, most)
    assert len(found.points) <= most
    assert found.count == len(rows)


@pytest.mark.parametrize("most", [LEAST_POINTS, 6, 7, 100, 1999])
@pytest.mark.parametrize("count", [0, 1, 5, 6, 99, 100, 101, 2000])
def test_never_more_points_than_were_asked_for(count, most):
    for values in (np.arange(count) * 1.0, np.full(count, math.nan), np.where(np.arange(count) % 2, math.nan, 1.0)):
        found = reduced(Points(values), most)
        assert found.indices.tolist() == oracle(Points(values), most)
        assert len(found.points) <= most


def test_fewer_points_than_show_a_stretch_are_refused(track):
    tracked = track(loss=[1.0, 2.0])
    for ask in (
        lambda: reduced(Points(np.zeros(1)), 4),
        lambda: tracked.reduced("loss", 4),
        lambda: tracked.reduced_many(["loss"], 4),
    ):
        with pytest.raises(ValueError, match="5 points or more, not by 4"):
            ask()


def test_a_column_without_an_entry_is_none(track):
    times = np.full(9, math.nan)
    times[3] = 5.0
    tracked = track(loss=Points(np.arange(9.0), np.full(9, math.nan), times))
    found = tracked.reduced("loss", 5)
    assert (found.points.steps, found.points.times) == (None, None)
    assert tracked.reduced("loss", 9).points.times[3] == 5.0


# The series below have small chunks, so that few points have many: they are as those of long series.
SIZES = st.lists(st.integers(1, 30), min_size=1, max_size=12)


@st.composite
def series(draw):
    """Points of chunks of 8, with steps and times that all, some or none have, rising or falling."""
    count = draw(st.integers(1, 150))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    values = rng.choice([-3.0, -1.0, 0.5, 2.0, 7.0], count) + rng.integers(0, 3, count)
    values[rng.random(count) < draw(st.sampled_from([0, 0.05, 1]))] = rng.choice([math.nan, math.inf, -math.inf])
    columns = []
    for scale in (3.0, 0.5):
        way = draw(st.sampled_from(["none", "rising", "falling", "any", "some"]))
        one = np.sort(rng.integers(0, 100, count)) * scale
        if way == "falling":
            one = one[::-1].copy()
        elif way in ("any", "some"):
            rng.shuffle(one)
        if way == "some":
            one[rng.random(count) < 0.4] = math.nan
        columns.append(None if way == "none" else one)
    return Points(values, *columns)


BY_INDEX = {"start": st.integers(0, 60), "stop": st.integers(40, 160)}
BY_STEPS = {"steps": st.tuples(st.integers(-5, 150), st.integers(100, 310))}
BY_TIMES = {"times": st.tuples(st.integers(-5, 25), st.integers(20, 55))}
PARTS = st.one_of(*map(st.fixed_dictionaries, ({}, BY_INDEX, BY_STEPS, BY_TIMES, BY_INDEX | BY_STEPS | BY_TIMES)))


def small_chunks(patch, *, decodable):
    """Make chunks of 8 points, and read series by decoding them only if they have no more points than that."""
    patch.setattr("runjson_tracker.pending.CHUNK_POINTS", 8)
    patch.setattr(module, "CHUNK_POINTS", 8)
    patch.setattr(module, "_DECODED_POINTS", 16)
    patch.setattr(module, "_decodable", lambda _: decodable)


@settings(max_examples=150, deadline=None)
@given(points=series(), sizes=SIZES, most=st.integers(LEAST_POINTS, 60), part=PARTS)
@pytest.mark.parametrize("way", ["decoded", "told"])
def test_whatever_part_is_read_and_however_it_shows_all_of_it(way, points, sizes, most, part, tmp_path_factory):
    edges = np.minimum(np.concatenate(([0], np.cumsum(sizes), [len(points)])), len(points))
    parts = [points[int(a) : int(b)] for a, b in itertools.pairwise(edges) if a < b]
    with pytest.MonkeyPatch.context() as patch, Store.open(tmp_path_factory.mktemp("store")) as store:
        small_chunks(patch, decodable=len(points) if way == "decoded" else 0)
        found = keep(store, parts).reduced("loss", most, **part)
    within = in_part(points, **part)
    if way == "told" and "times" in part:
        # Points without a time count in chunks whose others are all in the part.
        assert found.count >= len(within)
        found = type(found)(found.points, found.indices, len(within))
        longest = len(points)
    else:
        number = max((most - 2 - len(within)) // 2, (most - 2) // 3)
        longest = math.ceil(len(within) / number) + (8 if way == "told" else 0)
    shows(found, points, within, most, longest)


def test_a_point_without_a_step_is_found_at_its_index_whatever_the_steps_around_it(store, monkeypatch):
    small_chunks(monkeypatch, decodable=0)
    steps = np.arange(32) + 100.0
    steps[13] = math.nan
    values = np.arange(32) * 1.0
    values[13] = 99.0
    tracked = keep(store, [Points(values, steps)])
    assert tracked.reduced("loss", 9, steps=(100, 200)).count == 31
    assert 99.0 not in tracked.reduced("loss", 9, steps=(100, 200)).points.values
    assert tracked.reduced("loss", 9, steps=(0, 50)).points.values.tolist() == [99.0]
    tracked = keep(store, [Points(values, steps - 200)])
    assert tracked.reduced("loss", 9, start=32, steps=(-100, -69)).count == 31
    assert 99.0 not in tracked.reduced("loss", 9, start=32, steps=(-100, -69)).points.values


@pytest.mark.parametrize("value", [99.0, -99.0, math.nan])
def test_an_extreme_without_a_time_hides_none_that_has_one(store, monkeypatch, value):
    small_chunks(monkeypatch, decodable=0)
    times = np.arange(64) + 100.0
    times[[21, 22]] = math.nan, 122.0
    values = np.arange(64) % 5.0
    values[[21, 22]] = value, value / 3
    found = keep(store, [Points(values, None, times)]).reduced("loss", 20, times=(100, 190))
    assert 21 not in found.indices
    assert 22 in found.indices


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    """A store with series of 2.5 million points: rising, falling, and one that is NaN all over."""
    count = 2_500_000
    rng = np.random.default_rng(5)
    values = rng.normal(size=count)
    values[[0, 7, count // 2, count - 1]] = 90.0, -80.0, 100.0, -110.0
    values[[1_234_567, 2_000_000]] = math.inf, math.nan
    steps, times = np.arange(count) * 2.0, 1.7e9 + np.arange(count) * 0.125
    falling = np.where(np.arange(count) < count // 2, steps, steps - count)
    given = {
        "rising": Points(values, steps, times),
        "falling": Points(values, falling, times),
        "bare": Points(values),
        "nan": Points(np.full(count, math.nan), steps),
    }
    with Store.open(tmp_path_factory.mktemp("long")) as store:
        with store.ingest("p", "r", "", None) as ingest:
            for name, points in given.items():
                ingest.append("series", name, points)
            ingest.commit(RECORD, "0" * 64, "document", None, None, RECORD)
        yield store.source("p", "r", ""), given


def only_edges(monkeypatch):
    """Counts the chunks that are decoded."""
    read = []
    original = module.read_chunks

    def counted(*given):
        found = original(*given)
        read.extend(found)
        return found

    monkeypatch.setattr(module, "read_chunks", counted)
    return read


@pytest.mark.parametrize("name", ["rising", "falling", "bare"])
def test_one_point_of_millions_is_never_lost_and_hardly_a_chunk_is_decoded(long, name, monkeypatch):
    tracked, given = long
    read = only_edges(monkeypatch)
    found = tracked.reduced(name, 500)
    same_points(found, given[name])
    assert len(found.points) <= 500
    assert found.count == 2_500_000
    assert {0, 7, 1_250_000, 1_234_567, 2_000_000, 2_499_999} <= set(found.indices.tolist())
    assert len(read) <= 4


@pytest.mark.parametrize("part", [
    {"start": 100_001, "stop": 2_400_003},
    {"steps": (300_001.0, 4_400_000.0)},
    {"times": (1.7e9 + 20_000, 1.7e9 + 300_000.5)},
    {"start": 1_000, "steps": (-math.inf, 4_000_000)},
])  # fmt: skip
@pytest.mark.parametrize("name", ["rising", "falling"])
def test_a_zoom_has_the_extremes_of_its_part(long, name, part, monkeypatch):
    tracked, given = long
    read = only_edges(monkeypatch)
    points = given[name]
    found = tracked.reduced(name, 300, **part)
    same_points(found, points)
    within = in_part(points, **part)
    assert found.count == len(within)
    assert (found.indices[0], found.indices[-1]) == (within[0], within[-1])
    finite = within[np.isfinite(points.values[within])]
    assert {finite[points.values[finite].argmin()], finite[points.values[finite].argmax()]} <= set(found.indices)
    assert set(within[~np.isfinite(points.values[within])]) <= set(found.indices)
    assert len(read) <= 8


def test_a_narrow_zoom_has_every_point(long):
    tracked, given = long
    found = tracked.reduced("rising", 500, steps=(2_469_000, 2_469_200))
    assert found.indices.tolist() == list(range(1_234_500, 1_234_601))
    same_points(found, given["rising"])
    assert tracked.reduced("rising", 500, steps=(1.5, 1.9)).count == 0
    assert len(tracked.reduced("rising", 500, steps=(9, 3)).points) == 0


def test_a_series_of_nan_alone_is_its_marks(long):
    tracked, given = long
    found = tracked.reduced("nan", 100)
    same_points(found, given["nan"])
    assert len(found.points) > 30
    assert np.isnan(found.points.values).all()


def test_many_series_are_reduced_as_each_by_itself(long, monkeypatch):
    tracked, given = long
    assert list(tracked.reduced_many(["nan", "none", "bare"], 60)) == ["nan", "bare"]
    monkeypatch.setattr(module, "_DECODED_POINTS", 3_000_000)
    for most in (60, 5000):
        for name, found in tracked.reduced_many(given, most).items():
            alone = tracked.reduced(name, most)
            assert found.indices.tolist() == alone.indices.tolist()
            same_points(found, given[name])


def test_an_unknown_series_and_an_empty_part_have_no_points(track):
    tracked = track(loss=[1.0, 2.0])
    for found in (
        tracked.reduced("none", 10),
        tracked.reduced("loss", 10, start=2),
        tracked.reduced("loss", 10, start=1, stop=1),
        tracked.reduced("loss", 10, times=(0, 9e9)),
    ):
        assert (len(found.points), len(found.indices), found.count) == (0, 0, 0)


def test_one_point_is_itself(track):
    found = track(loss=Points(np.array([math.inf]), np.array([2.0**64]))).reduced("loss", 5)
    assert (found.points.values.tolist(), found.points.steps.tolist()) == ([math.inf], [2.0**64])


@pytest.mark.parametrize("count", [100, 40 * CHUNK_POINTS])
def test_what_a_series_got_after_the_snapshot_is_left_out(store, track, count):
    points = numbers(count)
    tracked = track(loss=points)
    track(loss=Points(np.full(3000, 1e9), np.full(3000, 5.0)))
    for found in (tracked.reduced("loss", 20), tracked.reduced_many(["loss"], 20)["loss"]):
        same_points(found, points)
        assert (found.count, found.indices[-1]) == (count, count - 1)
    assert store.source("p", "r", "").reduced("loss", 20).points.values.max() == 1e9
    assert 1e9 not in tracked.reduced("loss", 20, steps=(0, 1e9)).points.values


@pytest.mark.parametrize("count", [100, 40 * CHUNK_POINTS])
def test_a_series_that_was_replaced_is_told(store, track, count):
    tracked = track(loss=numbers(count))
    with store.ingest("p", "r", "", tracked) as ingest:
        ingest.replace_all()
        ingest.append("series", "loss", numbers(count, seed=1))
        ingest.commit(RECORD, "0" * 64, "document", None, None, RECORD)
    for ask in (
        lambda: tracked.reduced("loss", 20),
        lambda: tracked.reduced("loss", 20, start=5, stop=50),
        lambda: tracked.reduced("loss", 20, steps=(3, 9)),
        lambda: tracked.reduced("loss", 20, times=(3, 9)),
        lambda: tracked.reduced_many(["loss"], 20),
    ):
        with pytest.raises(SourceChanged):
            ask()
