"""A run on one person's machine, followed into the table of a team's server, where another one only reads."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from runjson_tracker.store import Store

from tests.serving import serving
from tests.uploader.following import DEADLINE, Following, eventually

RUNJSON = [sys.executable, "-m", "runjson"]


def runjson(*words, token, folder):
    environment = {**os.environ, "RUNJSON_TOKEN": token, "XDG_CONFIG_HOME": str(folder)}
    return subprocess.run(
        [*RUNJSON, *map(str, words)], capture_output=True, text=True, check=False, env=environment, timeout=DEADLINE
    )


def test_a_shell_script_is_followed_to_the_server_and_a_viewer_reads_and_may_not_write(place, tmp_path):
    path, go = tmp_path / "run.jsonl", tmp_path / "go"
    go.mkdir()
    script = f"""
        printf '{{"runjson": "1.0", "id": "sh", "project": "vision/digits", "status": "running"}}\\n' > {path}
        for step in 0 1 2; do
            printf '{{"step": %d, "series": {{"loss": 0.%d}}}}\\n' $step $((9 - step)) >> {path}
            while [ ! -e {go}/$step ]; do sleep 0.02; done
        done
        printf '{{"status": "succeeded"}}\\n' >> {path}
    """
    with serving(place) as server:
        viewer = server.token("vera", "read")
        table = ("runs", "vision/digits", "--columns", "series.loss.last", "--format", "json", "--to", server.address)

        def seen():
            listed = runjson(*table, token=viewer, folder=tmp_path)
            return json.loads(listed.stdout) if listed.returncode == 0 else listed

        with Following(tmp_path, path, store=place, server=server) as follow:
            writer = subprocess.Popen(["sh", "-c", script])
            follow.has("sh", [0.9], "loss", "vision/digits")
            refused = runjson(*table, token=viewer, folder=tmp_path)  # not a member yet: it is not even there
            assert (refused.returncode, "vision/digits" in refused.stderr) == (1, True)
            with Store.open(place) as store:
                store.access.set_member("vision/digits", "vera", "viewer")
            for step, loss in enumerate((0.9, 0.8, 0.7)):
                told = lambda: f"{seen()}\n{follow.out}{follow.err}"  # noqa: E731
                eventually(lambda loss=loss: seen()[0]["series.loss.last"] == loss, told)
                assert seen()[0]["status"] == "running"
                (go / str(step)).touch()
            assert follow.process.wait(DEADLINE) == 0
            assert writer.wait(DEADLINE) == 0
        assert seen()[0]["status"] == "succeeded"
        shown = runjson("show", "sh", "--to", server.address, token=viewer, folder=tmp_path)
        assert "loss" in shown.stdout
        for words, why in (
            (("upload", path, "--to", server.address), "scope write"),
            (("edit", "sh", "--tag", "mine", "--to", server.address), "viewer"),
            (("rm", "sh", "--to", server.address), "viewer"),
        ):
            denied = runjson(*words, token=viewer, folder=tmp_path)
            assert denied.returncode == 2, denied
            assert why in denied.stderr, denied
        # With a token that writes, she is a viewer all the same.
        writing = server.token("vera", "write")
        path.write_text(path.read_text() + '{"series": {"loss": 0}}\n')
        denied = runjson("upload", path, "--to", server.address, token=writing, folder=tmp_path)
        assert denied.returncode == 2
        assert "viewer" in denied.stderr
        with Store.open(place) as store:
            assert store.source("vision/digits", "sh", "").points("series", "loss").values.tolist() == [0.9, 0.8, 0.7]


@pytest.mark.once
def test_the_password_of_a_database_is_in_no_log(postgresql, tmp_path):
    cluster, template = postgresql
    with cluster.database(template) as address:
        place = address.replace("runjson@", "runjson:of-the-database@") + f"&blobs={tmp_path}"
        with serving(place) as server:
            assert "of-the-database" not in server.log
            assert "serving postgresql://" in server.log
