"""Curves out of the store: series with so few points that a screen can draw them. MLflow gives all points, always."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from data import Document, columns, name
from measure import Row, upload
from peer import Mlflow

if TYPE_CHECKING:
    from runjson_schema.points import Points
    from runjson_tracker.reduce import Reduced

_Result = TypeVar("_Result")


def curves(place: Path, *, quick: bool) -> list[Row]:
    """100 series as curves, one long series as a curve, and a part of that one."""
    return [_many(place, quick=quick), *_long(place, quick=quick)]


def _many(place: Path, *, quick: bool) -> Row:
    from runjson_schema.points import Points
    from runjson_tracker.store import Store

    points, most, turns = (500, 100, 3) if quick else (10_000, 1000, 9)
    document, peer_document = Document("many", 100, points), Document("peer", 5, points)
    run, place_of_store = place / "many.run.json", place / "store"
    document.write(run)
    upload(place_of_store, run)
    peer = Mlflow(place / "mlflow")
    tracked, _ = peer.log(peer_document)
    peer.check(tracked, peer_document)
    scale = document.series // peer_document.series
    names = [name(index) for index in range(document.series)]
    ours, theirs = [], []
    with Store.open(place_of_store, create=False) as store:
        source = store.source("default", document.run, "")
        assert source is not None
        # The first turn imports, and touches memory for the first time: it is not counted.
        for _ in range(turns + 1):
            found, took = _timed(lambda: source.reduced_many(names, most))
            ours.append(took)
            theirs.append(peer.read(tracked, peer_document.series)[1] * scale)
    for index, one in enumerate(names):
        _check(found[one], Points(*columns(points, index)), 0, points, most)
    what = f"{document.series} series × {points:,} points as curves of {most:,} points"
    told = f"`get_metric_history`, which gives all points, {peer_document.series} series, × {scale}"
    return Row(what, "s", ours[1:], 0.06, "less", told, theirs[1:])


def _long(place: Path, *, quick: bool) -> list[Row]:
    from runjson_schema.points import Points
    from runjson_tracker.store import Store

    count, most, turns = (200_000, 40, 3) if quick else (10_000_000, 2000, 9)
    points = Points(*columns(count, 0))
    points.values[count // 2 + 17] = 1e3  # one point of all: whoever takes every n-th misses it
    # Neither begins nor ends at the edge of a chunk.
    low, high = int(count * 0.4321), int(count * 0.5321)
    with Store.open(place / "long") as store:
        with store.ingest("default", "long", "", None) as ingest:
            ingest.append("series", "loss", points)
            source = ingest.commit({"id": "long"}, "0" * 64, "document", None, None, {"id": "long"})
        whole = _turns(lambda: source.reduced("loss", most), turns)
        part = _turns(lambda: source.reduced("loss", most, steps=(low, high - 1)), turns)
    _check(whole[0], points, 0, count, most)
    _check(part[0], points, low, high, most)
    for found, _ in (whole, part):
        if 1e3 not in found.points.values:
            raise AssertionError("the spike is lost")
    return [
        Row(f"one series of {count:,} points as a curve of {most:,} points", "s", whole[1], 0.05, "less"),
        Row(f"{high - low:,} steps of it as a curve of {most:,} points", "s", part[1], 0.15, "less"),
    ]


def _turns(function: Callable[[], Reduced], turns: int) -> tuple[Reduced, list[float]]:
    """What a function gives, and how long each turn takes but the first."""
    found, _ = _timed(function)
    return found, [_timed(function)[1] for _ in range(turns)]


def _timed(function: Callable[[], _Result]) -> tuple[_Result, float]:
    begun = time.perf_counter()
    result = function()
    return result, time.perf_counter() - begun


def _check(found: Reduced, points: Points, start: int, stop: int, most: int) -> None:
    """Fail unless a curve shows the points of a series from `start` to before `stop`.

    It has points of the series only: the first, the last, the extremes, and a mark where the series is NaN. numpy tells
    these of the full data.
    """
    for column, given in zip(
        (found.points.values, found.points.steps, found.points.times),
        (points.values, points.steps, points.times),
        strict=True,
    ):
        np.testing.assert_array_equal(np.asarray(column), np.asarray(given)[found.indices])
    values = np.asarray(points.values)[start:stop]
    shown = np.asarray(found.points.values)
    enough = most // 4 <= len(shown) <= most
    if not enough or found.count != stop - start or (found.indices[0], found.indices[-1]) != (start, stop - 1):
        raise AssertionError(f"the curve has {len(shown)} points for {found.count}, of {stop - start}")
    if np.isnan(values).any() != np.isnan(shown).any():
        raise AssertionError("NaN has no mark")
    if (np.nanmin(shown), np.nanmax(shown)) != (np.nanmin(values), np.nanmax(values)):
        raise AssertionError("the curve has not the extremes of the series")
