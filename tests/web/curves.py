"""Runs whose curves are hard to draw: long, broken, infinite, negative, over other series, of several writers."""

from __future__ import annotations

import json
import math
import random
import time
from io import BytesIO
from typing import Any

import numpy as np
from runjson_schema.points import Points
from runjson_tracker.store import Store
from runjson_uploader.attached import Sent
from runjson_uploader.upload import upload

from tests.web.experiments import HOSTILE, track

CURVES = "curves"
MANY = "thousand"
BEGUN = 1_700_000_000.0
LONG = 20_000
# Where the long series has its one spike, which no reduction may hide.
SPIKE = 12_345


def make_curves(place: object) -> None:
    """Fill a store with the project `curves`, and `thousand` with one run of a thousand series."""
    with Store.open(str(place)) as store:
        for number in range(6):
            track(store, CURVES, learning(number))
        track(store, CURVES, _odd())
        _two_writers(store)
        _long(store)
        track(store, MANY, {
            "runjson": "1.0", "id": "wide", "name": "wide",
            "series": {f"layer{at // 10:02}/norm{at:03}": [at, at + 1, at / 2] for at in range(1000)},
        })  # fmt: skip


def learning(number: int, steps: int = 60) -> dict[str, Any]:
    """A run that learns at one of two rates, with a system series and one over another series."""
    random_ = random.Random(number)
    rate = (0.1, 0.01)[number % 2]
    loss = [2.3 * math.exp(-at * rate) + 0.1 + random_.uniform(0, 0.08) + number / 50 for at in range(steps)]
    times = [BEGUN + number * 1000 + at * 10 for at in range(steps)]
    every = list(range(steps))
    return {
        "runjson": "1.0", "id": f"learning-{number}", "name": f"learning {number}", "status": "succeeded",
        "parameters": {"lr": rate, "seed": number // 2},
        "started_at": _time(BEGUN + number * 1000),
        "series": {
            "train/loss": {"values": loss, "steps": every, "times": times, "goal": "minimize"},
            "train/accuracy": {"values": [1 - one / 2.6 for one in loss], "steps": every, "times": times,
                               "goal": "maximize", "description": "Of the training set"},
            "train/examples": {"values": [128 * (at + 1) for at in every], "steps": every, "times": times},
            "validation/loss": {"values": loss[::10], "steps": every[::10], "x": "train/examples"},
            "system/memory": {"values": [200 + at % 7 for at in every], "times": times, "unit": "MiB"},
            "epoch": {"values": [at // 10 for at in every], "steps": every},
        },
    }  # fmt: skip


def _odd() -> dict[str, Any]:
    return {
        "runjson": "1.0", "id": "odd", "name": HOSTILE, "status": "failed",
        "series": {
            HOSTILE: {"values": [1, 2, 3], "unit": HOSTILE, "description": HOSTILE},
            "broken": [1.0, 0.8, "NaN", 0.7, "Infinity", 0.65, "-Infinity", 0.6],
            "signed": [-3, -2, 0, 1, 10, 100],
            "outlying": [*(1 + 0.01 * (at % 7) for at in range(200)), 1e9],
            "never finite": ["NaN", "NaN"],
        },
    }  # fmt: skip


def _two_writers(store: Store) -> None:
    for at, writer in enumerate(("rank0", "rank1")):
        record = {
            "runjson": "1.0", "id": "ranks", "name": "ranks", "writer": writer,
            "series": {"train/loss": [2.0 - at, 1.5 - at, 1.0 - at]},
        }  # fmt: skip
        sent = Sent({}, lambda _: None, [], ahead={})
        upload(BytesIO(json.dumps(record).encode()), f"{writer}.json", sent, store, project=CURVES)


def _long(store: Store) -> None:
    values = np.sin(np.arange(LONG) / 300)
    values[SPIKE] = 40
    steps = np.arange(LONG, dtype=np.float64)
    add_points(store, CURVES, "long", {"wave": values}, steps, BEGUN + steps)


def add_points(
    store: Store, project: str, run: str, series: dict[str, Any], steps: Any, times: Any
) -> None:  # Any: arrays
    """Track a run with long series as arrays."""
    record = {"runjson": "1.0", "id": run, "name": run, "status": "succeeded", "series": {}}
    with store.ingest(project, run, "", None) as ingest:
        for name, values in series.items():
            ingest.append("series", name, Points(np.asarray(values), steps, times))
        ingest.commit(record, "", "stream", 0, "", record)


def _time(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
