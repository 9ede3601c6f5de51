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


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("history.jsonl", '{"_step": 0, "_timestamp": 1.5, "loss": 0.5}\n', "a history of Weights & Biases"),
        ("history.json", '[{"_step": 0, "_runtime": 1.5, "loss": 0.5}]', "a history of Weights & Biases"),
        ("summary.json", '{"_step": 9, "loss": 0.5, "_wandb": {"runtime": 3}}', "a summary of Weights & Biases"),
        ("rows.jsonl", '{"epoch": 3, "loss": 0.5}\n', 'a table, a row a point, with the columns "epoch", "loss"'),
        ("board.json", "[[1795230441.5, 1, 0.5], [1795230442.5, 2, 0.4]]", "a scalar series that TensorBoard"),
        ("neptune.json", '{"log_metric": {"loss": {"x": [1], "y": [0.5]}}}', "an experiment in the format of Neptune"),
        ("neptune.json", '{"channels": {"loss": {"x": [1], "y": [0.5]}}}', "an experiment in the format of Neptune"),
        (
            "trainer.json",
            '{"epoch": 1.0, "log_history": [{"loss": 0.5, "step": 10}]}',
            "a trainer_state.json of Hugging",
        ),
        ("metrics.json", '{"a": {"values": [0.5], "steps": [1], "timestamps": ["x"]}}', "a metrics.json of Sacred"),
        ("keras.json", '{"loss": [0.5, 0.4], "val_loss": [0.6, 0.5]}', "a history of Keras"),
        ("keras.json", '{"history": {"loss": [0.5]}, "epoch": [0], "params": {}}', "a history of Keras"),
    ],
)
def test_a_file_of_another_program_is_named_as_that(name, text, what):
    [found] = validate(text.encode(), name=name).findings
    assert found.code == "RJ015"
    assert found.message.startswith(f"this is {what}")
    assert found.hint


@pytest.mark.parametrize(
    "text",
    [
        '{"loss": [0.5, 0.4], "acc": [0.6]}',
        '{"step": [1, 2], "time": [1, 2]}',
        "[[1, 2], [3, 4]]",
        "[[1, 2, 3, 4]]",
        '[{"a": "x"}]',
        '{"step": 1, "series": {"a": 1}}',
        '{"log_metric": {"loss": [1]}}',
        '{"_step": 1}',
        "[]",
        "{}",
    ],
)
def test_what_no_other_program_writes_is_read_as_a_record_that_went_wrong(text):
    report = validate(text.encode(), name="run.json")
    assert not report.valid
    assert "RJ015" not in report.counts


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('{"step": 1, "ser{"series": {"a": 1}}', [("RJ003", 17)]),
        ('{"step": .5, "ser{"series": {"a": 1}}', [("RJ004", 10), ("RJ003", 20)]),
        ('{"note": x, {"series": {"a": 1}}', [("RJ003", 10)]),
        ('garbage {"series": {"a": 1}}', [("RJ003", 1)]),
    ],
)
def test_a_record_behind_half_a_one_is_told_from_a_record_behind_anything_else(line, found, tmp_path):
    text = f'{{"runjson": "1.0", "id": "r"}}\n{line}\n'
    report = validate(text.encode(), name="run.jsonl")
    assert [(one.code, one.column) for one in report.findings] == found
    path = tmp_path / "run.jsonl"
    path.write_text(text)
    assert fix(path).written == (len(found) == 1 and found[0][1] == 17)
