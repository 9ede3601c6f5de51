"""A run that is uploaded while it goes, by a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from runjson_tracker.store import Store, StoreError
from sqlalchemy.exc import DatabaseError

from tests.uploader.following import eventually

TRAIN = """
import sys, time, runjson
run = runjson.init("p", id="r", dir=sys.argv[1], capture=False, upload=sys.argv[2] if sys.argv[2] != "-" else None)
for index in range(int(sys.argv[3])):
    run.log({"a": index}, step=index)
print("logged", flush=True)
sys.stdin.readline()
run.finish()
"""


def tracked(place):
    try:
        with Store.open(place, create=False) as store:
            source = store.source("p", "r", "")
            return None if source is None else source.points("series", "a").values.tolist()
    except (StoreError, DatabaseError):
        return None


def followers(folder):
    listed = subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if "--follow" in line and str(folder) in line]


@pytest.mark.parametrize("by", ["argument", "environment"])
def test_points_are_in_the_tracker_while_training_goes_on_and_the_end_ends_it(by, tmp_path):
    place = tmp_path / "store"
    environment = {**os.environ, "RUNJSON_TRACKER": str(place)} if by == "environment" else dict(os.environ)
    command = [sys.executable, "-c", TRAIN, tmp_path / "runs", place if by == "argument" else "-", "50"]
    training = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, env=environment, text=True)
    eventually(lambda: tracked(place) == list(range(50)), lambda: str(tracked(place)))
    with Store.open(place) as store:
        assert store.run("p", "r").record["status"] == "running"
    training.communicate("\n")
    assert training.returncode == 0
    eventually(lambda: not followers(tmp_path))
    with Store.open(place) as store:
        assert store.run("p", "r").record["status"] == "succeeded"


def test_a_training_that_is_killed_leaves_no_follower_and_no_point_behind(tmp_path):
    place = tmp_path / "store"
    command = [sys.executable, "-c", TRAIN, tmp_path / "runs", place, "500"]
    training = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert training.stdout.readline() == "logged\n"
    training.send_signal(signal.SIGKILL)
    training.wait()
    training.stdin.close()
    training.stdout.close()
    eventually(lambda: tracked(place) == list(range(500)), lambda: str(tracked(place)))
    eventually(lambda: not followers(tmp_path))


def test_a_follower_that_is_killed_costs_training_nothing(tmp_path):
    place = tmp_path / "store"
    command = [sys.executable, "-c", TRAIN, tmp_path / "runs", place, "100"]
    training = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, text=True)
    eventually(lambda: tracked(place) == list(range(100)))
    subprocess.run(["pkill", "-9", "-f", "--", f"--follow {tmp_path}"], check=True)
    training.communicate("\n")
    assert training.returncode == 0
    upload = [sys.executable, "-m", "runjson", "upload", str(tmp_path / "runs"), "--to", str(place)]
    assert "grown" in subprocess.run(upload, capture_output=True, text=True, check=True).stdout
    assert tracked(place) == list(range(100))
