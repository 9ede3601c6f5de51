"""Whoever is killed leaves the old state or the new one, and whoever writes beside others loses nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from runjson_tracker.store import Store

HERE = Path(__file__).parent


def killed(*arguments):
    done = subprocess.run(
        [sys.executable, HERE / "killed.py", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_a_kill_before_any_statement_of_a_commit_leaves_the_old_state(tmp_path):
    assert killed(tmp_path, "statements") >= 8


def test_a_kill_at_any_moment_leaves_the_old_state_or_the_new_one(tmp_path):
    assert killed(tmp_path, "moments", 20) > 0


def test_processes_that_make_and_write_one_store_at_once_lose_nothing(place, tmp_path):
    writers, count = "abcdefghijklmnop", 5
    processes = [
        subprocess.Popen(
            [sys.executable, HERE / "crowd.py", place, writer, str(count)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for writer in writers
    ]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        _, told = process.communicate()
        assert process.returncode == 0, told
    assert list(tmp_path.glob("store/tracker.sqlite.*")) == []
    with Store.open(place) as store:
        assert len(store.runs()) == count + 1
        for index in range(count):
            view = store.run("p", f"r{index}")
            assert view.record["tags"] == list(writers)
            for writer in writers:
                assert (view.points("series", "loss", writer).values == ord(writer)).sum() == 5000
        assert store.source("p", "shared", "").counts == {("series", "loss"): len(writers) * count}
