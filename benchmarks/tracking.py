"""Into the store and out of it, beside MLflow."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from data import Document, columns, name
from measure import Row, check, check_points, disk, upload
from peer import Mlflow

_ONE = Document("one", 1, 1)
_PEER_POINTS = 50_000


def large(place: Path, *, quick: bool) -> list[Row]:
    """One run of a million points: how fast it is tracked, and what it takes on disk."""
    points, turns = (200_000, 2) if quick else (1_000_000, 5)
    document, peer_document = Document("large", 1, points), Document("peer", 1, _PEER_POINTS)
    one, run = place / "one.run.json", place / "large.run.json"
    _ONE.write(one)
    document.write(run)
    peer = Mlflow(place / "mlflow")
    start_ups, uploads, theirs, our_bytes, their_bytes = [], [], [], [], []
    for turn in range(turns):
        start_ups.append(upload(place / f"start-up-{turn}", one))
        store = place / f"store-{turn}"
        uploads.append(upload(store, run))
        our_bytes.append(disk(store) / points)
        check(store, [document])
        tracked, took = peer.log(peer_document)
        theirs.append(_PEER_POINTS / took)
        their_bytes.append(disk(peer.place) / (_PEER_POINTS * (turn + 1)))
        peer.check(tracked, peer_document)
    ours = _rates(points, uploads, start_ups)
    what = f"{points:,} points with steps and times"
    logged = f"`log_batch`, {_PEER_POINTS:,} points"
    return [
        Row(f"{what}: `runjson upload`, less its start-up", "points/s", ours, 1.5e6, "more", logged, theirs, 100),
        Row(f"{what}, on disk", "bytes a point", our_bytes, 9, "less", logged, their_bytes),
    ]


def small(place: Path, *, quick: bool) -> list[Row]:
    """A folder of many small runs: how fast they are tracked, and what they take on disk."""
    runs, peer_runs, turns = (40, 2, 2) if quick else (1000, 25, 3)
    series, points = 20, 100
    documents = [Document(f"r{run}", series, points, seed=run * series) for run in range(runs)]
    folder, one = place / "runs", place / "one.run.json"
    folder.mkdir()
    _ONE.write(one)
    for document in documents:
        document.write(folder / f"{document.run}.run.json")
    peer, peer_documents = Mlflow(place / "mlflow"), documents[:peer_runs]
    start_ups, uploads, theirs, our_bytes, their_bytes = [], [], [], [], []
    for turn in range(turns):
        start_ups.append(upload(place / f"start-up-{turn}", one))
        store = place / f"store-{turn}"
        uploads.append(upload(store, folder))
        our_bytes.append(disk(store) / (runs * series * points))
        check(store, documents)
        logged = [peer.log(document) for document in peer_documents]
        theirs.append(peer_runs / sum(took for _, took in logged))
        their_bytes.append(disk(peer.place) / (peer_runs * series * points * (turn + 1)))
        for document, (tracked, _) in zip(peer_documents, logged, strict=True):
            peer.check(tracked, document)
    ours = _rates(runs, uploads, start_ups)
    what = f"{runs:,} runs of {series} series × {points} points"
    told = f"`create_run` and `log_batch`, {peer_runs} runs"
    return [
        Row(f"{what}: one `runjson upload`, less its start-up", "runs/s", ours, 100, "more", told, theirs),
        Row(f"{what}, on disk", "bytes a point", our_bytes, 14, "less", told, their_bytes),
    ]


def read(place: Path, *, quick: bool) -> list[Row]:
    """A run of 100 series read back as arrays."""
    from runjson_tracker.store import Store

    points, turns = (500, 3) if quick else (10_000, 9)
    document, peer_document = Document("read", 100, points), Document("peer", 5, points)
    run, store = place / "read.run.json", place / "store"
    document.write(run)
    upload(store, run)
    peer = Mlflow(place / "mlflow")
    tracked, _ = peer.log(peer_document)
    peer.check(tracked, peer_document)
    scale = document.series // peer_document.series
    ours, theirs = [], []
    # The first turn imports, and touches memory for the first time: it is not counted.
    for turn in range(turns + 1):
        begun = time.perf_counter()
        with Store.open(store, create=False) as opened:
            arrays = opened.run("default", document.run).arrays()
            ours.append(time.perf_counter() - begun)
        theirs.append(peer.read(tracked, peer_document.series)[1] * scale)
        if turn == 0:
            for index in range(document.series):
                check_points(arrays["", name(index)], *columns(points, index))
    what = f"{document.series} series × {points:,} points with steps and times, read as arrays from a store just opened"
    told = f"`get_metric_history`, {peer_document.series} series, × {scale}"
    return [Row(what, "s", ours[1:], 0.06, "less", told, theirs[1:])]


def _rates(count: int, uploads: list[float], start_ups: list[float]) -> list[float]:
    """How many a second each upload tracked, less the start-up: that of one point, into a store as new."""
    start_up = statistics.median(start_ups)
    return [count / (took - start_up) for took in uploads]
