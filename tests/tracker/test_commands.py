"""The commands about tracked runs, called as a person calls them."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import zipfile

import numpy as np
import pytest
from runjson.__main__ import main
from runjson_schema.points import Points
from runjson_tracker.store import Store

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


@pytest.fixture
def command(where, monkeypatch, capsys):
    """Calls a command; its exit code, and what it printed."""
    monkeypatch.setenv("RUNJSON_TRACKER", where)
    monkeypatch.setenv("COLUMNS", "200")

    def command(*words):
        code = main(list(map(str, words)))
        told = capsys.readouterr()
        return code, told.out, told.err

    return command


@pytest.fixture
def runs(store, track):
    """Three runs: two models, one of which diverged, and an evaluation with files."""
    for index, (run, model, loss) in enumerate(
        (("mlp-1", "mlp", [0.9, 0.4]), ("mlp-2", "mlp", [0.9, math.nan]), ("cnn-1", "cnn", [0.8, 0.2]))
    ):
        record = {
            "runjson": "1.0",
            "id": run,
            "name": f"run {run}",
            "status": "failed" if index == 1 else "succeeded",
            "parameters": {"model": model, "lr": 0.1 * (index + 1), "layers": [64, 10]},
            "properties": {"note": f"the {model}"},
            "started_at": "2026-11-21T03:13:41Z",
            "ended_at": f"2026-11-21T03:1{index + 4}:41Z",
            "artifacts": {"weights": {"path": "weights.bin"}, "out": {"path": "out"}},
        }
        if index == 0:
            record["tags"] = ["baseline"]
        with store.ingest("p", run, "", None) as ingest:
            ingest.append("series", "loss", Points(np.array(loss), np.array([1.0, 2.0]), 1.7e9 + np.array([0.0, 5.0])))
            ingest.append("images", "plot", Points([{"path": "a.png"}, {"path": "b.png"}]))
            ingest.add_file("images", "plot", 0, "a.png", "image/png", PNG + b"a")
            ingest.add_file("images", "plot", 1, "b.png", "image/png", PNG + b"b")
            ingest.add_file("artifacts", "weights", None, "weights.bin", None, b"weights of " + run.encode())
            ingest.add_file("artifacts", "out/deep/one", None, "out/deep/one", None, b"one")
            ingest.commit(record, "", "document", None, None, record)
    return store


def cells(text):
    return [line.split() for line in text.splitlines()]


# -- runs --------------------------------------------------------------------------------------------------------------


def test_runs_are_listed_the_newest_first_with_what_was_asked_for(runs, command):
    code, out, _ = command("runs", "-c", "series.loss.last,parameters.lr")
    assert code == 0
    header, *rows = cells(out)
    assert header[:4] == ["project", "run", "name", "status"]
    assert [row[1] for row in rows] == ["cnn-1", "mlp-2", "mlp-1"]
    assert rows[1][rows[1].index("NaN") + 1] == "0.2"
    assert rows[2][-1] == "baseline"
    assert "2 min 0 s" in out


def test_a_column_that_every_table_has_is_shown_once(runs, command):
    asked = "id,name,tags,status,started,duration,points,project,group,parameters.lr"
    header, *rows = cells(command("runs", "-c", asked)[1])
    assert header == [
        "project", "run", "name", "status", "started", "duration", "group", "parameters.lr", "points", "tags",
    ]  # fmt: skip
    assert rows[2][-1] == "baseline"
    (header, *_) = csv.reader(io.StringIO(command("runs", "-c", asked, "--format", "csv")[1]))
    assert len(header) == len(set(header))


def test_runs_are_filtered_sorted_and_cut(runs, command):
    assert [row[1] for row in cells(command("runs", "-w", 'parameters.model == "mlp"', "-s", "parameters.lr")[1])] == [
        "run",
        "mlp-1",
        "mlp-2",
    ]
    out = command("runs", "p", "--limit", 1)[1]
    assert "2 more; --limit 0 lists all." in out
    assert "No run matches." in command("runs", "-w", 'status == "running"')[1]


def test_runs_as_json_and_csv_hold_exact_values(runs, command):
    found = json.loads(command("runs", "--format", "json", "-c", "series.loss.*,parameters.*", "-s", "id")[1])
    assert [row["id"] for row in found] == ["cnn-1", "mlp-1", "mlp-2"]
    assert found[0]["parameters.lr"] == 0.1 * 3
    assert found[0]["parameters.layers"] == [64, 10]
    assert found[2]["series.loss.last"] == "NaN"
    assert found[0]["started"] == "2026-11-21T03:13:41+00:00"
    rows = list(csv.DictReader(io.StringIO(command("runs", "--format", "csv", "-c", "parameters.lr", "-s", "id")[1])))
    assert [row["parameters.lr"] for row in rows] == [repr(0.1 * 3), "0.1", "0.2"]


def test_a_comma_within_backticks_belongs_to_the_name(store, track, command):
    record = {"runjson": "1.0", "id": "r", "parameters": {"a,b": 7, "c": 8}}
    track(record=record)
    (row,) = json.loads(command("runs", "-c", "parameters.`a,b`,parameters.c", "--format", "json")[1])
    assert (row["parameters.`a,b`"], row["parameters.c"]) == (7, 8)


def test_groups_are_rows_of_means(runs, command):
    arguments = ("runs", "-g", "parameters.model", "-c", "series.loss.min", "--format", "json")
    found = json.loads(command(*arguments)[1])
    assert [(row["parameters.model"], row["runs"], row["count(series.loss.min)"]) for row in found] == [
        ("cnn", 1, 1),
        ("mlp", 2, 2),
    ]
    assert found[1]["mean(series.loss.min)"] == pytest.approx(0.65)
    assert found[1]["std(series.loss.min)"] == pytest.approx(math.sqrt(0.125))
    assert found[0]["std(series.loss.min)"] is None


def test_a_filter_that_cannot_be_understood_is_pointed_at(runs, command):
    code, out, err = command("runs", "-w", "paramters.lr < 1")
    assert (code, out) == (2, "")
    assert "paramters.lr < 1\n  ^^^^^^^^^^^^" in err
    assert "Did you mean parameters" in err
    code, _, err = command("runs", "-w", "parameters.learning > 1")
    assert code == 2
    assert "parameters.l" in err


def test_an_empty_store_and_an_unknown_project_say_what_to_do(store, track, command, tmp_path):
    assert "`runjson upload FILE`" in command("runs")[1]
    track(project="p", run="a1")
    code, _, err = command("runs", "q")
    assert (code, "There are: p." in err) == (1, True)
    code, _, err = command("runs", "--tracker", tmp_path / "none")
    assert (code, "`runjson upload FILE --to" in err) == (2, True)
    (tmp_path / "tracker.sqlite").write_text("no database" * 100)
    code, _, err = command("show", "a", "--tracker", tmp_path)
    assert (code, "not a database" in err) == (2, True)


def test_what_is_read_from_a_place_may_be_said_so(runs, command, where, place, monkeypatch, tmp_path):
    monkeypatch.setenv("RUNJSON_TRACKER", str(tmp_path / "none"))
    told = [command("runs", "--format", "csv", option, where) for option in ("--tracker", "--to", "--from")]
    assert told[0][0] == 0
    assert "mlp-1" in told[0][1]
    assert told[1:] == told[:1] * 2
    for words in (("show", "mlp-1"), ("diff", "mlp-1", "mlp-2"), ("export", "mlp-1", "--to", "json", "-o", tmp_path)):
        assert command(*words, "--from", where)[0] == 0, words
    for words in (("store", "check"), ("project", "list"), ("user", "list"), ("token", "list"), ("audit",)):
        assert command(*words, "--from", place)[0] == 0, words
    for words in (("rm", "mlp-1"), ("edit", "mlp-1", "--tag", "good"), ("store", "gc")):
        assert command(*words, "--from", where)[0] == 2, words


def test_a_run_that_is_not_there_or_not_the_only_one_is_told(store, track, command):
    track(run="a1")
    track(run="a2")
    assert "`runjson runs`" in command("show", "none")[2]
    code, _, err = command("show", "a")
    assert (code, '"a" may be p/a2, p/a1: give PROJECT/ID.' in err) == (1, True)


def test_a_network_file_system_is_told_once(store, place, track, monkeypatch, command):
    track()
    monkeypatch.setenv("RUNJSON_TRACKER", str(place))
    monkeypatch.setattr(Store, "open", lambda *_, **__: store)
    store.notice = "slower"
    assert command("runs")[2] == "runjson: slower\n"


def test_a_run_that_was_not_heard_of_for_long_has_crashed(store, command, monkeypatch):
    with store.ingest("p", "r", "", None) as ingest:
        record = {"id": "r", "status": "running"}
        ingest.commit(record, "", "stream", None, None, record, heard=1.7e9)
    assert "crashed" in command("runs")[1]
    assert "crashed" in command("show", "r")[1]
    assert re.search(
        r"  last heard of 2023-11-\d\d \d\d:\d\d:\d\d, [\d,]+ d ago$", command("show", "r")[1], re.MULTILINE
    )
    assert "r" in command("runs", "-w", 'status == "crashed"', "-c", "status")[1]
    monkeypatch.setenv("RUNJSON_CRASHED_AFTER", "1e10")
    assert "running" in command("runs")[1]
    assert "running" in command("show", "r")[1]
    assert "heard" not in command("show", "r")[1]


# -- one run -----------------------------------------------------------------------------------------------------------


def test_a_run_is_shown(runs, command):
    code, out, _ = command("show", "mlp-2")
    assert code == 0
    for part in ("p/mlp-2", "failed", "layers  [64, 10]", "weights.bin", "1 NaN"):
        assert part in out


def test_files_are_got_by_name_and_index(runs, command, tmp_path):
    assert command("get", "mlp-1", "weights", "-o", tmp_path / "w")[0] == 0
    assert (tmp_path / "w").read_bytes() == b"weights of mlp-1"
    command("get", "mlp-1", "out", "-o", tmp_path / "folder")
    assert (tmp_path / "folder/deep/one").read_bytes() == b"one"
    command("get", "mlp-1", "out/deep/one", "-o", tmp_path / "one")
    assert (tmp_path / "one").read_bytes() == b"one"
    command("get", "mlp-1", "plot", "-o", f"{tmp_path}/")
    assert (tmp_path / "b.png").read_bytes() == PNG + b"b"
    command("get", "mlp-1", "plot[0]", "-o", tmp_path / "first.png")
    assert (tmp_path / "first.png").read_bytes() == PNG + b"a"


def test_what_a_run_file_names_replaces_no_file_that_is_there(store, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with store.ingest("p", "r", "", None) as ingest:
        ingest.add_file("artifacts", "model", None, "home/.bashrc", None, b"theirs")
        ingest.add_file("artifacts", "notes", None, "notes.txt", None, b"theirs")
        ingest.add_file("images", "plot", 0, "notes.txt", "image/png", PNG)
        ingest.append("images", "plot", Points([{"path": "notes.txt"}]))
        record = {"id": "r", "artifacts": {"model": {"path": "home/.bashrc"}, "notes": {"path": "notes.txt"}}}
        ingest.commit(record, "", "document", None, None, record)
    for name in (".bashrc", "notes.txt"):
        (tmp_path / name).write_text("mine")
    assert command("get", "r", "model") == (0, "_bashrc\n", "")
    assert (tmp_path / "_bashrc").read_text() == "theirs"
    for words in (("notes",), ("plot",), ("notes", "-o", "."), ("notes", "-o", "notes.txt"), ("notes", "-o", "./")):
        code, out, err = command("get", "r", *words)
        assert (code, out) == (1, "")
        assert "notes.txt is there already, with other bytes: -o OTHER writes elsewhere, --replace replaces it." in err
    assert (tmp_path / ".bashrc").read_text() == (tmp_path / "notes.txt").read_text() == "mine"
    assert command("get", "r", "notes", "--replace") == (0, "notes.txt\n", "")
    assert (tmp_path / "notes.txt").read_text() == "theirs"
    # Whoever says .bashrc means it.
    assert command("get", "r", "model", "-o", "other/.bashrc") == (0, "other/.bashrc\n", "")


def test_a_file_that_is_there_with_the_same_bytes_is_told(runs, command, tmp_path):
    (tmp_path / "weights.bin").write_bytes(b"weights of mlp-1")
    (tmp_path / "weights.bin").chmod(0o400)
    there = tmp_path / "weights.bin"
    assert command("get", "mlp-1", "weights", "-o", tmp_path) == (
        0,
        f"{there}\n",
        f"runjson: {there} was there already, with the same bytes.\n",
    )
    assert command("get", "mlp-1", "out", "-o", tmp_path / "out")[2] == ""
    assert "was there already" in command("get", "mlp-1", "out", "-o", f"{tmp_path}/")[2]


def test_a_link_that_leads_nowhere_and_a_folder_are_in_the_way(runs, command, tmp_path):
    (tmp_path / "weights.bin").symlink_to("elsewhere")
    assert command("get", "mlp-1", "weights", "-o", tmp_path)[0] == 1
    assert not (tmp_path / "elsewhere").exists()
    (tmp_path / "b.png").mkdir()
    for words in ((), ("--replace",)):
        code, _, err = command("get", "mlp-1", "plot", "-o", tmp_path, *words)
        assert (code, "b.png is a folder" in err) == (2, True)


def test_of_a_directory_nothing_is_written_where_one_file_is_in_the_way(runs, command, tmp_path):
    with runs.ingest("p", "many", "", None) as ingest:
        for name in ("a", "z"):
            ingest.add_file("artifacts", f"out/{name}", None, f"out/{name}", None, name.encode())
        record = {"id": "many", "artifacts": {"out": {"path": "out"}}}
        ingest.commit(record, "", "document", None, None, record)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/z").write_text("mine")
    (tmp_path / "out/a").mkdir()
    assert "out/a is a folder" in command("get", "many", "out", "-o", tmp_path)[2]
    (tmp_path / "out/a").rmdir()
    code, _, err = command("get", "many", "out", "-o", tmp_path)
    assert (code, "out/z is there already" in err) == (1, True)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["z"]
    assert command("get", "many", "out", "-o", tmp_path, "--replace")[0] == 0
    assert [(tmp_path / "out" / name).read_text() for name in "az"] == ["a", "z"]


def test_a_slash_at_the_end_means_a_folder(runs, command, tmp_path):
    assert command("get", "mlp-1", "weights", "-o", f"{tmp_path}/sub/") == (0, f"{tmp_path}/sub/weights.bin\n", "")
    assert (tmp_path / "sub/weights.bin").read_bytes() == b"weights of mlp-1"
    command("get", "mlp-1", "out", "-o", f"{tmp_path}/new/")
    assert (tmp_path / "new/out/deep/one").read_bytes() == b"one"


def test_a_file_that_is_not_there_is_told_with_those_that_are(runs, command, tmp_path):
    code, _, err = command("get", "mlp-1", "nothing")
    assert (code, "There are: weights, out, plot." in err) == (1, True)
    code, _, err = command("get", "mlp-1", "plot[7]")
    assert (code, "plot has 2 images" in err) == (1, True)


# -- several runs ------------------------------------------------------------------------------------------------------


def test_only_what_differs_is_shown(runs, command):
    out = command("diff", "mlp-1", "mlp-2")[1]
    fields = [row[0] for row in cells(out)]
    assert fields[0] == "field"
    assert {"name", "status", "parameters.lr", "series.loss.last", "artifacts.weights", "tags"} <= set(fields)
    assert "parameters.model" not in fields
    assert "parameters.model" in command("diff", "mlp-1", "mlp-2", "--all")[1]
    found = json.loads(command("diff", "mlp-1", "cnn-1", "--format", "json")[1])
    assert {"field": "parameters.model", "p/mlp-1": "mlp", "p/cnn-1": "cnn"} in found
    assert command("diff", "mlp-1")[0] == 2


def test_runs_that_are_equal_differ_in_nothing_and_one_run_is_told(runs, command):
    for copy in ("a", "b"):
        with runs.ingest(copy, "r", "", None) as ingest:
            ingest.commit({"id": "r"}, "", "document", None, None, {"id": "r"})
    assert "differ in nothing" in command("diff", "a/r", "b/r")[1]
    assert command("diff", "mlp-1", "p/mlp-1") == (2, "", "runjson: mlp-1 and p/mlp-1 are one run: name two.\n")


def test_the_best_run_is_found_for_each_group(runs, command):
    arguments = ("best", "--by", "series.loss.min", "--goal", "minimize", "--per", "parameters.model")
    rows = json.loads(command(*arguments, "--format", "json")[1])
    assert [(row["parameters.model"], row["series.loss.min"], row["run"]) for row in rows] == [
        ("cnn", 0.2, "p/cnn-1"),
        ("mlp", 0.4, "p/mlp-1"),
    ]
    assert command("best")[0] == 2
    assert command("best", "--by", "series.none.min")[0] == 2


def test_curves_are_drawn_in_the_terminal_with_scale_names_and_marks(runs, command):
    code, out, _ = command("plot", "mlp-1", "mlp-2", "-s", "loss")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].lstrip().startswith("0.9┤")
    assert any(line.lstrip().startswith("0.4┤") for line in lines)
    assert "×" in out  # noqa: RUF001
    assert "step" in out
    assert lines[-2].endswith("mlp-1 loss")
    assert "1 NaN" in lines[-1]


def scale(out):
    return [line.split("┤")[0].strip() for line in out.splitlines() if "┤" in line]


@pytest.mark.parametrize(
    ("values", "words", "expected"),
    [
        ([0.0123456, 0.822623], (), ["0.822623", "0.6", "0.4", "0.2", "0.0123456"]),
        ([-3.3, 7.0], (), ["7", "6", "4", "2", "0", "-2", "-3.3"]),
        ([0.253327, 166.396], ("--log",), ["166.396", "100", "10", "1", "0.253327"]),
        ([1.5, 8.0], ("--log",), ["8", "5", "2", "1.5"]),
        ([1e-200, 1e100], ("--log",), ["1e+100", "1e+50", "1", "1e-50", "1e-100", "1e-150", "1e-200"]),
        (
            [-1.7e308, 1.7e308],
            (),
            ["1.7e+308", "1.5e+308", "1e+308", "5e+307", "0", "-5e+307", "-1e+308", "-1.5e+308", "-1.7e+308"],
        ),
        ([0.0, 5e-324], (), ["0.5", "0.4", "0.2", "0", "-0.2", "-0.4", "-0.5"]),
    ],
)
def test_between_the_extremes_the_scale_has_round_numbers(values, words, expected, track, command):
    track(loss=values)
    code, out, _ = command("plot", "r", *words)
    assert (code, scale(out)) == (0, expected)


def test_without_colours_curves_are_told_apart_by_letters(track, command):
    for run in ("x", "y"):
        track(run=run, loss=[0.0, 1.0], other=[1.0, 0.0])
    drawn = command("plot", "x", "y", "-s", "loss", "-s", "other")[1].splitlines()
    assert drawn[-4:] == ["a   x loss", "b   x other", "c   y loss", "d   y other"]
    # Two curves end at each place: the letters of those drawn later stand before the end.
    assert drawn[0].endswith("a")
    assert drawn[19].endswith("b")
    assert all(any(letter in line.split("┤")[-1] for line in drawn[:20]) for letter in "abcd")
    assert "━━" in command("plot", "x")[1]


def test_points_that_follow_each_other_are_joined_and_a_gap_of_nan_is_not(store, track, command):
    track(run="joined", loss=[0.0, 1.0])
    lines = [line.split("│")[-1].split("┤")[-1] for line in command("plot", "joined")[1].splitlines()[:20]]
    assert all(line.strip() for line in lines)
    track(run="gap", loss=[0.0, math.nan, 1.0])
    lines = [line.split("│")[-1].split("┤")[-1] for line in command("plot", "gap")[1].splitlines()[:20]]
    assert [bool(line.strip()) for line in lines] == [True, *[False] * 18, True]


def test_a_spike_among_a_million_points_is_drawn(store, track, command):
    values = np.zeros(1_000_000)
    values[777_777] = 7.0
    track(loss=values)
    first = command("plot", "r")[1].splitlines()[0]
    assert first.lstrip().startswith("7┤")
    assert first.split("┤")[1].strip()


@pytest.mark.parametrize(("name", "begin"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.pdf", b"%PDF")])
def test_curves_are_drawn_as_pictures(name, begin, runs, command, tmp_path):
    assert command("plot", "mlp-1", "mlp-2", "--x", "relative", "-o", tmp_path / name)[0] == 0
    assert (tmp_path / name).read_bytes().startswith(begin)


def test_what_cannot_be_drawn_is_told(runs, command, tmp_path):
    assert "no such" in command("plot", "mlp-1", "-o", tmp_path / "none/a.png")[2].lower()
    assert command("plot", "mlp-1", "-o", tmp_path / "a.xyz")[0] == 2
    assert "`runjson show RUN`" in command("plot", "mlp-1", "-s", "none")[2]


# -- changes -----------------------------------------------------------------------------------------------------------


def test_a_run_is_changed_beside_what_its_writers_said(runs, command, tmp_path):
    (tmp_path / "report.txt").write_text("good")
    code, _, _ = command(
        *("edit", "mlp-1", "--set", "note=better", "--set", "f1=0.95", "--set", "best=true", "--set", "odd=NaN"),
        *("--tag", "best", "--untag", "baseline", "--name", "renamed", "--artifact", tmp_path / "report.txt"),
    )
    assert code == 0
    view = runs.run("p", "mlp-1")
    assert view.record["properties"] == {"note": "better", "f1": 0.95, "best": True, "odd": {"$float": "NaN"}}
    assert (view.record["tags"], view.record["name"]) == (["best"], "renamed")
    assert view.record["parameters"]["model"] == "mlp"
    command("edit", "mlp-1", "--unset", "note")
    assert "note  " not in command("show", "mlp-1")[1]
    command("get", "mlp-1", "report.txt", "-o", tmp_path / "back.txt")
    assert (tmp_path / "back.txt").read_text() == "good"
    assert command("runs", "-w", "properties.f1 > 0.9", "--format", "csv")[1].count("\n") == 2
    assert runs.check().problems == []


@pytest.mark.parametrize("words", [[], ["--set", "novalue"], ["--set", "=x"]])
def test_an_edit_that_says_nothing_is_refused(words, runs, command):
    code, _, err = command("edit", "mlp-1", *words)
    assert (code, "NAME=VALUE" in err) == (2, True)


def test_a_name_that_the_format_refuses_is_told(runs, command):
    code, _, err = command("edit", "mlp-1", "--set", "a//b=1")
    assert (code, "RJ108" in err) == (2, True)


def test_runs_go_into_the_trash_and_come_back(runs, command, place):
    assert command("rm", "mlp-1", "mlp-2")[0] == 0
    assert "mlp" not in command("runs")[1]
    assert "mlp-1" in command("runs", "--trash")[1]
    assert command("rm", "--restore", "p/mlp-1")[0] == 0
    assert "mlp-1" in command("runs")[1]
    code, _, err = command("rm", "--restore", "mlp-1")
    assert (code, "`runjson runs --trash`" in err) == (1, True)
    out = command("store", "gc", "--to", place, "--days", 0, "--dry-run")[1]
    assert "would free 1 run with 4 points, 0 files" in out
    assert "freed 1 run with 4 points" in command("store", "gc", "--to", place, "--days", 0)[1]
    assert "The trash is empty." in command("runs", "--trash")[1]


def test_a_store_is_checked(runs, command, place):
    code, out, _ = command("store", "check", "--to", place)
    assert (code, "all is well" in out) == (0, True)
    (first, _), *_ = runs.blobs.all()
    runs.blobs.path(first).unlink()
    code, out, _ = command("store", "check", "--to", place)
    assert (code, "is missing" in out) == (1, True)
    assert out.endswith(": 1 problem\n")


def test_one_of_a_kind_is_one(store, command, place):
    with store.ingest("p", "r", "", None) as ingest:
        ingest.append("series", "loss", Points(np.array([1.0])))
        ingest.commit({"id": "r"}, "", "document", None, None, {"id": "r"})
    assert command("store", "check", "--to", place)[1] == "1 run, 1 point in 1 chunk, 0 files: all is well\n"


# -- exports -----------------------------------------------------------------------------------------------------------


def test_runs_are_exported_to_each_format(runs, command, tmp_path):
    assert "1 run in" in command("export", "mlp-1", "--to", "json", "-o", tmp_path / "json")[1]
    record = json.loads((tmp_path / "json/p/mlp-1/run.json").read_text())
    assert record["series"]["loss"]["values"] == [0.9, 0.4]
    assert (tmp_path / "json/p/mlp-1/out/deep/one").read_bytes() == b"one"
    assert "3 runs in" in command("export", "mlp-1", "mlp-2", "cnn-1", "--to", "zip", "-o", tmp_path / "all")[1]
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert "p/cnn-1/weights.bin" in archive.namelist()
    assert "2 points in" in command("export", "mlp-1", "--to", "parquet", "-o", tmp_path / "a.parquet")[1]
    assert command("export", "mlp-2", "--to", "csv")[1].splitlines()[2].endswith(",NaN")


def test_a_run_without_files_is_printed(store, track, command):
    track(record={"runjson": "1.0", "id": "r"}, loss=[1.0, math.inf])
    record = json.loads(command("export", "r", "--to", "json")[1])
    assert record == {"runjson": "1.0", "id": "r", "series": {"loss": {"values": [1, "Infinity"]}}}
    first, second = map(json.loads, command("export", "r", "--to", "jsonl")[1].splitlines())
    assert first == {"runjson": "1.0", "id": "r"}
    assert second == {"series": {"loss": {"values": [1, "Infinity"]}}}


def test_an_export_that_needs_a_place_asks_for_one(runs, command, tmp_path):
    assert "--output FOLDER" in command("export", "mlp-1", "--to", "json")[2]
    assert "--output points.parquet" in command("export", "mlp-1", "--to", "parquet")[2]
    command("export", "mlp-1", "--to", "json", "-o", tmp_path / "json")
    code, _, err = command("export", "mlp-1", "--to", "json", "-o", tmp_path / "json")
    assert (code, "run.json: File exists" in err) == (2, True)


def test_what_works_on_the_store_itself_is_not_done_over_http(command, monkeypatch):
    monkeypatch.setenv("RUNJSON_TRACKER", "https://runs.example.org")
    for words in (("store", "check"), ("user", "list")):
        code, out, err = command(*words)
        assert (code, out) == (2, "")
        assert "not over HTTP: call it where https://runs.example.org has it." in err
