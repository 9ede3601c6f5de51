"""Following live files, and the upload of a large stream."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from data import columns, name
from measure import Row, check_points

_SERIES = ("a", "b", "c")
# Each file gets a line every so many seconds.
_EVERY = 0.5
# The writer: when each line was written stands in the line, as the value of its first series.
_WRITER = """
import json, sys, time
from pathlib import Path
folder, files, turns, every = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
opened = [(folder / f"live{index}.run.jsonl").open("w") for index in range(files)]
for index, one in enumerate(opened):
    one.write(json.dumps({"runjson": "1.0", "id": f"live{index}"}) + "\\n")
    one.flush()
begun = time.time()
for turn in range(turns):
    for index, one in enumerate(opened):
        due = begun + (turn + index / files) * every
        time.sleep(max(due - time.time(), 0))
        series = {"a": time.time(), "b": turn, "c": index}
        one.write(json.dumps({"step": turn, "series": series}) + "\\n")
        one.flush()
"""
_PEAK = (
    "import re, sys; from runjson.__main__ import main; code = main(sys.argv[1:]); "
    "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1], file=sys.stderr); sys.exit(code)"
)


def following(place: Path, *, quick: bool) -> list[Row]:
    """200 files that grow at once, followed; and a stream of a gigabyte, uploaded."""
    return [*_live(place, 20 if quick else 200, 6 if quick else 40), *_large(place, 20_000_000 if quick else 10**9)]


def _live(place: Path, files: int, turns: int) -> list[Row]:
    """How long each point takes from its line to the store, in which a reader looks for it all the time."""
    from runjson_tracker.store import Store

    folder, location = place / "live", place / "live-store"
    folder.mkdir()
    Store.open(location).close()
    follow = subprocess.Popen(
        [sys.executable, "-m", "runjson", "upload", "--follow", folder, "--to", location], stdout=subprocess.DEVNULL
    )
    try:
        time.sleep(1.5)  # its start-up is no part of the latency
        writer = subprocess.Popen([sys.executable, "-c", _WRITER, folder, str(files), str(turns), str(_EVERY)])
        latencies = _watched(location, files, turns)
        memory = _peak_of(follow.pid)
        writer.wait()
    finally:
        follow.send_signal(signal.SIGINT)
        follow.wait()
    with Store.open(location, create=False) as store:
        for index in range(files):
            source = store.source("default", f"live{index}", "")
            if source is None or source.points("series", "b").values.tolist() != list(range(turns)):
                raise AssertionError(f"live{index} is not complete in {location}")
            if source.points("series", "c").values.tolist() != [index] * turns:
                raise AssertionError(f"live{index} has points of another file")
    what = f"`upload --follow` of {files} files, a line of {len(_SERIES)} points each every {_EVERY} s"
    return [
        Row(f"{what}: from the line to the store, median", "s", [float(np.median(latencies))], None, "less"),
        Row(f"{what}: from the line to the store, at worst", "s", [float(np.max(latencies))], 1, "less"),
        Row(f"{what}: most memory", "MB", [memory], 200, "less"),
    ]


def _watched(location: Path, files: int, turns: int) -> list[float]:
    """Ask for new points again and again; how old each was when it was first there, the time of asking included."""
    import sqlite3

    # A row for each chunk of the series "a", by its run, with the number of points: small, so that asking is no load.
    ask = (
        "SELECT runs.run, series.count FROM series JOIN sources ON series.source = sources.id "
        "JOIN runs ON sources.run = runs.id WHERE series.kind = 'series' AND series.name = 'a'"
    )
    from runjson_tracker.store import Store

    seen: dict[str, list[float]] = {}
    end = time.time() + 10 * turns * _EVERY + 60
    connection = sqlite3.connect(location / "tracker.sqlite")
    while sum(map(len, seen.values())) < files * turns:
        counts = connection.execute(ask).fetchall()
        now = time.time()
        for run, count in counts:
            times = seen.setdefault(run, [])
            times += [now] * (count - len(times))
        if now > end:
            raise AssertionError("not all points came into the store")
        time.sleep(0.05)
    connection.close()
    latencies = []
    with Store.open(location, create=False) as store:
        for run, times in seen.items():
            source = store.source("default", run, "")
            assert source is not None
            latencies += (np.array(times) - np.asarray(source.points("series", "a").values)).tolist()
    return latencies


def _large(place: Path, size: int) -> list[Row]:
    """A stream of five series, uploaded whole, and once more after it grew by a line."""
    from runjson_tracker.store import Store

    path, location = place / "large.run.jsonl", place / "large-store"
    points = _write(path, size)
    begun = time.perf_counter()
    memory = _upload(path, location)
    took = time.perf_counter() - begun
    with path.open("a") as target:
        target.write('{"step": -1, "series": {"end": 1}}\n')
    begun = time.perf_counter()
    _upload(path, location)
    again = time.perf_counter() - begun
    with Store.open(location, create=False) as store:
        source = store.source("default", "large", "")
        if source is None or source.point_count != points + 1:
            raise AssertionError(f"{location} has not {points + 1} points")
        block = columns(_BLOCK, 0)
        for index in range(5):
            found = source.points("series", name(index), 0, _BLOCK)
            check_points(found, columns(_BLOCK, index)[0], block[1], block[2])
            last = source.points("series", name(index), points // 5 - _BLOCK)
            check_points(last, columns(_BLOCK, index)[0], block[1], block[2])
    what = f"a stream of {path.stat().st_size / 1e6:,.0f} MB, five points a line ({points:,} points)"
    return [
        Row(f"{what}: `runjson upload`", "points/s", [points / took], 1e6, "more"),
        Row(f"{what}: most memory", "MB", [memory], 200, "less"),
        Row(f"{what}: `runjson upload` once more, grown by a line", "s", [again], None, "less"),
    ]


# The stream repeats so many lines, which take a while to make.
_BLOCK = 20_000


def _write(path: Path, size: int) -> int:
    """Write a stream of about so many bytes; how many points it has."""
    values = [columns(_BLOCK, index)[0].tolist() for index in range(5)]
    _, steps, times = columns(_BLOCK, 0)
    lines = []
    for row, (step, moment) in enumerate(zip(steps.tolist(), times.tolist(), strict=True)):
        series = {name(index): one[row] if one[row] == one[row] else "NaN" for index, one in enumerate(values)}
        lines.append(json.dumps({"step": int(step), "time": moment, "series": series}) + "\n")
    block = "".join(lines).encode()
    turns = max(size // len(block), 1)
    with path.open("wb") as target:
        target.write(b'{"runjson": "1.0", "id": "large"}\n')
        for _ in range(turns):
            target.write(block)
    return turns * _BLOCK * 5


def _upload(path: Path, location: Path) -> float:
    """Upload in a process of its own; the most memory that it held, in MB."""
    command = [sys.executable, "-c", _PEAK, "upload", str(path), "--to", str(location)]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True, env=dict(os.environ))
    return int(done.stderr.split()[-1]) * 1024 / 1e6


def _peak_of(process: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text(encoding="utf-8"))
    assert found is not None
    return int(found[1]) * 1024 / 1e6
