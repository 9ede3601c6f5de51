"""Into the store and out of it, beside MLflow."""

from __future__ import annotations

import time
from pathlib import Path

import data
import numpy as np
from measure import Row, check, disk, upload
from peer import Mlflow

_PEER_POINTS = 50_000


def large(place: Path, *, quick: bool) -> list[Row]:
    """One run of a million points: how fast it is tracked, and what it takes on disk."""
    points, turns = (20_000, 1) if quick else (1_000_000, 5)
    one, run = place / "one.run.json", place / "large.run.json"
    data.document(one, "one", 1, 1)
    data.document(run, "large", 1, points)
    peer, peer_points = Mlflow(place / "mlflow"), min(_PEER_POINTS, points)
    ours, theirs, our_bytes, their_bytes = [], [], [], []
    for turn in range(turns):
        start_up = upload(place / f"start-up-{turn}", one)
        store = place / f"store-{turn}"
        ours.append(points / (upload(store, run) - start_up))
        our_bytes.append(disk(store) / points)
        check(store, "large", 1, points)
        tracked, took = peer.log(1, peer_points, seed=turn)
        theirs.append(peer_points / took)
        their_bytes.append(disk(peer.place) / (peer_points * (turn + 1)))
        peer.check(tracked, 1, peer_points, seed=turn)
    what = f"{points:,} points with steps and times"
    logged = f"`log_batch`, {peer_points:,} points"
    return [
        Row(f"{what}: `runjson upload`, less its start-up", "points/s", ours, 1.5e6, "more", logged, theirs, 100),
        Row(f"{what}, on disk", "bytes a point", our_bytes, 9, "less", logged, their_bytes),
    ]


def small(place: Path, *, quick: bool) -> list[Row]:
    """A folder of many small runs: how fast they are tracked, and what they take on disk."""
    runs, peer_runs, turns = (20, 2, 1) if quick else (1000, 25, 3)
    series, points = 20, 100
    folder, one = place / "runs", place / "one.run.json"
    folder.mkdir()
    for run in range(runs):
        data.document(folder / f"r{run}.run.json", f"r{run}", series, points, seed=run * series)
    data.document(one, "one", 1, 1)
    peer = Mlflow(place / "mlflow")
    ours, theirs, our_bytes, their_bytes = [], [], [], []
    for turn in range(turns):
        start_up = upload(place / f"start-up-{turn}", one)
        store = place / f"store-{turn}"
        ours.append(runs / (upload(store, folder) - start_up))
        our_bytes.append(disk(store) / (runs * series * points))
        for run in range(runs):
            check(store, f"r{run}", series, points, seed=run * series)
        logged = [peer.log(series, points, seed=run * series) for run in range(peer_runs)]
        theirs.append(peer_runs / sum(took for _, took in logged))
        their_bytes.append(disk(peer.place) / (peer_runs * series * points * (turn + 1)))
        for run, (tracked, _) in enumerate(logged):
            peer.check(tracked, series, points, seed=run * series)
    what = f"{runs:,} runs of {series} series × {points} points"
    told = f"`create_run` and `log_batch`, {peer_runs} runs"
    return [
        Row(f"{what}: one `runjson upload`, less its start-up", "runs/s", ours, 100, "more", told, theirs),
        Row(f"{what}, on disk", "bytes a point", our_bytes, 14, "less", told, their_bytes),
    ]


def read(place: Path, *, quick: bool) -> list[Row]:
    """A run of 100 series read back as arrays."""
    from runjson_tracker.store import Store

    series, points, turns = (100, 500, 3) if quick else (100, 10_000, 9)
    peer_series = 5
    run, store = place / "read.run.json", place / "store"
    data.document(run, "read", series, points)
    upload(store, run)
    check(store, "read", series, points)
    peer = Mlflow(place / "mlflow")
    tracked, _ = peer.log(peer_series, points)
    peer.check(tracked, peer_series, points)
    ours, theirs = [], []
    # The first turn imports, and touches memory for the first time: it is not counted.
    for _ in range(turns + 1):
        begun = time.perf_counter()
        with Store.open(store, create=False) as opened:
            arrays = opened.run("default", "read").arrays()
            ours.append(time.perf_counter() - begun)
        expected = data.columns(points, series - 1)
        last = arrays["", data.name(series - 1)]
        for column, wanted in zip((last.values, last.steps, last.times), expected, strict=True):
            np.testing.assert_array_equal(np.asarray(column), wanted)
        theirs.append(peer.read(tracked, peer_series)[1] * series / peer_series)
    what = f"{series} series × {points:,} points with steps and times, read as arrays from a store just opened"
    told = f"`get_metric_history`, {peer_series} series, × {series // peer_series}"
    return [Row(what, "s", ours[1:], 0.06, "less", told, theirs[1:])]
