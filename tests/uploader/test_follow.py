"""`runjson upload --follow`, as a real process beside real writers."""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, closing

import pytest
from runjson_tracker.store import Store
from runjson_uploader.target import Embedded

from tests.postgresql import cluster
from tests.serving import serving
from tests.uploader.following import DEADLINE, Following, eventually

HEAD = '{"runjson": "1.0", "id": "%s"}\n'
POINT = '{"step": %d, "series": {"a": %d}}\n'


@pytest.fixture(params=["direct", pytest.param("server", marks=pytest.mark.once)])
def following(request, tmp_path):
    """Begins to follow, by the store itself or by a server that it is sent to."""
    with ExitStack() as servers:

        def begin(*words, store=tmp_path / "store"):
            server = servers.enter_context(serving(store)) if request.param == "server" else None
            return Following(tmp_path, *words, store=store, server=server)

        yield begin


def append(path, text):
    with path.open("a") as target:
        target.write(text)


def test_a_file_that_a_shell_script_writes_is_tracked_while_it_grows_and_its_end_ends_it(place, tmp_path, following):
    path = tmp_path / "run.jsonl"
    (tmp_path / "go").mkdir()
    script = f"""
        printf '{{"runjson": "1.0", "id": "sh"}}\\n' > {path}
        for step in 0 1 2 3; do
            printf '{{"step": %d, "series": {{"a": %d}}}}\\n' $step $step >> {path}
            while [ ! -e {tmp_path}/go/$step ]; do sleep 0.02; done
        done
        printf '{{"status": "succeeded"}}' >> {path}
    """
    with following(path, store=place) as follow:
        writer = subprocess.Popen(["sh", "-c", script])
        for step in range(4):
            follow.has("sh", list(range(step + 1)))  # each point is there before the next is written
            (tmp_path / "go" / str(step)).touch()
        assert follow.process.wait(DEADLINE) == 0
        assert writer.wait() == 0
        assert follow.out.splitlines() == [f"follows    {path}", "followed   1 file: 4 points were tracked"]
        assert follow.err == ""
    with Store.open(place) as store:
        (run,) = store.runs()
        assert run.status == "succeeded"
        assert store.source("default", "sh", "").read_bytes == path.stat().st_size


def test_a_folder_is_followed_with_new_files_torn_lines_and_documents_that_are_rewritten(tmp_path, following):
    folder = tmp_path / "runs"
    (folder / "deep").mkdir(parents=True)
    first, second, document = folder / "run.jsonl", folder / "deep/run.jsonl", folder / "doc.run.json"
    first.write_text(HEAD % "one" + POINT % (0, 0))
    with following(folder) as follow:
        follow.has("one", [0])
        append(first, '{"series": {"a": 1')  # half a line
        second.write_text(HEAD % "two" + POINT % (0, 7))
        follow.has("two", [7])
        assert follow.values("one") == [0]
        append(first, "}}\n" + POINT % (2, 2))
        follow.has("one", [0, 1, 2])
        text = json.dumps({"runjson": "1.0", "id": "doc", "series": {"a": [1, 2]}}, indent=1)
        document.write_text(text[:30])  # half a document is none yet, and no error
        follow.has("two", [7])
        document.write_text(text)
        follow.has("doc", [1, 2])
        document.write_text(text.replace("2\n", "2,\n3\n"))
        follow.has("doc", [1, 2, 3])
        append(second, POINT % (1, 8) + '{"status": "succeeded"}\n')
        follow.has("two", [7, 8])
        append(second, POINT % (2, 9))  # although it said that it ended
        follow.has("two", [7, 8, 9])
        assert follow.stop(signal.SIGTERM) == 0
        assert "error" not in follow.out
        assert follow.err == ""
        assert follow.out.endswith("followed   3 files: 9 points were tracked\n")


