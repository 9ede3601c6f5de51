"""The example of the client trains, is valid, is followed live, and shown."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from runjson_tracker.store import Store
from runjson_validator import validate

from tests.uploader.following import eventually

TRAIN = Path(__file__).parents[2] / "examples/python/train.py"


def test_it_trains_and_is_tracked_while_it_goes(tmp_path):
    place = tmp_path / "store"
    environment = {**os.environ, "RUNJSON_TRACKER": str(place)}
    done = subprocess.run(
        [sys.executable, TRAIN, "--epochs", "20"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "epoch 20: validation accuracy 0.9" in done.stdout
    (path,) = (tmp_path / "runs").glob("*/run.jsonl")
    assert [one.message for one in validate(path).findings if one.severity != "advice"] == []

    def ended():
        with Store.open(place) as store:
            return [run for run in store.runs() if run.status == "succeeded"]

    (run,) = eventually(ended)
    with Store.open(place) as store:
        view = store.run(run.project, run.id)
        assert view.record["parameters"] == {"epochs": 20, "rate": 0.05, "seed": 7}
        assert view.record["properties"]["test/accuracy"] > 0.9
        assert len(view.points("series", "validation/loss")) == 20
        assert len(view.points("images", "weights")) == 2
        assert view.record["artifacts"]["mistakes"]["metadata"]["kind"] == "table"
        printed = view.points("text", "console/stdout").values
        assert printed[0].startswith("epoch 1: ")
        assert view.record["source"]["script"].endswith("train.py")
        assert store.check().problems == []
    shown = subprocess.run(
        [sys.executable, "-m", "runjson", "show", run.id], env=environment, capture_output=True, text=True, check=True
    )
    assert "validation/accuracy" in shown.stdout
