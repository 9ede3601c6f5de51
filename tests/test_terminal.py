"""On a terminal no output acts on it; into a file or a pipe it is what it was (SPEC section 14)."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import pty
import re
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from runjson_tracker.store import Store

pytestmark = pytest.mark.once
# The control sequence introducer in one character, a delete, a text that turns, a line separator, and what stays.
NAME = "a\x9b31mb\x7f\u202ec\u2069\u2028é 木 \U0001f468\u200d\U0001f469"
ACTING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
RECORD = {"runjson": "1.0", "project": "p", "id": "r", "name": NAME, "series": {"\u202ea": [1, 2]}}


def run(*words: object, terminal: bool, code: int = 0) -> str:
    """What a command prints on a terminal, or into a pipe."""
    command = [sys.executable, "-m", "runjson", *map(str, words)]
    if not terminal:
        done = subprocess.run(command, capture_output=True, check=False)
        assert done.returncode == code, done.stderr
        return done.stdout.decode()
    main, other = pty.openpty()
    modes = termios.tcgetattr(other)
    modes[1] &= ~termios.OPOST  # no carriage returns of the terminal's own
    termios.tcsetattr(other, termios.TCSANOW, modes)
    with subprocess.Popen(command, stdout=other, env={**os.environ, "TERM": "dumb"}) as process:
        os.close(other)
        shown = b""
        with contextlib.suppress(OSError):  # what Linux says at the end of a terminal
            while piece := os.read(main, 65536):
                shown += piece
        os.close(main)
        assert process.wait() == code
    return shown.decode()


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A folder with a run file, and a tracker that has it."""
    folder = tmp_path_factory.mktemp("terminal")
    (folder / "run.json").write_text(json.dumps(RECORD, ensure_ascii=False), encoding="utf-8")
    run("upload", folder / "run.json", "--to", folder / "store", terminal=False)
    return folder


JSON = [
    ("fold",), ("fold", "--canonical"), ("split",), ("export", "r", "--to", "json"), ("export", "r", "--to", "jsonl"),
    ("runs", "--format", "json"),
]  # fmt: skip


def words_of(words: tuple[str, ...], place: Path) -> tuple[object, ...]:
    of_files = words[0] in {"fold", "split"}
    return (*words, place / "run.json") if of_files else (*words, "--tracker", place / "store")


@pytest.mark.parametrize("words", JSON, ids=" ".join)
def test_json_stays_what_it_says_and_does_not_act_on_a_terminal(words, place):
    piped = run(*words_of(words, place), terminal=False)
    shown = run(*words_of(words, place), terminal=True)
    assert NAME in piped
    assert not ACTING.search(shown)
    assert "é 木 \U0001f468\u200d\U0001f469" in shown
    assert values(shown) == values(piped)


def values(text: str) -> list[object]:
    """The JSON values that stand one behind the other."""
    found, rest = [], text
    while rest := rest.lstrip("\n"):
        value, end = json.JSONDecoder().raw_decode(rest)
        found.append(value)
        rest = rest[end:]
    return found


@pytest.mark.parametrize("words", [("runs", "--format", "csv"), ("export", "r", "--to", "csv")], ids=" ".join)
def test_csv_shows_escapes_on_a_terminal_alone(words, place):
    piped, shown = (run(*words, "--tracker", place / "store", terminal=terminal) for terminal in (False, True))
    assert ACTING.search(piped)
    assert not ACTING.search(shown)
    assert "\\u202e" in shown
    rows, told = (list(csv.reader(text.split("\n"))) for text in (piped, shown))
    assert list(map(len, told)) == list(map(len, rows))


def test_a_path_that_a_run_file_names_does_not_act_on_a_terminal(place, tmp_path):
    with Store.open(tmp_path / "store") as store, store.ingest("p", "r", "", None) as ingest:
        ingest.add_file("artifacts", "a", None, "x\u202ey", None, b"z")
        record = {"id": "r", "artifacts": {"a": {"path": "x\u202ey"}}}
        ingest.commit(record, "", "document", None, None, record)
    words = ("get", "r", "a", "-o", f"{tmp_path}/", "--tracker", tmp_path / "store")
    assert run(*words, terminal=True) == f"{tmp_path}/x\\u202ey\n"
    assert run(*words, terminal=False) == f"{tmp_path}/x\u202ey\n"


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_a_report_does_not_act_on_a_terminal(form, tmp_path):
    (tmp_path / "run.json").write_text('{"runjson": "1.0", "name": "\u202e", "series": {"a": [NaN]}}', encoding="utf-8")
    words = ("validate", "--format", form, tmp_path / "run.json")
    piped, shown = (run(*words, terminal=terminal, code=1) for terminal in (False, True))
    assert not ACTING.search(shown)
    assert values(shown) == values(piped)


def test_a_diff_does_not_act_on_a_terminal(tmp_path):
    text = '{"runjson": "1.0", "name": "\u202e\x9b", \t"series": {"a": [NaN]}}'
    (tmp_path / "run.json").write_bytes(text.encode() + b"\r\n")
    piped, shown = (run("fix", "--diff", tmp_path / "run.json", terminal=one, code=1) for one in (False, True))
    assert f"-{text}\r\n" in piped
    assert "-" + text.replace("\u202e\x9b", "\\u202e\\u009b") + "\n" in shown
