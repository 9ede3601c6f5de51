"""Run files for the benchmarks: seeded, and as real training looks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np


def columns(points: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, steps and times of a series: a loss that walks down with noise in all 53 bits, times some 10 ms apart."""
    rng = np.random.default_rng(seed)
    values = np.exp(-np.arange(points) / points) + np.cumsum(rng.normal(0, 1e-4, points)) + rng.normal(0, 0.01, points)
    times = np.round(1_795_230_441 + np.cumsum(0.01 + rng.exponential(2e-4, points)), 6)
    return values, np.arange(points, dtype=np.float64), times


def entry(points: int, seed: int) -> dict[str, list[float]]:
    """The same as columns of a run file."""
    values, steps, times = columns(points, seed)
    return {"values": values.tolist(), "steps": [int(step) for step in steps], "times": times.tolist()}


def document(path: Path, run: str, series: int, points: int, seed: int = 0) -> None:
    """A document of `series` series of `points` points."""
    names = {f"train/metric {index}": entry(points, seed + index) for index in range(series)}
    record = {"runjson": "1.0", "id": run, "parameters": {"lr": 0.1, "seed": seed}, "series": names}
    path.write_text(json.dumps(record), encoding="utf-8")


def stream(path: Path, run: str, series: int, steps: int) -> None:
    """A stream with one point of each series on a line."""
    all_columns = [columns(steps, index) for index in range(series)]
    with path.open("w", encoding="utf-8") as target:
        target.write(json.dumps({"runjson": "1.0", "id": run}) + "\n")
        for step in range(steps):
            points = {f"train/metric {index}": float(one[0][step]) for index, one in enumerate(all_columns)}
            time = float(all_columns[0][2][step])
            target.write(json.dumps({"step": step, "time": time, "series": points}) + "\n")
