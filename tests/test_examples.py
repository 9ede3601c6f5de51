"""The examples run, and what they write is right by the standard library and by the tools."""

import hashlib
import json
import math
import os
import re
import signal
import struct
import subprocess
import sys
import threading
import zlib
from pathlib import Path

import pytest
from requests import Session
from requests.adapters import HTTPAdapter
from urllib3 import Retry

EXAMPLES = Path(__file__).parents[1] / "examples"
TRAIN = EXAMPLES / "digits" / "train.py"
POINTS = ("series", "text", "images", "histograms")


def refuse_bare(literal):
    raise AssertionError(f"{literal} is not JSON")


def read(text):
    return json.loads(text, parse_constant=refuse_bare)


def read_stream(folder):
    text = (folder / "run.jsonl").read_text(encoding="utf-8")
    assert text.endswith("\n")
    return [read(line) for line in text.splitlines()]


def read_document(folder):
    return read((folder / "run.json").read_text(encoding="utf-8"))


def train(folder, *options):
    command = [sys.executable, TRAIN, "--out", folder, "--id", "a-test", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def runjson(*arguments):
    command = [sys.executable, "-m", "runjson", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def png_size(content):
    """Width and height of a PNG, whose checksums and pixels are looked at too."""
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        data = content[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", content, at + 8 + length)[0] == zlib.crc32(kind + data)
        chunks[kind] = data
        at += 12 + length
    width, height, depth, color = struct.unpack_from(">2I2B", chunks[b"IHDR"])
    assert (depth, color) == (8, 0)
    assert len(zlib.decompress(chunks[b"IDAT"])) == height * (1 + width)
    return width, height


def files(run):
    yield from run["artifacts"].values()
    for columns in run["images"].values():
        yield from columns["values"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    done = train(folder, "--epochs", "3")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def diverged(tmp_path_factory):
    """A learning rate of 10,000 makes the loss infinite in the first epoch, and NaN some epochs later."""
    folder = tmp_path_factory.mktemp("diverged")
    done = train(folder, "--epochs", "20", "--lr", "1e4")
    assert done.returncode == 1
    assert "FloatingPointError: the training loss is NaN" in done.stderr
    return folder


@pytest.fixture(params=["trained", "diverged", "committed"])
def run_folder(request):
    return TRAIN.parent if request.param == "committed" else request.getfixturevalue(request.param)


def test_the_script_uses_no_library_of_ours():
    assert not re.search(r"^\s*(import|from) runjson", TRAIN.read_text(encoding="utf-8"), re.MULTILINE)


def test_a_run_says_how_it_went(trained):
    document = read_document(trained)
    assert document["status"] == "succeeded"
    assert document["parameters"]["epochs"] == 3
    for name in ("train/loss", "train/accuracy", "validation/loss", "validation/accuracy"):
        assert document["series"][name]["steps"] == [1, 2, 3]
        assert all(math.isfinite(value) for value in document["series"][name]["values"])
    assert document["series"]["train/loss"]["values"][-1] < document["series"]["train/loss"]["values"][0]
    assert document["text"]["console/stdout"]["values"]
    assert document["ended_at"] >= document["started_at"]


def test_histograms_count_every_weight(trained):
    document = read_document(trained)
    for histogram in document["histograms"]["weights"]["values"]:
        assert (histogram["edges"][0], histogram["edges"][-1]) == ("-Infinity", "Infinity")
        assert len(histogram["edges"]) == len(histogram["counts"]) + 1
        assert sum(histogram["counts"]) == document["properties"]["weights"]


def test_the_files_are_those_that_the_run_speaks_of(trained):
    document = read_document(trained)
    for file in files(document):
        content = (trained / file["path"]).read_bytes()
        assert len(content) == file["bytes"]
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
    assert png_size((trained / document["images"]["samples"]["values"][0]["path"]).read_bytes()) == (64, 64)
    assert png_size((trained / document["images"]["validation/confusion"]["values"][0]["path"]).read_bytes()) == (
        80,
        80,
    )


def test_a_diverging_run_fails_with_its_infinities_and_nan_as_texts(diverged):
    document = read_document(diverged)
    losses = document["series"]["train/loss"]["values"]
    assert losses[0] == "Infinity"
    assert losses[-1] == "NaN"
    assert document["status"] == "failed"
    assert document["error"]["type"] == "FloatingPointError"
    assert "the training loss is NaN" in document["error"]["traceback"]
    assert "artifacts" not in document


def test_the_document_holds_the_points_of_the_stream(run_folder):
    stream, document = read_stream(run_folder), read_document(run_folder)
    assert [document[name] for name in ("project", "id")] == [stream[0][name] for name in ("project", "id")]
    for kind in POINTS:
        points = {}
        for record in stream[1:]:
            for name, values in record.get(kind, {}).items():
                for value in values if isinstance(values, list) else [values]:
                    points.setdefault(name, []).append((value, record.get("step"), record.get("time")))
        columns = document[kind].items()
        assert {name: list(zip(c["values"], c["steps"], c["times"], strict=True)) for name, c in columns} == points, (
            kind
        )


def test_stream_and_document_are_valid_and_fold_to_the_same(run_folder):
    folds = []
    for name in ("run.jsonl", "run.json"):
        checked = runjson("validate", run_folder / name)
        assert checked.returncode == 0, checked.stdout + checked.stderr
        folded = runjson("fold", "--canonical", run_folder / name)
        assert folded.returncode == 0, folded.stderr
        folds.append(folded.stdout)
    assert folds[0] == folds[1]
    assert read(folds[0])["series"]["train/loss"]["values"]


def test_the_quickstart_is_valid():
    checked = runjson("validate", EXAMPLES / "quickstart" / "run.json")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_readme_shows_the_quickstart():
    readme = (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
    assert (EXAMPLES / "quickstart" / "run.json").read_text(encoding="utf-8") in readme


def test_the_committed_run_is_small():
    assert sum(path.stat().st_size for path in TRAIN.parent.rglob("*") if path.is_file()) < 300_000


def test_make_demo_trains_a_sweep_tracks_it_with_the_examples_and_ends_with_the_viewer(tmp_path):
    python = Path(sys.prefix)
    words = [f"VENV={python}", f"DEMO={tmp_path / 'store'}", f"SWEEP={tmp_path / 'runs'}"]
    # It is installed already; no browser is opened.
    command = ["make", "--assume-old", python / ".all", *words, "demo"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    environment["BROWSER"] = "true"
    with subprocess.Popen(
        command, cwd=EXAMPLES.parent, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
        start_new_session=True,
    ) as demo:  # fmt: skip
        ended = threading.Timer(600, os.killpg, (demo.pid, signal.SIGKILL))
        ended.start()
        try:
            said = ""
            while not (found := re.search(r"http://\S+\?key=\S+", said)):
                line = demo.stdout.readline()
                assert line, said
                said += line
            browser = Session()
            browser.mount("http://", HTTPAdapter(max_retries=Retry(20, backoff_factor=0.1)))
            page = browser.get(found[0], timeout=60)
            origin = found[0].partition("/?")[0]
            rows = browser.get(f"{origin}/api/v1/runs", params={"limit": 1000}, timeout=60).json()["rows"]
        finally:
            ended.cancel()
            os.killpg(demo.pid, signal.SIGINT)
    assert page.ok
    assert "softmax-7" in said  # it is in the table, and shown with its curves
    tracked = {(one["project"], one["id"]) for one in rows}
    for example in (EXAMPLES / "quickstart/run.json", EXAMPLES / "digits/run.json"):
        told = read(example.read_text(encoding="utf-8"))
        assert (told.get("project", "default"), told["id"]) in tracked
    assert runjson("validate", tmp_path / "runs").returncode == 0
    columns = "parameters.lr,properties.`test/accuracy`"
    listed = runjson("runs", "--to", tmp_path / "store", "--format", "json", "--columns", columns)
    learned = [one.get("properties.`test/accuracy`") for one in read(listed.stdout) if one.get("parameters.lr") == 0.3]
    assert len(rows) > 24
    assert len(learned) == 6
    assert min(learned) > 0.9
