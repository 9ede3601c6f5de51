"""The examples of the client train, are valid, are followed while they go, and are shown."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from runjson_schema.decode import fold_file
from runjson_tracker.store import Store, StoreError
from runjson_validator import validate
from sqlalchemy.exc import DatabaseError

from tests.client.test_foreign import with_torch
from tests.uploader.following import DEADLINE, Following, eventually

EXAMPLES = Path(__file__).parents[2] / "examples/python"


class Trained(NamedTuple):
    """What a program left: its run folder, the run's record and points by the run file, and the store it is in."""

    folder: Path
    record: dict
    points: dict
    store: Path
    output: str


def tracked(place):
    """The runs of a store, with how many points of the training's loss it has."""
    try:
        with Store.open(place, create=False) as store:
            return [
                (run.status, len(store.run(run.project, run.id).points("series", "train/loss"))) for run in store.runs()
            ]
    except (StoreError, DatabaseError, KeyError):
        return []


def train(script, *words, folder, by):
    """Runs an example to its end. It is stopped on its way, until what it has written so far is in the store."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RUNJSON_")}
    place = folder / "store"
    if by == "RUNJSON_TRACKER":
        environment["RUNJSON_TRACKER"] = str(place)
    out, err = folder / "output", folder / "errors"
    with out.open("wb") as output, err.open("wb") as errors:
        training = subprocess.Popen(
            [sys.executable, EXAMPLES / script, *words], cwd=folder, env=environment, stdout=output, stderr=errors
        )
    follower = None

    def begun():
        assert training.poll() is None, err.read_text()
        return [path for path in folder.glob("runs/*/run.jsonl") if b'"train' in path.read_bytes()]

    try:
        (path,) = eventually(begun)
        training.send_signal(signal.SIGSTOP)
        if by == "command":
            follower = Following(folder, path.parent, "--while", training.pid)
        # A process that is stopped writes nothing: what the store has now, it has from a run that goes on.
        eventually(lambda: [count for status, count in tracked(place) if status == "running" and count], err.read_text)
        training.send_signal(signal.SIGCONT)
        assert training.wait(DEADLINE) == 0, err.read_text()
        eventually(lambda: [status for status, _ in tracked(place)] == ["succeeded"], err.read_text)
        if follower is not None:  # the process is gone, and so it ends by itself
            assert follower.process.wait(DEADLINE) == 0, follower.err
    finally:
        training.kill()
        training.wait()
        if follower is not None:
            follower.__exit__()
    assert err.read_text() == ""  # nothing went wrong, and nothing was logged too late
    assert [one.message for one in validate(path).findings if one.severity != "advice"] == []
    fold = fold_file(path).fold
    points = {(kind, name): found for kind, name, found in fold.take_points()}
    return Trained(path.parent, fold.record(), points, place, out.read_text())


@pytest.fixture(scope="module")
def linear(tmp_path_factory):
    folder = tmp_path_factory.mktemp("linear")
    return train("train.py", "--epochs", "20", folder=folder, by="RUNJSON_TRACKER")


@pytest.fixture(scope="module")
def convolutional(tmp_path_factory):
    return train("train_torch.py", "--epochs", "4", folder=tmp_path_factory.mktemp("convolutional"), by="command")


def command(trained, *words):
    line = [sys.executable, "-m", "runjson", words[0], "--to", str(trained.store), *words[1:]]
    return subprocess.run(line, capture_output=True, check=True).stdout


def has_all(trained):
    """Whether the store has the very points, files and words that the run file has."""
    with Store.open(trained.store) as store:
        view = store.run(trained.record["project"], trained.record["id"])
        assert {(row.kind, row.name) for row in view.series()} == set(trained.points)
        for (kind, name), points in trained.points.items():
            kept = view.points(kind, name)
            assert len(kept) == len(points) > 0
            for column, other in ((kept.values, points.values), (kept.steps, points.steps), (kept.times, points.times)):
                if isinstance(other, list) or other is None:
                    assert column == other, name
                else:
                    np.testing.assert_array_equal(column, other, name)
        assert view.record == trained.record
        stored = {(one.kind, one.name, one.index): one for one in store.source(view.project, view.id, "").files}
        assert store.check().problems == []
    files = {("artifacts", name, None): file["path"] for name, file in trained.record["artifacts"].items()}
    for (kind, name), points in trained.points.items():
        files |= {(kind, name, at): file["path"] for at, file in enumerate(points.values) if kind == "images"}
    assert set(stored) == set(files)
    assert {kind for kind, _, _ in files} == {"artifacts", "images"}
    for key, path in files.items():
        data = (trained.folder / path).read_bytes()
        assert (stored[key].bytes, stored[key].sha256) == (len(data), hashlib.sha256(data).hexdigest())
    for name, path in {name: path for (_, name, _), path in files.items()}.items():  # the last of several images
        assert command(trained, "get", trained.record["id"], name, "-o", "-") == (trained.folder / path).read_bytes()


def is_shown(trained):
    """Whether the table of runs and the page of the run say what was logged."""
    listed = command(trained, "runs").decode()
    assert trained.record["id"] in listed
    assert trained.record["name"] in listed
    shown = command(trained, "show", trained.record["id"]).decode()
    assert "succeeded" in shown
    for name in (*(name for _, name in trained.points), *trained.record["parameters"], *trained.record["artifacts"]):
        assert f"\n  {name} " in shown


def test_the_linear_one_is_in_the_tracker_with_all_that_it_wrote_and_is_shown(linear):
    has_all(linear)
    is_shown(linear)


def test_the_linear_one_learns_and_says_so(linear):
    assert linear.record["parameters"] == {"epochs": 20, "rate": 0.05, "seed": 7}
    assert linear.record["properties"]["test/accuracy"] > 0.9
    assert linear.points["series", "validation/loss"].steps.tolist() == list(range(1, 21))
    assert linear.points["images", "weights"].steps.tolist() == [10, 20]
    assert linear.points["histograms", "weights"].steps.tolist() == [10, 20]
    assert linear.record["artifacts"]["mistakes"]["metadata"]["kind"] == "table"
    assert linear.points["text", "console/stdout"].values == linear.output.splitlines()
    assert linear.output.startswith("epoch 1: validation accuracy 0.")
    assert linear.record["source"]["script"].endswith("examples/python/train.py")


@with_torch
def test_the_convolutional_one_is_in_the_tracker_with_all_that_it_wrote_and_is_shown(convolutional):
    has_all(convolutional)
    is_shown(convolutional)


@with_torch
def test_the_convolutional_one_learns_and_says_so(convolutional):
    import torch

    record, points = convolutional.record, convolutional.points
    assert record["parameters"] == {"epochs": 4, "rate": 0.01, "batch": 64, "channels": 16, "seed": 7}
    assert record["properties"]["test/accuracy"] > 0.8
    steps = list(range(1, 4 * 17 + 1))  # 1079 digits in batches of 64
    for name in ("train/loss", "train/gradient norm", "train/learning rate"):
        assert points["series", name].steps.tolist() == steps
    rates = points["series", "train/learning rate"].values
    assert rates[0] == 0.01
    assert (np.diff(rates) < 0).all()
    losses = points["series", "train/loss"].values
    assert losses[-17:].mean() < losses[:17].mean() / 2
    assert points["series", "validation/accuracy"].steps.tolist() == [17, 34, 51, 68]
    file = record["artifacts"]["model.pt"]
    assert file["metadata"] == {"kind": "model", "framework": "pytorch", "epochs": 4}
    weights = torch.load(convolutional.folder / file["path"], weights_only=True)
    assert {name for kind, name in points if kind == "histograms"} == {f"weights/{name}" for name in weights}
    for name, tensor in weights.items():  # the model is that of the last epoch, and so are the last histograms
        last = points["histograms", f"weights/{name}"].values[-1]
        assert sum(last["counts"]) == tensor.numel()
        assert (last["edges"][0], last["edges"][-1]) == (tensor.min().item(), tensor.max().item())
    misread = points["images", "misread"].values
    assert {(image["width"], image["height"]) for image in misread} == {(8, 8)}
    assert len(misread) == round((1 - record["properties"]["test/accuracy"]) * 359)


@with_torch
def test_the_workers_of_a_data_loader_are_no_part_of_the_run_and_what_is_captured_is_whole(convolutional):
    assert [path.name for path in convolutional.folder.glob("*run.json*")] == ["run.jsonl"]
    assert convolutional.points["text", "console/stdout"].values == convolutional.output.splitlines()
    repository = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=EXAMPLES, capture_output=True, text=True, check=False
    ).stdout.strip()  # fmt: skip
    assert convolutional.record["source"].get("git/commit", "") == repository
