"""Run files for the benchmarks: seeded, and as real training looks."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]


def name(index: int) -> str:
    """What the series of that index is called, here and at the peer."""
    return f"train/metric {index}"


def columns(points: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Values, steps and times of a series.

    A loss that walks down with noise in all 53 bits, diverged once if it has more than ten points; times some 10 ms
    apart, to the microsecond.
    """
    rng = np.random.default_rng(seed)
    values = np.exp(-np.arange(points) / points) + np.cumsum(rng.normal(0, 1e-4, points)) + rng.normal(0, 0.01, points)
    if points > 10:
        values[points // 3] = np.nan
    times = np.round(1_795_230_441 + np.cumsum(0.01 + rng.exponential(2e-4, points)), 6)
    return values, np.arange(points, dtype=np.float64), times


@dataclass(frozen=True)
class Document:
    """A run of `series` series of `points` points each; the series of index i is made from `seed + i`."""

    run: str
    series: int
    points: int
    seed: int = 0

    def write(self, path: Path) -> None:
        """Write it as `run.json`."""
        names = {name(index): _entry(self.points, self.seed + index) for index in range(self.series)}
        parameters = {"lr": 0.1, "seed": self.seed}
        record = {"runjson": "1.0", "id": self.run, "parameters": parameters, "series": names}
        path.write_text(json.dumps(record), encoding="utf-8")


def stream(path: Path, run: str, series: int, points: int) -> None:
    """A stream with one point of each of `series` series on a line; a line has the time of the first series."""
    values = [_numbers(columns(points, index)[0]) for index in range(series)]
    times = columns(points, 0)[2].tolist()
    with path.open("w", encoding="utf-8") as target:
        target.write(json.dumps({"runjson": "1.0", "id": run}) + "\n")
        for step, time in enumerate(times):
            line = {name(index): one[step] for index, one in enumerate(values)}
            target.write(json.dumps({"step": step, "time": time, "series": line}) + "\n")


def _entry(points: int, seed: int) -> dict[str, list[float | str]]:
    values, steps, times = columns(points, seed)
    return {"values": _numbers(values), "steps": [int(step) for step in steps], "times": times.tolist()}


def _numbers(values: Floats) -> list[float | str]:
    return ["NaN" if math.isnan(value) else value for value in values.tolist()]
