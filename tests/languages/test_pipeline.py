"""One run of four programs in four languages, followed while it goes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
import runjson
from runjson_tracker.errors import StoreError

from tests.languages.examples import ROOT
from tests.uploader.following import eventually

pytestmark = pytest.mark.once


def is_whole(store):
    """Whether the last program's part is tracked."""
    try:
        with runjson.open(store) as tracker:
            run = tracker.run("p1")
            return run.status == "succeeded" and "report" in run.artifacts
    except StoreError:
        return False


def test_four_languages_write_one_run_that_is_followed(tmp_path):
    if missing := [one for one in ("bash", "c++", "Rscript", "python3") if shutil.which(one) is None]:
        pytest.skip(f"{', '.join(missing)} not installed")
    folder, store = tmp_path / "run", tmp_path / "store"
    folder.mkdir()
    command = [sys.executable, "-m", "runjson"]
    with subprocess.Popen([*command, "upload", "--follow", folder, "--to", store]) as follower:
        try:
            script = ROOT / "examples/pipeline/run.sh"
            done = subprocess.run(["sh", script, folder, "p1"], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            eventually(lambda: is_whole(store))
        finally:
            follower.send_signal(signal.SIGINT)
    validated = subprocess.run(
        [*command, "validate", "--error-on", "warning", folder], capture_output=True, check=False
    )
    assert validated.returncode == 0, validated.stdout
    with runjson.open(store) as tracker:
        run = tracker.run("p1")
        assert run.parameters == {"test_every": 5, "rate": 0.02, "epochs": 200}
        loss = run.series("train/loss")
        assert (len(loss.values), loss.steps[0], loss.steps[-1]) == (200, 1, 200)
        assert (np.diff(loss.values) < 0).all()
        assert (run.series("rows/train").values[0], run.series("rows/test").values[0]) == (120, 30)
        errors = run.series("test/error").values
        assert run.properties["test/rmse"] == pytest.approx(np.sqrt(np.mean(errors**2)))
        assert sorted(run.artifacts) == ["data/test", "data/train", "model", "report"]
        assert f"{run.properties['test/rmse']:.4g} cm" in run.description
    shown = subprocess.run(
        [*command, "show", "p1", "--to", store], capture_output=True, text=True, check=True,
        env={**os.environ, "COLUMNS": "120"},
    )  # fmt: skip
    assert "writers evaluate, prepare, report, train" in shown.stdout
