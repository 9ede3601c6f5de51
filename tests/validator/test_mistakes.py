"""What real programs got wrong: each mistake is found, explained, and mended where that is mechanical."""

from __future__ import annotations

import shutil

import pytest
from runjson_schema import canonical
from runjson_schema.decode import fold_file
from runjson_validator import validate
from runjson_validator.fix import fix
from runjson_validator.formats.text import text_lines

from tests.validator import mistakes_page
from tests.validator.mistakes_page import FILES, MISTAKES

SEVERITIES = {"error": "error", "warning": "warning", "advice": "advice"}


@pytest.fixture(params=MISTAKES.values(), ids=MISTAKES.keys())
def mistake(request):
    return request.param


def test_every_file_is_listed_once_and_there_are_seventy_five():
    listed = [one["file"] for one in MISTAKES.values()]
    assert sorted(listed) == sorted(path.name for path in FILES.glob("*.json*"))
    assert len(listed) == 75


def test_a_mistake_is_found_at_its_line_and_nothing_else_is(mistake):
    report = validate(FILES / mistake["file"])
    assert [f"{one.code}:{one.line or ''}" for one in report.findings] == mistake["found"]
    assert report.valid == (mistake["verdict"] != "error")
    assert {one.severity for one in report.findings} == ({mistake["verdict"]} - {"accept"})


def test_the_message_says_what_is_wrong_and_what_to_do(mistake):
    said = "\n".join(text_lines(validate(FILES / mistake["file"])))
    for words in mistake.get("says", ()):
        assert words in said


def test_the_caret_stands_under_what_is_named(mistake):
    for one in validate(FILES / mistake["file"]).findings:
        if one.snippet and one.value and "…" not in one.value and "\n" not in one.value:
            start = one.snippet.start
            assert one.value.startswith(one.snippet.text[start : start + one.snippet.length].replace("?", "\ufffd")[:1])
            assert one.snippet.length >= min(len(one.value), 10)


def test_what_is_mechanical_is_mended_and_nothing_else_is_touched(mistake, tmp_path):
    for path in FILES.iterdir():
        if path.is_dir():
            shutil.copytree(path, tmp_path / path.name)
        elif path.suffix != ".toml":
            shutil.copy(path, tmp_path)
    path = tmp_path / mistake["file"]
    before = path.read_bytes()
    report = validate(path)
    result = fix(path)
    after = path.read_bytes()
    # What a finding promises is what `fix` does.
    errors = [one for one in report.findings if one.severity == "error"]
    promised = bool(errors) and all(one.fixable for one in errors)
    if "fixed" not in mistake:
        assert after == before
        assert not result.written
        assert not promised
        return
    assert promised or not errors
    assert result.written
    assert validate(path).valid
    fixed = mistake["fixed"].strip("\n").encode().split(b"\n")
    if mistake["file"] == "utf16.json":
        assert after == fixed[0] + b"\n"
        return
    kept = [line for line in after.splitlines() if line not in fixed]
    assert all(line in before.splitlines() for line in kept)
    assert [line for line in after.splitlines() if line in fixed] in (fixed, [after.splitlines()[0], *fixed])
    assert after.endswith(b"\n") == before.endswith(b"\n")
    assert fix(path).done == {}


@pytest.mark.parametrize("choice", ["nan", "drop"])
def test_points_that_are_null_are_mended_as_the_user_says(choice, tmp_path):
    path = tmp_path / "null_point.json"
    shutil.copy(FILES / "null_point.json", path)
    assert fix(path, null=choice).written
    assert path.read_bytes() == MISTAKES["null_point"]["null"][choice].encode() + b"\n"
    form = canonical.canonical(fold_file(path).fold)
    values = {"nan": b'"values":[0.5,"NaN","NaN",0.25]', "drop": b'"steps":[0,3],"values":[0.5,0.25]'}[choice]
    assert values in form


def test_the_page_shows_what_the_commands_say():
    assert mistakes_page.PAGE.read_text(encoding="utf-8") == mistakes_page.page()
