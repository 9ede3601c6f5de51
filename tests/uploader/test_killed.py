"""An upload killed with SIGKILL at random moments inside its work leaves the old state or the new one, exactly."""

from __future__ import annotations

import io
import os
import random
import signal
import time
import traceback

import numpy as np
import pytest
from runjson_tracker.store import Store
from runjson_uploader.upload import upload

KILLS = 50
POINTS = 400_000


@pytest.fixture(scope="module")
def whole() -> tuple[bytes, int, np.ndarray]:
    """A stream of many points with files, the length of a first part of it, and its values."""
    rng = np.random.default_rng(7)
    values = rng.normal(size=POINTS)
    lines = [b'{"runjson": "1.0", "id": "killed", "artifacts": {"model": "model.bin"}}\n']
    for start in range(0, POINTS, 100):
        numbers = ", ".join(map(repr, values[start : start + 100].tolist()))
        steps = ", ".join(map(str, range(start, start + 100)))
        lines.append(f'{{"series": {{"loss": {{"values": [{numbers}], "steps": [{steps}]}}}}}}\n'.encode())
    return b"".join(lines), sum(map(len, lines[: len(lines) // 4])), values


def track(data: bytes, folder, place) -> None:
    with Store.open(place) as store:
        outcome = upload(io.BytesIO(data), "run.jsonl", folder, store)
        assert outcome.answer in {"new", "grown", "unchanged"}, outcome


def in_child(work) -> int:
    """Run work in a child process; its process id."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    return child


def tracked_points(place) -> np.ndarray | None:
    with Store.open(place) as store:
        source = store.source("default", "killed", "")
        return None if source is None else source.points("series", "loss").values


def test_killed_fifty_times_inside_the_work_and_then_finished(whole, tmp_path):
    data, part, values = whole
    (tmp_path / "model.bin").write_bytes(b"m" * 100_000)
    rng = random.Random(11)
    begun = time.perf_counter()
    assert os.waitpid(in_child(lambda: track(data, tmp_path, tmp_path / "measured")), 0)[1] == 0
    duration = time.perf_counter() - begun
    killed = 0
    states = set()
    for number in range(10 * KILLS):
        # Half of them begin with nothing, half with a first part tracked; a store whose upload was not stopped in time
        # is left, so that every kill falls inside the work.
        place = tmp_path / f"store-{len(states)}-{number % 2}"
        if number % 2 and tracked_points(place) is None:
            track(data[:part], tmp_path, place)
        old = tracked_points(place)
        child = in_child(lambda place=place: track(data, tmp_path, place))
        time.sleep(rng.uniform(0, duration))
        os.kill(child, signal.SIGKILL)
        stopped = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        now = tracked_points(place)
        if now is None or (old is not None and len(now) == len(old)):
            assert (now is None) == (old is None)
            if now is not None:
                np.testing.assert_array_equal(now, values[: len(now)])
        else:
            np.testing.assert_array_equal(now, values)
            states.add(number)
        killed += stopped
        if killed == KILLS:
            break
    assert killed == KILLS
    for place in sorted(tmp_path.glob("store-*")):
        track(data, tmp_path, place)
        np.testing.assert_array_equal(tracked_points(place), values)
        with Store.open(place) as store:
            source = store.source("default", "killed", "")
            np.testing.assert_array_equal(source.points("series", "loss").steps, np.arange(POINTS))
            (stored,) = source.files
            assert store.blobs.path(stored.sha256).stat().st_size == 100_000
            assert store.check().problems == []
