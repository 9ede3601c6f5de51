"""The benchmarks: RunJSON's commands, beside MLflow's `log_batch` into SQLite, in one run.

    python benchmarks/run.py            all of them, and the table
    python benchmarks/run.py --quick    the same on little data, to see that it works

Every figure is of something whose content was checked. Ratios are of medians; both sides take turns.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import logging
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import data
import numpy as np

logging.getLogger("mlflow").setLevel(logging.ERROR)
logging.getLogger("alembic").setLevel(logging.ERROR)
ROOT = Path(__file__).parents[1]


@dataclass
class Row:
    """One line of the table."""

    what: str
    ours: str
    target: str
    met: bool
    beside: str = ""


def seconds(command: list[object], **options: object) -> float:
    begun = time.perf_counter()
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL, **options)
    return time.perf_counter() - begun


def upload(store: Path, *files: Path) -> float:
    return seconds([sys.executable, "-m", "runjson", "upload", "--to", store, *files])


def median(function: Callable[[], float], times: int) -> float:
    return statistics.median(function() for _ in range(times))


def disk(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


class Mlflow:
    """MLflow's client on a new SQLite store."""

    def __init__(self, place: Path) -> None:
        from mlflow.tracking import MlflowClient

        place.mkdir()
        self.place = place
        self.client = MlflowClient(tracking_uri=f"sqlite:///{place / 'mlflow.db'}")
        self.experiment = self.client.create_experiment("benchmark")

    def log(self, points: int, names: int = 1) -> tuple[str, float]:
        """Log series in batches of 1,000, its largest; the run, and the seconds it took."""
        from mlflow.entities import Metric

        run = self.client.create_run(self.experiment).info.run_id
        metrics = []
        for name in range(names):
            values, steps, times = data.columns(points, name)
            metrics += [
                Metric(f"train/metric {name}", float(value), int(at * 1000), int(step))
                for value, step, at in zip(values, steps, times, strict=True)
            ]
        begun = time.perf_counter()
        for start in range(0, len(metrics), 1000):
            self.client.log_batch(run, metrics=metrics[start : start + 1000])
        return run, time.perf_counter() - begun

    def read(self, run: str, name: int) -> np.ndarray:
        history = self.client.get_metric_history(run, f"train/metric {name}")
        return np.array([one.value for one in sorted(history, key=lambda metric: metric.step)])


def check(store: Path, run: str, series: int, points: int, seed: int = 0) -> None:
    """That the store holds exactly what the file said."""
    from runjson_tracker.store import Store

    with Store.open(store, create=False) as opened:
        source = opened.source("default", run, "")
        assert source is not None
        for index in range(series):
            values, steps, times = data.columns(points, seed + index)
            found = source.points("series", f"train/metric {index}")
            np.testing.assert_array_equal(found.values, values)
            np.testing.assert_array_equal(found.steps, steps)
            np.testing.assert_array_equal(found.times, times)


def one_large(place: Path, size: int, turns: int) -> list[Row]:
    one, large = place / "one.run.json", place / "large.run.json"
    data.document(one, "one", 1, 1)
    data.document(large, "large", 1, size)
    peer = Mlflow(place / "mlflow-large")
    ours, theirs, on_disk = [], [], 0.0
    theirs_size = min(50_000, size)
    for turn in range(turns):
        store = place / f"large-{turn}"
        upload(store, one)
        start_up = upload(store, one)
        empty = disk(store)
        ours.append(size / (upload(store, large) - start_up))
        check(store, "large", 1, size)
        on_disk = (disk(store) - empty) / size
        run, took = peer.log(theirs_size)
        theirs.append(theirs_size / took)
        np.testing.assert_array_equal(peer.read(run, 0), data.columns(theirs_size, 0)[0])
    mine, other = statistics.median(ours), statistics.median(theirs)
    theirs_disk = disk(peer.place) / (theirs_size * turns)
    return [
        Row(
            f"{size:,} points with steps and times, `runjson upload run.json` beyond start-up",
            f"{mine / 1e6:.2f} million points/s", "1.5 million", mine >= 1.5e6,
            f"`log_batch` {other:,.0f} points/s: **{mine / other:.0f}×** (target 100×)",
        ),
        Row("on disk, that run", f"{on_disk:.2f} bytes a point", "9", on_disk <= 9, _bytes(theirs_disk, on_disk)),
    ]  # fmt: skip


def _bytes(theirs: float, ours: float) -> str:
    return f"{theirs:.0f} bytes: **{theirs / ours:.0f}×**"


