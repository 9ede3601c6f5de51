"""Inputs that break validators: each gets a report, in bounded time and memory, and never a traceback."""

from __future__ import annotations

import subprocess
import sys

import pytest
from runjson_validator.fix import fix
from runjson_validator.validation import validate

HEAD = '{"runjson": "1.0", "id": "r"}\n'
EXTREMES = {
    "nested.json": ('{"runjson": "1.0", "parameters": ' + "[" * 200_000 + "]" * 200_000 + "}", "RJ009"),
    "opened.json": ("[" * 200_000, "RJ009"),
    "objects.json": ('{"a":' * 200_000, "RJ009"),
    "text.json": ('{"runjson": "1.0", "name": "' + "x" * 5_000_000 + '", "status": "no"}', "RJ107"),
    "open-text.json": ('{"runjson": "1.0", "name": "' + "x" * 5_000_000, "RJ003"),
    "escapes.json": ('{"runjson": "1.0", "name": "' + "\\u00e9" * 800_000 + '", "status": "no"}', "RJ107"),
    "members.json": ('{"runjson": "1.0", ' + ", ".join(f'"m{i}": {i}' for i in range(100_000)) + "}", "RJ105"),
    "series.json": ('{"runjson": "1.0", "series": {' + ",".join(f'"{i}":null' for i in range(100_000)) + "}}", "RJ112"),
    "garbage.jsonl": ("".join(f"line {i} of a log\n" for i in range(1_000_000)), "RJ003"),
    "braces.jsonl": (HEAD + '{"' * 1_000_000, "RJ003"),
    "quotes.jsonl": (HEAD + '"' * 1_000_001, "RJ003"),
    "commas.json": ('{"runjson": "1.0", "series": {"a": [' + "," * 1_000_000 + "]}}", "RJ003"),
    "nulls.json": ('{"runjson": "1.0", "series": {"a": [' + ", ".join(["null"] * 1_000_000) + "]}}", "RJ112"),
    "digits.json": ('{"runjson": "1.0", "parameters": {"a": ' + "9" * 1_000_000 + "}}", "RJ006"),
    "zeros.bin.json": ("\0" * 1_000_000, "RJ003"),
}  # fmt: skip


@pytest.mark.parametrize("name", EXTREMES)
def test_a_report_comes_whatever_the_input(name, tmp_path):
    text, code = EXTREMES[name]
    path = tmp_path / name
    path.write_text(text)
    # The limit is far beyond what any of them takes: it is there for what would never end.
    done = subprocess.run(
        [sys.executable, "-m", "runjson", "validate", path], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 1, done.stderr[-2000:]
    assert done.stderr == ""
    assert f"error {code}: " in done.stdout
    assert "not valid" in done.stdout.splitlines()[-1]
    assert len(done.stdout) < 400_000


@pytest.mark.parametrize("token", ["01e400", "1d400", "+1e999", ".5e999", "9.e+999", "1+400"])
@pytest.mark.parametrize("name", ["run.json", "run.jsonl"])
def test_a_misspelled_number_beyond_the_doubles_is_told_and_not_repaired(token, name, tmp_path):
    text = f'{{"runjson": "1.0", "id": "a", "series": {{"a": [1, {token}]}}}}\n'
    report = validate(text.encode(), name=name)
    assert [(one.code, one.value, one.fixable) for one in report.findings] == [("RJ004", token, False)]
    assert "beyond the largest double" in report.findings[0].message
    path = tmp_path / name
    path.write_text(text)
    assert fix(path).written is False
    assert path.read_text() == text


def test_a_torn_line_of_any_depth_is_skipped():
    found = validate((HEAD + '{"a":' * 200_000).encode(), name="run.jsonl")
    assert (found.valid, [one.code for one in found.findings]) == (True, ["RJ010"])


LONG = "9" * 400
TOO_LARGE = [
    f'"step": {LONG}, "series": {{"a": 1}}',
    f'"time": {LONG}, "series": {{"a": 1}}',
    f'"series": {{"a": {{"values": [1], "steps": [{LONG}]}}}}',
    f'"series": {{"a": {{"values": [1], "times": [-{LONG}]}}}}',
    f'"series": {{"a": {LONG}}}',
    f'"parent": {{"id": "b", "step": {LONG}}}',
    f'"histograms": {{"a": {{"edges": [0, {LONG}], "counts": [1]}}}}',
]


@pytest.mark.parametrize("members", TOO_LARGE)
@pytest.mark.parametrize("name", ["run.json", "run.jsonl"])
def test_an_integer_that_no_double_holds_is_told_where_one_is_asked_for(members, name):
    found = validate(f'{{"runjson": "1.0", "id": "r", {members}}}'.encode(), name=name).findings
    assert [one.code for one in found] == ["RJ006"]


def test_a_time_before_1970_is_no_stopwatch():
    text = b'{"runjson": "1.0", "time": -1e9, "series": {"a": {"values": [1, 2], "times": [-1e9, -5]}, "b": 1}}'
    assert [(one.code, one.pointer) for one in validate(text).findings] == [("RJ205", "/series/a/times/1")]
