"""Many run files at once: several processes, files with errors among them, and the report."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from runjson_tracker.store import Store
from runjson_uploader import many
from runjson_uploader.report import UploadReport


def run(*words: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "runjson", "upload", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


def document(folder: Path, index: int, points: int = 3) -> Path:
    path = folder / f"r{index:04}.run.json"
    values = [index + number / 10 for number in range(points)]
    path.write_text(json.dumps({"runjson": "1.0", "id": f"r{index}", "series": {"a": values}}))
    return path


@pytest.fixture
def folder(tmp_path):
    runs = tmp_path / "runs"
    runs.mkdir()
    return runs


def test_a_folder_of_three_hundred_files_with_a_bad_one_is_tracked_by_several_processes(folder, place, tmp_path):
    for index in range(300):
        document(folder, index)
    (folder / "r0150.run.json").write_text('{"runjson": "1.0", "series": {"a": [null]}}')
    (folder / "unreadable.run.json").symlink_to(folder / "nowhere")
    report = tmp_path / "report.json"
    done = run(folder, "--to", place, "--jobs", 2, "--report", report)
    assert done.returncode == 1, done.stderr
    assert done.stdout.count("\nnew ") + done.stdout.startswith("new ") == 299
    assert "r0150.run.json:1:37: error RJ112" in done.stdout
    assert done.stderr == ""
    told = UploadReport.model_validate_json(report.read_text())
    assert told.totals.answers == {"new": 299, "refused": 1}
    with Store.open(place) as store:
        assert len(store.runs()) == 299
        for index in (0, 149, 151, 299):
            assert store.source("default", f"r{index}", "").points("series", "a").values[0] == index
    again = run(folder, "--to", place, "--jobs", 0)
    assert again.stdout.count("unchanged") == 299


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_place_of_files_that_can_not_be_written_is_no_fault_of_the_run_file(folder, tmp_path, jobs):
    store = tmp_path / "store"
    (folder / "run.json").write_text('{"runjson": "1.0", "id": "r", "artifacts": {"model": "model.bin"}}')
    (folder / "model.bin").write_bytes(b"weights")
    Store.open(store).close()
    (store / "blobs").write_text("a file in the place of the folder, which root can not write either")
    done = run(folder, "--to", store, "--jobs", jobs)
    assert done.returncode == 2
    assert f"The tracker at {store} cannot be written: Not a directory." in done.stderr
    assert "can not be read" not in done.stdout + done.stderr
    (store / "blobs").unlink()
    assert run(folder, "--to", store, "--jobs", jobs).returncode == 0


def test_a_run_whose_folder_is_called_like_the_tracker_is_read_all_the_same(tmp_path):
    beside = tmp_path / "store-runs"
    beside.mkdir()
    with Store.open(tmp_path / "store") as store:
        assert store.keeps(str(tmp_path / "store" / "blobs" / "ab"))
        assert not store.keeps(str(beside / "run.json"))


def test_the_report_says_what_became_of_each_file(folder, tmp_path):
    document(folder, 1)
    (folder / "model").write_bytes(b"12345")
    text = '{"runjson": "1.0", "id": "s", "writer": "w", "project": "p", "time": 5, "artifacts": {"m": "model"}}\n'
    (folder / "s.run.jsonl").write_text(text + '{"series": {"a": 1')
    (folder / "bad.run.json").write_text('{"runjson": "1.0", "series": {"a": [null, null]}, "status": "over"}')
    report = tmp_path / "report.json"
    report.write_text("old")
    done = run("runs/*.json*", "nothing*", folder / "not-there", "--to", "store", "--report", report, cwd=tmp_path)
    assert done.returncode == 2
    told = json.loads(report.read_text())
    assert told["totals"]["answers"] == {"new": 2, "refused": 1, "unread": 2}
    assert (told["totals"]["points"], told["totals"]["files"], told["totals"]["bytes"]) == (3, 1, 5)
    assert told["totals"]["size"] == sum(path.stat().st_size for path in folder.glob("*.json*"))
    files = {Path(one["file"]).name: one for one in told["files"]}
    names = ("answer", "project", "run", "writer", "points", "files", "bytes", "errors", "findings")
    assert {name: tuple(one[key] for key in names) for name, one in files.items()} == {
        "r0001.run.json": ("new", "default", "r1", None, 3, 0, 0, 0, {}),
        "s.run.jsonl": ("new", "p", "s", "w", 0, 1, 5, 0, {}),
        "bad.run.json": ("refused", None, None, None, 0, 0, 0, 3, {"RJ107": 1, "RJ112": 2}),
        "nothing*": ("unread", None, None, None, 0, 0, 0, 0, {}),
        "not-there": ("unread", None, None, None, 0, 0, 0, 0, {}),
    }
    assert "RJ010" in " ".join(files["s.run.jsonl"]["warnings"])
    assert files["nothing*"]["why"] == ["no file matches this pattern."]
    assert all(one["seconds"] >= 0 for one in told["files"])
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".report")] == []


def test_a_run_in_the_trash_is_told_and_is_no_failure(folder, place):
    path = document(folder, 1)
    run(path, "--to", place)
    with Store.open(place) as store:
        store.put_away([("default", "r1")])
    document(folder, 1, points=4)
    done = run(path, "--to", place)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("trashed")
    assert "is in the trash" in done.stdout


def test_sixteen_processes_that_upload_into_one_store_at_once_lose_nothing(folder, place):
    shared = folder / "shared.run.json"
    shared.write_text('{"runjson": "1.0", "id": "shared", "series": {"a": [1, 2, 3]}}')
    processes = []
    for index in range(16):
        own = folder / f"p{index}"
        own.mkdir()
        for number in range(5):
            document(own, index * 5 + number)
        command = [sys.executable, "-m", "runjson", "upload", "--to", place, own, shared]
        processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
    for process in processes:
        out, _ = process.communicate()
        assert process.returncode == 0, out
    with Store.open(place) as store:
        assert len(store.runs()) == 81
        for index in range(80):
            values = store.source("default", f"r{index}", "").points("series", "a").values
            assert values.tolist() == [index, index + 0.1, index + 0.2]
        assert store.source("default", "shared", "").counts == {("series", "a"): 3}


def test_a_process_that_is_killed_takes_its_own_file_alone_with_it(folder, place):
    paths = [document(folder, index) for index in range(12)]
    with Store.open(place) as store:
        location = store.location
    stuck = folder / "stuck.run.json"
    os.mkfifo(stuck)
    options = many.Options(location, "default", False, False)
    waiting = [*paths[:6], stuck, *paths[6:]]
    tracked, killed, stop = [], [], threading.Event()

    def hunt():
        """Kill the processes once only that is left which waits for a pipe that nobody writes."""
        while not stop.wait(0.02):
            if len(tracked) == len(paths):
                for process in multiprocessing.active_children():
                    process.kill()
                    killed.append(process.pid)

    hunter = threading.Thread(target=hunt)
    hunter.start()
    try:
        for one in many.track_all(waiting, options, 2):
            tracked.append(one)  # the other thread looks at it meanwhile
    finally:
        stop.set()
        hunter.join()
    last = tracked[-1].report
    assert (last.file, last.answer) == (str(stuck), "unread")
    assert "was killed" in last.why[0]
    assert len(tracked) == 13
    assert killed
    with Store.open(place) as store:
        assert len(store.runs()) == 12
