"""Logging from Python: what a call costs, beside writing the same line with the standard library."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from measure import Row

_NAMES = ("train/loss", "train/accuracy", "validation/loss", "validation/accuracy", "learning_rate")


def client(place: Path, *, quick: bool) -> list[Row]:
    """Calls of `log` with five numbers and with one, with and without msgspec."""
    calls, turns = (2000, 1) if quick else (100_000, 7)
    generator = random.Random(1)
    logged = [[generator.random() for _ in _NAMES] for _ in range(calls)]
    rows = []
    for count, encoder, target in ((5, "msgspec", 1 / 0.45), (5, "standard library", 1 / 0.9), (1, "msgspec", None)):
        ours, theirs = [], []
        for turn in range(turns):
            values = [dict(zip(_NAMES[:count], numbers, strict=False)) for numbers in logged]
            ours.append(_ours(place / f"{count}-{encoder}-{turn}", values, encoder) * 1e6)
            theirs.append(_theirs(place / f"{count}-{encoder}-{turn}.jsonl", values) * 1e6)
        what = f"`log` of {count} number{'s' if count > 1 else ''} with a step, {encoder}"
        limit = 5.0 if count == 1 else None
        rows.append(
            Row(what, "µs a call", ours, limit, "less", "`json.dumps`, `write`, `flush`", theirs, ratio_target=target)
        )
    return [*rows, _capture(place, 5.0 if quick else 60.0)]


_WAITING = """
import sys, time, runjson
runjson.init(id="r", dir=sys.argv[1])
time.sleep(5)
begun = time.process_time()
time.sleep(float(sys.argv[2]))
print(time.process_time() - begun)
"""


def _capture(place: Path, seconds: float) -> Row:
    """What the threads of the capture take, of a program that does nothing else."""
    command = [sys.executable, "-c", _WAITING, str(place / "capture"), str(seconds)]
    took = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    text = (place / "capture/r/run.jsonl").read_text(encoding="utf-8")
    if text.count('"system/cpu/utilization"') < seconds / 10:
        raise AssertionError("the hardware was not sampled")
    return Row("all of the capture, 5 s after the start", "ms of CPU in 10 s", [took * 1e4 / seconds], 10, "less")


def _ours(place: Path, values: list[dict[str, float]], encoder: str) -> float:
    """Seconds a call; every line is read back and compared."""
    import runjson

    run = runjson.init(id="r", dir=place, capture=False)
    if encoder != "msgspec":
        run._lines._encode = None
    run.log(dict.fromkeys(_NAMES, 0.0), step=-1)
    begun = time.perf_counter()
    for step, one in enumerate(values):
        run.log(one, step=step)
    took = time.perf_counter() - begun
    run.finish()
    _check(run.path, values, 2)
    return took / len(values)


def _theirs(path: Path, values: list[dict[str, float]]) -> float:
    with path.open("w", encoding="utf-8") as opened:
        begun = time.perf_counter()
        for step, one in enumerate(values):
            opened.write(json.dumps({"step": step, "time": time.time(), "series": one}) + "\n")
            opened.flush()
        took = time.perf_counter() - begun
    _check(path, values, 0)
    return took / len(values)


def _check(path: Path, values: list[dict[str, float]], before: int) -> None:
    """Fail unless a file holds all of the numbers, in order, behind so many lines."""
    with path.open(encoding="utf-8") as lines:
        found: list[dict[str, Any]] = [json.loads(line) for line in lines][before : before + len(values)]
    if [one["series"] for one in found] != values or [one["step"] for one in found] != list(range(len(values))):
        raise AssertionError(f"{path} does not hold what was logged")
