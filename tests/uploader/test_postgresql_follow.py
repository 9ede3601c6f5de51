"""`runjson upload`, followed and in several processes, into a tracker in PostgreSQL."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import pytest
from runjson_tracker.store import Store

from tests.uploader.following import DEADLINE, Following, eventually

pytestmark = pytest.mark.once

HEAD = '{"runjson": "1.0", "id": "%s"}\n'
POINT = '{"step": %d, "series": {"a": %d}}\n'


@pytest.fixture
def address(postgresql, tmp_path):
    """Of a database that holds an empty store."""
    server, template = postgresql
    (tmp_path / "blobs").mkdir()
    with server.database(template) as url:
        yield f"{url}&blobs={tmp_path / 'blobs'}"


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "runs"
    place.mkdir()
    return place


def append(path, text):
    with path.open("a") as target:
        target.write(text)


def contents(location):
    """All that a tracker holds of its runs: their records, points and files, in the order of their names."""
    found = {}
    with Store.open(location, create=False) as store:
        assert store.check().problems == []
        for row in store.runs():
            run = store.run(row.project, row.id)
            points = {}
            for one in run.series():
                whole = run.points(one.kind, one.name, one.writer)
                columns = [
                    None if column is None else list(column) for column in (whole.values, whole.steps, whole.times)
                ]
                points[one.writer, one.kind, one.name] = columns
            files = [(one.kind, one.name, one.sha256, one.bytes) for source in run.sources for one in source.files]
            assert (row.project, row.id) not in found
            found[row.project, row.id] = run.record, points, files
    return dict(sorted(found.items()))


def test_new_files_of_a_folder_and_documents_that_are_rewritten_are_tracked_and_a_run_that_ended_may_go_on(
    address, folder, tmp_path
):
    first, late, document = folder / "run.jsonl", folder / "deep/run.jsonl", folder / "doc.run.json"
    first.write_text(HEAD % "one" + POINT % (0, 0))
    with Following(tmp_path, folder, store=address) as follow:
        follow.has("one", [0])
        late.parent.mkdir()
        late.write_text(HEAD % "late" + POINT % (0, 7))
        follow.has("late", [7])
        said = {"runjson": "1.0", "id": "doc", "parameters": {"lr": 0.1}, "series": {"a": [1, 2]}}
        document.write_text(json.dumps(said))
        follow.has("doc", [1, 2])
        document.write_text(json.dumps(said | {"series": {"a": [1, 2, 3]}, "status": "succeeded"}))
        follow.has("doc", [1, 2, 3])
        append(first, POINT % (1, 1) + '{"status": "succeeded"}\n')
        follow.has("one", [0, 1])
        append(first, POINT % (2, 2))  # although it said that it ended
        follow.has("one", [0, 1, 2])
        assert follow.stop() == 0
        assert follow.err == ""
    with Store.open(address, create=False) as store:
        assert {run.id: (run.status, run.points) for run in store.runs()} == {
            "one": ("succeeded", 3), "late": (None, 1), "doc": ("succeeded", 3)
        }  # fmt: skip
        assert store.check().problems == []


def test_the_end_of_its_runs_ends_it(address, folder, tmp_path):
    path = folder / "run.jsonl"
    path.write_text(HEAD % "r" + POINT % (0, 0))
    with Following(tmp_path, path, store=address) as follow:
        follow.has("r", [0])
        append(path, "".join(POINT % (step, step) for step in range(1, 200)) + '{"status": "failed"}\n')
        assert follow.process.wait(DEADLINE) == 0
        assert follow.values("r") == list(range(200))
    with Store.open(address, create=False) as store:
        assert [run.status for run in store.runs()] == ["failed"]


def test_two_followers_of_different_writers_of_one_run_lose_nothing_of_each_other(address, tmp_path):
    """Both change the same run all the time, and the same field of it."""
    writers, turns = ("w0", "w1"), 40
    paths = {}
    for writer in writers:
        (tmp_path / writer).mkdir()
        paths[writer] = tmp_path / writer / "run.jsonl"
        said = {"runjson": "1.0", "id": "r", "writer": writer, "parameters": {"lr": 0.1}, "properties": {writer: 0}}
        paths[writer].write_text(json.dumps(said) + "\n")

    def tracked(writer):
        with Store.open(address, create=False) as store:
            source = store.source("default", "r", writer)
            return [] if source is None else source.points("series", "a").values.tolist()

    with (
        Following(tmp_path / "w0", paths["w0"], store=address) as one,
        Following(tmp_path / "w1", paths["w1"], store=address) as other,
    ):
        for turn in range(turns):
            for at, writer in enumerate(writers):
                said = {"step": turn, "series": {"a": turn + at * 1000}, "properties": {writer: turn}}
                append(paths[writer], json.dumps(said) + "\n")
            if turn % 10 == 0:  # what was said so far is tracked in between
                for at, writer in enumerate(writers):
                    eventually(lambda w=writer, a=at, t=turn: tracked(w) == [a * 1000 + n for n in range(t + 1)])
        for writer in writers:
            append(paths[writer], '{"status": "succeeded"}\n')
        assert [one.process.wait(DEADLINE), other.process.wait(DEADLINE)] == [0, 0], one.err + other.err
    for at, writer in enumerate(writers):
        assert tracked(writer) == [at * 1000 + turn for turn in range(turns)]
    with Store.open(address, create=False) as store:
        (row,) = store.runs()
        assert (row.sources, row.series, row.points, row.status) == (2, 2, 2 * turns, "succeeded")
        assert store.run("default", "r").record["properties"] == {"w0": turns - 1, "w1": turns - 1}
        # Of the series of both, taken together, is told what both said.
        assert store.check().problems == []


def test_a_folder_of_fifty_runs_is_tracked_by_two_processes_as_by_one(address, folder, tmp_path):
    rng = random.Random(3)
    for index in range(50):
        said = {"runjson": "1.0", "id": f"r{index}", "project": f"p{index % 3}", "parameters": {"seed": index}}
        values = [rng.gauss(0, 1) for _ in range(rng.randrange(1, 300))]
        if index % 5 == 0:
            model = folder / f"model{index % 10}"  # some have the same bytes
            model.write_bytes(b"m" * (index % 10 + 1))
            said["artifacts"] = {"model": model.name}
        if index % 2:
            lines = [said, *({"step": step, "series": {"a": value}} for step, value in enumerate(values))]
            (folder / f"r{index}.run.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        else:
            said["series"] = {"a": {"values": values}, f"own{index}": [float(index)]}
            (folder / f"r{index}.run.json").write_text(json.dumps(said))

    def run(location, *words):
        command = [sys.executable, "-m", "runjson", "upload", str(folder), "--to", str(location), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert run(tmp_path / "store").returncode == 0
    done = run(address, "--jobs", "2")
    assert (done.returncode, done.stderr) == (0, "")
    expected = contents(tmp_path / "store")
    assert len(expected) == 50
    assert contents(address) == expected
    again = run(address, "--jobs", "2")
    assert (again.returncode, again.stdout.count("unchanged")) == (0, 50)
    assert contents(address) == expected