def many_small(place: Path, runs: int, turns: int) -> list[Row]:
    folder, one = place / "small", place / "one.run.json"
    folder.mkdir()
    for run in range(runs):
        data.document(folder / f"r{run}.run.json", f"r{run}", 20, 100, seed=run * 20)
    data.document(one, "one", 1, 1)
    rates, on_disk = [], 0.0
    for turn in range(turns):
        store = place / f"small-{turn}"
        upload(store, one)
        start_up = upload(store, one)
        rates.append(runs / (upload(store, folder) - start_up))
        for run in (0, runs // 2, runs - 1):
            check(store, f"r{run}", 20, 100, seed=run * 20)
        on_disk = disk(store) / (runs * 2000)
    peer = Mlflow(place / "mlflow-small")
    theirs_runs = max(runs // 50, 2)
    took = sum(peer.log(100, 20)[1] for _ in range(theirs_runs))
    mine, other = statistics.median(rates), theirs_runs / took
    theirs_disk = disk(peer.place) / (theirs_runs * 2000)
    return [
        Row(
            f"{runs:,} runs of 20 series × 100 points, one `runjson upload FOLDER`",
            f"{mine:.0f} runs/s", "100", mine >= 100,
            f"{other:.1f} runs/s ({theirs_runs} runs): **{mine / other:.0f}×**",
        ),
        Row("on disk, those runs", f"{on_disk:.2f} bytes a point", "14", on_disk <= 14, _bytes(theirs_disk, on_disk)),
    ]  # fmt: skip


def read_back(place: Path, points: int, turns: int) -> list[Row]:
    from runjson_tracker.store import Store

    path, store = place / "read.run.json", place / "read"
    data.document(path, "read", 100, points)
    upload(store, path)
    check(store, "read", 100, points)

    def ours() -> float:
        with Store.open(store, create=False) as opened:
            run = opened.run("default", "read")
            begun = time.perf_counter()
            arrays = run.arrays()
            took = time.perf_counter() - begun
        assert sum(len(one) for one in arrays.values()) == 100 * points
        return took

    peer = Mlflow(place / "mlflow-read")
    theirs_points = min(points, 2000)
    run, _ = peer.log(theirs_points, 5)
    begun = time.perf_counter()
    for name in range(5):
        assert len(peer.read(run, name)) == theirs_points
    rate = 5 * theirs_points / (time.perf_counter() - begun)
    ours()  # the first read of a process touches its memory for the first time
    mine = median(ours, turns)
    return [
        Row(
            f"100 series × {points:,} points, steps and times, read as arrays", f"{mine:.3f} s", "0.06 s", mine <= 0.06,
            f"`get_metric_history` {rate:,.0f} points/s (5 × {theirs_points:,}): **{100 * points / mine / rate:.0f}×**",
        ),
    ]  # fmt: skip


def start_up(place: Path, turns: int) -> list[Row]:
    store, quickstart = place / "start", ROOT / "examples/quickstart/run.json"
    command = Path(sys.executable).with_name("runjson")
    upload(store, quickstart)
    helped = median(lambda: seconds([command, "--help"]), turns)
    uploaded = median(lambda: seconds([command, "upload", "--to", store, quickstart]), turns)
    bare, imported = [], []
    for _ in range(turns):
        bare.append(seconds([sys.executable, "-c", "pass"]))
        imported.append(seconds([sys.executable, "-c", "import runjson"]))
    extra = statistics.median(imported) - statistics.median(bare)
    peer = median(lambda: seconds([sys.executable, "-c", "import mlflow"]), max(turns // 3, 1))
    return [
        Row("`runjson --help`", f"{helped * 1000:.0f} ms", "100 ms", helped <= 0.1),
        Row("`runjson upload` of the quickstart into an existing store", f"{uploaded:.2f} s", "0.7 s", uploaded <= 0.7),
        Row("`import runjson` over bare Python", f"{extra * 1000:.0f} ms", "30 ms", extra <= 0.03,
            f"`import mlflow` {(peer - statistics.median(bare)) * 1000:,.0f} ms"),
    ]  # fmt: skip


def reading(place: Path, size: int) -> list[Row]:
    from runjson_schema.decode import fold_file

    rows = []
    for what, make in (
        ("a document", lambda path: data.document(path, "d", 1, size)),
        ("a stream, one point a line", lambda path: data.stream(path, "s", 1, size)),
        ("a stream, five points a line", lambda path: data.stream(path, "s", 5, size // 4)),
    ):
        path = place / ("read.json" if "document" in what else "read.jsonl")
        make(path)
        fold_file(path)
        begun = time.perf_counter()
        fold_file(path)
        rate = path.stat().st_size / 1e6 / (time.perf_counter() - begun)
        rows.append(Row(f"decode, check and fold {what}", f"{rate:.0f} MB/s", "", True))
    return rows


def machine() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.split(":")[1].strip() for line in lines if "model name" in line), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    parts = ("msgspec", "pcodec", "sqlalchemy", "mlflow-skinny")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in parts)
    system = f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}"
    return f"{system}; Python {platform.python_version()}; {versions}"


def main() -> None:
    parser = argparse.ArgumentParser(description="RunJSON beside MLflow, in one run.")
    parser.add_argument("--quick", action="store_true", help="little data, one turn")
    quick = parser.parse_args().quick
    turns = 1 if quick else 5
    rows: list[Row] = []
    for name, benchmark in (
        ("large", lambda place: one_large(place, 20_000 if quick else 1_000_000, turns)),
        ("small", lambda place: many_small(place, 20 if quick else 1000, 1 if quick else 3)),
        ("read", lambda place: read_back(place, 500 if quick else 10_000, 3 if quick else 9)),
        ("start", lambda place: start_up(place, 3 if quick else 15)),
        ("reading", lambda place: reading(place, 20_000 if quick else 1_000_000)),
    ):
        print(f"{name} ...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as place:
            rows += benchmark(Path(place))
    print(f"Machine: {machine()}. Command: `make bench`.\n")
    print("| what | RunJSON | target | met | MLflow, in the same run |\n|---|---|---|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.ours} | {row.target} | {'yes' if row.met else '**no**'} | {row.beside} |")


if __name__ == "__main__":
    main()
