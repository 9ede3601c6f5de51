"""The command line: what is written, said and returned."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from runjson.__main__ import COMMANDS

ROOT = Path(__file__).parents[1]


def run(*words, stdin: bytes = b"", cwd=None, env=None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "runjson", *map(str, words)],
        input=stdin,
        capture_output=True,
        check=False,
        cwd=cwd,
        env=env,
    )


@pytest.fixture
def run_json(tmp_path) -> Path:
    path = tmp_path / "run.json"
    path.write_bytes(b'{"runjson": "1.0", "series": {"loss": [0.9, 0.5, "NaN"]}, "name": "a run"}')
    return path


def test_every_command_is_listed_with_the_first_sentence_of_its_own_help():
    listed = run("--help").stdout.decode()
    for name in COMMANDS:
        helped = run(name, "--help")
        assert helped.returncode == 0, helped.stderr
        assert re.search(rf"^  {name} ", listed, re.MULTILINE)
        first = " ".join(helped.stdout.decode().split("\n\n")[1].split())
        assert COMMANDS[name][1].rstrip(".") in first.split(". ")[0] + "."


def test_every_command_is_named_in_the_readme():
    readme = (ROOT / "README.md").read_text()
    for name in COMMANDS:
        assert f"runjson {name}" in readme


def test_an_unknown_command_is_answered_with_the_nearest():
    done = run("valdate")
    assert done.returncode == 2
    assert b"validate" in done.stderr


def test_fold_makes_one_document_of_a_stream(tmp_path):
    stream = tmp_path / "run.jsonl"
    stream.write_bytes(b'{"runjson": "1.0", "id": "r"}\n{"series": {"a": 1}}\n{"series": {"a": 2}}\n')
    done = run("fold", stream, "-o", tmp_path / "out.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert json.loads((tmp_path / "out.json").read_bytes()) == {
        "runjson": "1.0", "id": "r", "series": {"a": {"values": [1, 2]}},
    }  # fmt: skip
    assert run("fold", "--canonical", stream).stdout == b'{"id":"r","runjson":"1.0","series":{"a":{"values":[1,2]}}}'
    assert (
        run("fold", "--canonical", "-", stdin=stream.read_bytes()).stdout == run("fold", "--canonical", stream).stdout
    )


def test_split_and_fold_give_the_digest_back(run_json, tmp_path):
    stream = tmp_path / "run.jsonl"
    run_json.write_bytes(
        b'{"runjson": "1.0", "id": "r", "text": {"log": ["a", "b"]}, "series": {"loss": [0.9, 0.5, "NaN"]}}'
    )
    assert run("split", run_json, "--points", 2, "-o", stream).returncode == 0
    assert len(stream.read_bytes().splitlines()) == 4
    assert run("fold", "--digest", stream).stdout == run("fold", "--digest", run_json).stdout


@pytest.mark.parametrize(("words", "name"), [((), "record"), (("--strict",), "record.strict")])
def test_the_schema_is_printed_as_it_is_kept(words, name):
    assert run("schema", *words).stdout == (ROOT / f"schema/v1/{name}.schema.json").read_bytes()


def test_split_gives_a_document_without_id_the_one_it_is_known_by(run_json):
    digest = run("fold", "--digest", run_json).stdout.decode().strip()
    assert json.loads(run("split", run_json).stdout.splitlines()[0])["id"] == digest[:32]


def test_fmt_lays_a_document_out_and_keeps_every_spelling(run_json):
    before = run("fold", "--digest", run_json).stdout
    run_json.write_bytes(b'{"series": {"loss": [0.90, 5e-1, 1E2]}, "name": "\\u00e9", "runjson": "1.0"}')
    before = run("fold", "--digest", run_json).stdout
    assert run("fmt", "--check", run_json).returncode == 1
    assert run("fmt", run_json).returncode == 0
    assert run_json.read_bytes() == (
        b'{\n  "runjson": "1.0",\n  "name": "\\u00e9",\n  "series": {"loss": [0.90, 5e-1, 1E2]}\n}\n'
    )
    assert run("fmt", "--check", run_json).returncode == 0
    assert run("fold", "--digest", run_json).stdout == before


def test_fmt_leaves_a_file_with_errors_as_it_is(run_json):
    run_json.write_bytes(b'{"runjson": "1.0", "series": {"a": [null]}}')
    done = run("fmt", run_json)
    assert done.returncode == 1
    assert b"RJ112" in done.stderr
    assert run_json.read_bytes() == b'{"runjson": "1.0", "series": {"a": [null]}}'


def test_validate_says_place_code_message_and_next_step(run_json):
    run_json.write_bytes(b'{"runjson": "1.0",\n "status": "finished", "series": {"a": [1, null]}, "loss": 0.5}\n')
    done = run("validate", run_json.name, cwd=run_json.parent)
    assert done.returncode == 1
    text = done.stdout.decode()
    assert 'run.json:2:12: error RJ107: status: "finished"; expected one of running, succeeded' in text
    assert 'Did you mean "succeeded"?' in text
    assert "run.json:2:44: error RJ112" in text
    assert "run.json:2:52: error RJ105" in text
    assert text.endswith("run.json: not valid (3 errors)\n")
    assert done.stderr == b""


def test_validate_reports_as_json(run_json, tmp_path):
    bad = tmp_path / "bad.json"
    bad.write_bytes(b'{"runjson": "1.0", "time": 12.5, "series": {"a": {"values": [1, 2], "steps": [1]}}}')
    done = run("validate", "--format", "json", run_json, bad)
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert [one["valid"] for one in report["files"]] == [True, False]
    assert {(one["code"], one["severity"], one["pointer"]) for one in report["files"][1]["findings"]} == {
        ("RJ201", "error", "/series/a/steps"), ("RJ205", "warning", "/time"),
    }  # fmt: skip


def test_validate_exits_with_0_for_warnings_and_2_for_what_it_can_not_read(run_json, tmp_path):
    run_json.write_bytes(b'{"runjson": "1.0", "series": {"a": ["Inf"]}}')
    done = run("validate", run_json)
    assert done.returncode == 0
    assert b"warning RJ206" in done.stdout
    done = run("validate", tmp_path / "not-there.json", run_json)
    assert done.returncode == 2
    assert b"not-there.json: can not be read" in done.stderr


def test_validate_checks_the_files_that_are_named(tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "run.json").write_text(
        json.dumps(
            {
                "runjson": "1.0",
                "images": {"i": ["a.png", "b.png"]},
                "artifacts": {"m": {"path": "a.png", "bytes": 4, "sha256": "0" * 64}, "d": "../up"},
            }
        )
    )
    done = run("validate", "--format", "json", tmp_path / "run.json")
    found = {(one["code"], one["pointer"]) for one in json.loads(done.stdout)["files"][0]["findings"]}
    assert found == {
        ("RJ301", "/images/i/1"), ("RJ304", "/artifacts/m/bytes"), ("RJ303", "/artifacts/m/sha256"),
        ("RJ119", "/artifacts/d"),
    }  # fmt: skip


def test_a_link_that_leads_outside_the_folder_is_refused(tmp_path):
    (tmp_path / "secret").write_text("x")
    inside = tmp_path / "run"
    inside.mkdir()
    (inside / "link").symlink_to(tmp_path / "secret")
    (inside / "run.json").write_text('{"runjson": "1.0", "artifacts": {"m": "link"}}')
    done = run("validate", inside / "run.json")
    assert done.returncode == 1
    assert b"RJ302" in done.stdout


def test_control_characters_of_a_file_do_not_reach_the_terminal(run_json):
    run_json.write_text(json.dumps({"runjson": "1.0", "status": "\x1b[31mred"}))
    out = run("validate", run_json).stdout
    assert b"\x1b" not in out
    assert b"\\u001b[31mred" in out


def test_the_readme_shows_what_the_command_shows(tmp_path):
    run("upload", "--to", tmp_path / "store", ROOT / "examples/quickstart")
    shown = run("show", "--to", tmp_path / "store", "quickstart", env={**os.environ, "COLUMNS": "100"}).stdout.decode()
    block = (ROOT / "README.md").read_text().split("```text\n")[1].split("```")[0]
    assert [line.rstrip() for line in shown.strip().splitlines()] == block.splitlines()


def test_upload_tells_new_unchanged_and_refused_and_goes_on(tmp_path, run_json):
    bad = tmp_path / "bad.json"
    bad.write_bytes(b'{"runjson": "1.0", "series": {"a": [null]}}')
    done = run("upload", "--to", tmp_path / "store", bad, run_json)
    assert done.returncode == 1
    assert b"error RJ112" in done.stdout
    assert b"new        default" in done.stdout
    assert b"3 points" in done.stdout
    done = run("upload", "--to", tmp_path / "store", run_json)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"unchanged")
    done = run("upload", "--to", tmp_path / "store", tmp_path / "not-there")
    assert done.returncode == 2
    assert b"there is no such file or folder" in done.stderr


def test_upload_takes_the_run_files_of_a_folder_the_stream_before_its_document(tmp_path):
    folder = tmp_path / "runs" / "a"
    folder.mkdir(parents=True)
    (folder / "run.json").write_bytes(b'{"runjson": "1.0", "id": "r", "series": {"a": [1, 2]}}')
    (folder / "run.jsonl").write_bytes(b'{"runjson": "1.0", "id": "r"}\n{"series": {"a": [1, 2]}}\n')
    (folder / "other.json").write_bytes(b'{"no": "run"}')
    (folder / "named.json").write_bytes(b'{"runjson": "1.0", "id": "named"}')
    done = run("upload", "--to", tmp_path / "store", tmp_path / "runs")
    answers = [line.split()[0] for line in done.stdout.decode().splitlines()]
    assert answers == ["new", "new", "unchanged"]
    assert b"other.json" not in done.stdout


def test_the_store_is_where_the_environment_says(tmp_path, run_json):
    env = {**os.environ, "RUNJSON_TRACKER": str(tmp_path / "elsewhere")}
    assert run("upload", run_json, env=env).returncode == 0
    assert (tmp_path / "elsewhere").is_dir()
    assert b"a run" in run("runs", env=env).stdout


def test_upload_shows_its_progress_on_a_terminal_and_only_there(tmp_path):
    path = tmp_path / "large.run.json"
    path.write_text(
        '{"runjson": "1.0", "id": "large", "series": {"a": [' + ",".join(["0.123456789"] * 1_000_000) + "]}}"
    )
    command = [sys.executable, "-m", "runjson", "upload", "--to", tmp_path / "store", path]
    main, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=terminal, check=True, env={**os.environ, "TERM": "xterm"}
    )
    os.close(terminal)
    shown = b""
    with contextlib.suppress(OSError):  # what Linux says at the end of a terminal
        while piece := os.read(main, 65536):
            shown += piece
    os.close(main)
    assert b"large.run.json" in shown
    assert b"%" in shown
    assert b"1,000,000 points" in done.stdout
    assert b"%" not in done.stdout
    assert subprocess.run(command, capture_output=True, check=True).stderr == b""