def test_a_faulty_line_is_told_once_what_stands_before_it_is_tracked_and_others_go_on(tmp_path, following):
    folder = tmp_path / "runs"
    folder.mkdir()
    bad, good = folder / "bad.run.jsonl", folder / "good.run.jsonl"
    good.write_text(HEAD % "good")
    with following(folder) as follow:
        follow.says("good.run.jsonl")
        wrong = '{"step": 2, "series": {"a": null}}\n'
        bad.write_text(HEAD % "bad" + POINT % (0, 0) + POINT % (1, 1) + wrong + POINT % (3, 3))
        follow.says("bad.run.jsonl:4:29: error RJ112")
        follow.has("bad", [0, 1])
        append(bad, POINT % (4, 4))
        append(good, POINT % (0, 5))
        follow.has("good", [5])
        assert follow.values("bad") == [0, 1]
        assert follow.out.count("RJ112") == 1
        mended = bad.with_suffix(".new")
        mended.write_text(bad.read_text().replace("null", "2"))
        mended.replace(bad)
        follow.has("bad", [0, 1, 2, 3, 4])
        append(bad, POINT % (5, 5))
        follow.has("bad", [0, 1, 2, 3, 4, 5])
        assert follow.stop() == 0
        assert follow.out.count("RJ112") == 1


def test_what_is_appended_to_a_whole_line_is_an_error_and_a_stream_may_be_called_run_json(tmp_path, following):
    folder = tmp_path / "runs"
    folder.mkdir()
    path = folder / "run.json"
    path.write_text(HEAD % "r")
    with following(folder) as follow:
        follow.says("follows")
        append(path, (POINT % (0, 0)) + (POINT % (1, 1)).rstrip())  # whole, without a line break
        follow.has("r", [0, 1])
        append(path, "\n" + (POINT % (2, 2)).rstrip())
        follow.has("r", [0, 1, 2])
        append(path, POINT % (3, 3))
        follow.says("run.json:4:32: error RJ011")
        assert follow.values("r") == [0, 1, 2]
        assert follow.stop() == 0


def test_a_file_that_is_replaced_is_a_new_run_or_a_changed_past(tmp_path, following):
    path = tmp_path / "run.jsonl"
    path.write_text(HEAD % "one" + POINT % (0, 0) + POINT % (1, 1))
    with following(path) as follow:
        follow.has("one", [0, 1])
        path.write_text(HEAD % "two" + POINT % (0, 5))  # truncated, and written anew
        follow.has("two", [5])
        other = tmp_path / "other"
        other.write_text(HEAD % "two" + POINT % (0, 6) + POINT % (1, 7))
        other.replace(path)
        follow.says('series "a", point 0: was 5.0 at step 0 and is 6.0 at step 0')
        other.write_text(HEAD % "three" + POINT % (0, 8))
        other.replace(path)
        follow.has("three", [8])
        assert follow.values("one") == [0, 1]
        assert follow.values("two") == [5]
        assert follow.stop() == 0


