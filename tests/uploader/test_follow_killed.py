"""Following that is killed with SIGKILL again and again loses nothing and doubles nothing."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

from runjson_schema.discover import run_files
from runjson_tracker.store import Store
from runjson_uploader.follow import Follower
from runjson_uploader.live import Options
from runjson_uploader.target import Embedded
from runjson_uploader.upload import upload

KILLS = 50
FILES = 5
# Appends lines, some of them in two halves, until it is told to stop; says how many lines each file has.
WRITER = """
import json, select, sys
from pathlib import Path
folder, files = Path(sys.argv[1]), int(sys.argv[2])
opened = [(folder / f"r{index}.run.jsonl").open("w") for index in range(files)]
for index, one in enumerate(opened):
    one.write(json.dumps({"runjson": "1.0", "id": f"r{index}"}) + "\\n")
steps = 0
while not select.select([sys.stdin], [], [], 0.004)[0]:
    for index, one in enumerate(opened):
        value = steps * 10 + index
        text = json.dumps({"step": steps, "series": {"a": value, "b": -value}, "text": {"log": str(value)}}) + "\\n"
        half = steps % len(text)
        one.write(text[:half])
        one.flush()
        one.write(text[half:])
        one.flush()
    steps += 1
print(steps)
"""


def in_child(folder: Path, place: Path | str) -> int:
    """Follow in a child process, until it is killed; its process id."""
    child = os.fork()
    if child == 0:
        try:
            with Store.open(place) as store:
                Follower([str(folder)], Embedded(store), Options("default", False), lambda *_: None, print).run()
        except BaseException:
            traceback.print_exc()
        os._exit(1)
    return child


def points(place: Path | str) -> int:
    with Store.open(place) as store:
        return sum(run.points for run in store.runs())


def test_killed_fifty_times_while_a_writer_appends_and_then_uploaded(place, tmp_path):
    folder = tmp_path / "runs"
    folder.mkdir()
    rng = random.Random(5)
    # Most kills are to hit it when it has tracked something new, however slow the machine is.
    longest = 0.3
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, folder, str(FILES)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    states = {0}
    for _ in range(KILLS):
        child = in_child(folder, place)
        time.sleep(rng.uniform(0.01, longest))
        os.kill(child, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        now = points(place)
        longest *= 1.5 if now in states else 0.9
        states.add(now)
    told, _ = writer.communicate("stop\n")
    steps = int(told)
    assert len(states) > KILLS // 3  # many of them had tracked something new
    with Store.open(place) as store:
        for path in run_files(folder):
            with path.open("rb") as source:
                assert upload(source, path.name, folder, store).answer in {"new", "grown", "unchanged"}
        for index in range(FILES):
            source = store.source("default", f"r{index}", "")
            expected = [step * 10 + index for step in range(steps)]
            assert source.counts == {("series", "a"): steps, ("series", "b"): steps, ("text", "log"): steps}
            for name, values in (("a", expected), ("b", [-value for value in expected])):
                found = source.points("series", name)
                assert found.values.tolist() == values
                assert found.steps.tolist() == list(range(steps))
            assert source.points("text", "log").values == list(map(str, expected))
        assert store.check().problems == []