def test_a_store_that_is_locked_for_a_while_is_waited_for_with_one_notice(tmp_path):
    path = tmp_path / "run.jsonl"
    path.write_text(HEAD % "r" + POINT % (0, 0))
    with Following(tmp_path, path) as follow:
        follow.has("r", [0])
        with closing(sqlite3.connect(tmp_path / "store/tracker.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            append(path, POINT % (1, 1))
            follow.says("database is locked")
            append(path, POINT % (2, 2))
            other.execute("ROLLBACK")
        follow.has("r", [0, 1, 2])
        follow.says("can be written again")
        append(path, POINT % (3, 3) + '{"status": "failed"}\n')
        assert follow.process.wait(DEADLINE) == 0
        assert follow.values("r") == [0, 1, 2, 3]
        assert follow.err.count("database is locked") == 1


def test_a_store_that_is_moved_away_is_waited_for_and_not_made_anew(tmp_path):
    path = tmp_path / "run.jsonl"
    path.write_text(HEAD % "r" + POINT % (0, 0))
    with Following(tmp_path, path) as follow:
        follow.has("r", [0])
        (tmp_path / "store").rename(tmp_path / "elsewhere")
        append(path, POINT % (1, 1))
        follow.says("is not there. Waiting for it")
        append(path, POINT % (2, 2))
        assert not (tmp_path / "store").exists()
        (tmp_path / "elsewhere").rename(tmp_path / "store")
        follow.has("r", [0, 1, 2])
        # A copy in its place is another database: what is tracked in it counts.
        (tmp_path / "store").rename(tmp_path / "elsewhere")
        append(path, POINT % (3, 3))
        follow.says("is not there")
        subprocess.run(["cp", "-a", tmp_path / "elsewhere", tmp_path / "store"], check=True)
        follow.has("r", [0, 1, 2, 3])
        assert follow.stop() == 0


def test_a_disk_that_is_full_for_a_while_is_waited_for_with_one_notice(tmp_path):
    path = tmp_path / "run.jsonl"
    path.write_text(HEAD % "r" + POINT % (0, 0))
    with Following(tmp_path, path) as follow:
        follow.has("r", [0])
        # No file may become larger: that is how a write fails where a disk is full.
        usual = resource.prlimit(follow.process.pid, resource.RLIMIT_FSIZE, (300, resource.RLIM_INFINITY))
        append(path, POINT % (1, 1))
        follow.says("Waiting for it; nothing is lost.")
        append(path, POINT % (2, 2))
        assert follow.values("r") == [0]
        resource.prlimit(follow.process.pid, resource.RLIMIT_FSIZE, usual)
        follow.has("r", [0, 1, 2])
        assert follow.stop() == 0
        assert follow.err.count("Waiting for it") == 1


def test_a_run_in_the_trash_is_told_once_and_left(tmp_path, following):
    path = tmp_path / "run.jsonl"
    path.write_text(HEAD % "r" + POINT % (0, 0))
    with following(path, tmp_path / "never.jsonl") as follow:
        follow.has("r", [0])
        with Store.open(tmp_path / "store") as store:
            store.put_away([("default", "r")])
        append(path, POINT % (1, 1))
        follow.says("is in the trash")
        append(path, POINT % (2, 2))
        (tmp_path / "never.jsonl").write_text(HEAD % "late" + POINT % (0, 0))
        follow.has("late", [0])
        assert follow.values("r") == [0]
        assert follow.stop() == 0
        assert follow.out.count("is in the trash") == 1


WRITER = """
import json, sys
from pathlib import Path
folder, files, turns = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
opened = [(folder / f"r{index}.run.jsonl").open("w") for index in range(files)]
for index, one in enumerate(opened):
    one.write(json.dumps({"runjson": "1.0", "id": f"r{index}"}) + "\\n")
for step in range(turns):
    for index, one in enumerate(opened):
        series = {name: index * 1000 + step + at / 10 for at, name in enumerate("abc")}
        one.write(json.dumps({"step": step, "series": series}) + "\\n")
        one.flush()
"""


def test_two_hundred_files_that_grow_at_once_are_all_tracked_in_little_memory(tmp_path, following):
    folder, files, turns = tmp_path / "runs", 200, 30
    folder.mkdir()
    with following(folder) as follow:
        subprocess.run([sys.executable, "-c", WRITER, folder, str(files), str(turns)], check=True)

        def complete():
            with Store.open(tmp_path / "store") as store:
                return sum(run.points for run in store.runs()) == files * turns * 3

        eventually(complete, lambda: follow.err)
        assert follow.most_memory < 200
        assert follow.stop() == 0
        assert (follow.err, follow.out.count("follows")) == ("", files)
    with Store.open(tmp_path / "store") as store:
        for index in range(files):
            found = store.source("default", f"r{index}", "").many("series", "abc")
            for at, name in enumerate("abc"):
                expected = [index * 1000 + step + at / 10 for step in range(turns)]
                assert found[name].values.tolist() == expected
                assert found[name].steps.tolist() == list(range(turns))


def test_a_large_file_is_caught_up_with_while_small_ones_go_on(tmp_path, monkeypatch):
    from runjson_uploader import follow, live

    monkeypatch.setattr(live, "TURN", 20_000)
    monkeypatch.setattr(follow, "TURN", 20_000)
    monkeypatch.setattr(follow, "_BYTES", 20_000)  # one turn of the large file fills a transaction
    monkeypatch.setattr("runjson_schema.decode._BLOCK", 8192)
    folder, points = tmp_path / "runs", 20_000
    folder.mkdir()
    (folder / "large.run.jsonl").write_text(HEAD % "large" + "".join(POINT % (n, n) for n in range(points)))
    small = folder / "small.run.jsonl"
    small.write_text(HEAD % "small")
    with Store.open(tmp_path / "store") as store:
        options = live.Options("default", False)
        follower = follow.Follower([str(folder)], Embedded(store), options, lambda *_: None, print)
        seen = []
        commit = follower._commit

        def watched(ready):
            commit(ready)
            counts = [
                source.counts.get(("series", "a"), 0) if (source := store.source("default", run, "")) else 0
                for run in ("large", "small")
            ]
            seen.append(counts)
            append(small, POINT % (counts[1], counts[1]))
            if counts[0] == points:
                follower._stop.set()

        follower._commit = watched
        follower.run()
    with Store.open(tmp_path / "store") as store:
        assert store.source("default", "large", "").points("series", "a").values.tolist() == list(range(points))
    assert len(seen) > 20
    # The small one has one point more after each transaction but the first, in which it had none.
    assert [small for _, small in seen] == list(range(len(seen)))


def test_an_image_and_an_artifact_of_a_live_stream_are_stored(tmp_path, following):
    folder = tmp_path / "runs"
    folder.mkdir()
    path = folder / "run.jsonl"
    path.write_text(HEAD % "r")
    with following(folder) as follow:
        follow.says("follows")
        for number in range(2):
            (folder / f"{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes([number]))
            (folder / "model").write_bytes(b"m" * (number + 1))
            append(path, json.dumps({"images": {"i": f"{number}.png"}, "artifacts": {"model": "model"}}) + "\n")

            def stored(number=number):
                with Store.open(tmp_path / "store") as store:
                    source = store.source("default", "r", "")
                    return source and [(one.kind, one.index, one.bytes) for one in source.files] == [
                        ("artifacts", None, number + 1), *(("images", index, 9) for index in range(number + 1))
                    ]  # fmt: skip

            eventually(stored, lambda: follow.out)
        assert follow.stop() == 0


@pytest.mark.parametrize("words", [["--dry-run"], ["--jobs", "2"], ["--report", "r.json"]])
def test_what_does_not_go_with_follow_is_refused(tmp_path, words):
    command = [sys.executable, "-m", "runjson", "upload", "--follow", *words, "run.jsonl"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env={**os.environ})
    assert done.returncode == 2
    assert "goes with" in done.stderr


@pytest.mark.once
def test_a_server_that_is_killed_is_waited_for_and_nothing_is_lost(tmp_path):
    path = tmp_path / "run.jsonl"
    path.write_text(HEAD % "r" + POINT % (0, 0))
    with cluster() as server, server.database() as url:
        place = f"{url}&blobs={tmp_path / 'blobs'}"
        with Following(tmp_path, path, store=place) as follow:
            follow.has("r", [0])
            for step in range(1, 4):
                server.kill()
                append(path, POINT % (step, step))
                follow.says_so_often("Waiting for it", step)
                server.start()
                follow.has("r", list(range(step + 1)))
                follow.says_so_often("can be written again", step)
            append(path, '{"status": "succeeded"}\n')
            assert follow.process.wait(DEADLINE) == 0
            assert "Traceback" not in follow.err
