"""What a user chooses: files, folders and patterns, codes, what fails, and the configuration of a project."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from runjson_validator.collect import Selection

PLAIN = {name: value for name, value in os.environ.items() if name != "GITHUB_ACTIONS"}
NAN = '{"runjson": "1.0", "series": {"loss": [NaN]}}'
GOOD = '{"runjson": "1.0", "series": {"loss": [1]}}'
INF = '{"runjson": "1.0", "series": {"loss": ["Inf"]}}'
MISSING = '{"runjson": "1.0", "artifacts": {"m": "gone.bin"}, "series": {"loss": ["Inf"]}}'


def run(*words, cwd, stdin=b"") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "runjson", *map(str, words)]
    return subprocess.run(
        command, input=stdin.decode(), text=True, capture_output=True, check=False, cwd=cwd, env=PLAIN
    )


def validate(*words, cwd, stdin=b""):
    return run("validate", *words, cwd=cwd, stdin=stdin)


@pytest.fixture
def folder(tmp_path):
    for name, text in (
        ("a/run.json", GOOD),
        ("a/deep/er/x.run.json", NAN),
        ("a/other.json", '{"not": "one"}'),
        ("a/named.json", GOOD),
        ("a/.hidden/run.json", NAN),
        ("b/run.jsonl", GOOD.replace("{", '{"id": "r", ', 1)),
        ("b/notes.txt", "x"),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def verdicts(done) -> list[str]:
    return [line.partition(" (")[0] for line in done.stdout.splitlines() if ": valid" in line or ": not valid" in line]


def test_a_folder_stands_for_its_run_files(folder):
    done = validate(".", cwd=folder)
    assert verdicts(done) == [
        "a/named.json: valid", "a/run.json: valid", "a/deep/er/x.run.json: not valid", "b/run.jsonl: valid",
    ]  # fmt: skip
    assert done.stdout.splitlines()[-1] == "4 run files: 1 not valid, 1 error, 0 warnings"
    assert done.returncode == 1


def test_within_a_folder_streams_come_before_documents(tmp_path):
    stream = GOOD.replace("{", '{"id": "r", ', 1)
    for name, text in (("a.run.json", GOOD), ("run.json", GOOD), ("run.jsonl", stream), ("z.run.jsonl", stream)):
        (tmp_path / name).write_text(text)
    assert verdicts(validate(".", cwd=tmp_path)) == [
        "run.jsonl: valid", "z.run.jsonl: valid", "a.run.json: valid", "run.json: valid",
    ]  # fmt: skip


def test_a_pattern_stands_for_what_it_matches(folder):
    assert verdicts(validate("**/run.json*", cwd=folder)) == ["a/run.json: valid", "b/run.jsonl: valid"]
    assert verdicts(validate(folder / "?/run.json", cwd=folder)) == [f"{folder}/a/run.json: valid"]
    (folder / "odd[1].json").write_text(GOOD)
    assert verdicts(validate("odd[1].json", cwd=folder)) == ["odd[1].json: valid"]


def test_nothing_found_is_not_success(folder):
    (folder / "empty").mkdir()
    for word, why in (
        ("empty", "holds no run file"),
        ("*.nothing", "no file matches this pattern"),
        ("gone.json", "No such file"),
    ):
        done = validate(word, "a/run.json", cwd=folder)
        assert done.returncode == 2
        assert word in done.stderr
        assert why in done.stderr
        assert verdicts(done) == ["a/run.json: valid"]


def test_standard_input_is_a_file_too(folder):
    done = validate("-", cwd=folder, stdin=b'{"runjson": "1.0", "id": "r"}\n{"series": {"loss": nan}}\n')
    assert done.returncode == 1
    assert done.stdout.startswith('-:2:21: error RJ005: series "loss": nan is not JSON.')


def test_codes_are_selected_and_ignored_by_their_beginnings(tmp_path):
    (tmp_path / "run.json").write_text(MISSING)
    found = {}
    for words in ([], ["--select", "RJ3"], ["--ignore", "rj301"], ["--select", "RJ3,RJ2", "--ignore", "RJ2"],
                  ["--ignore", "RJ3", "--select", "RJ301"]):  # fmt: skip
        done = validate("--format", "json", *words, "run.json", cwd=tmp_path)
        report = json.loads(done.stdout)["files"][0]
        found[" ".join(words)] = (sorted(report["counts"]), done.returncode)
    assert found == {
        "": (["RJ206", "RJ301"], 1),
        "--select RJ3": (["RJ301"], 1),
        "--ignore rj301": (["RJ206"], 0),
        "--select RJ3,RJ2 --ignore RJ2": (["RJ301"], 1),
        "--ignore RJ3 --select RJ301": (["RJ301"], 1),
    }
    done = validate("--ignore", "RJ9", "run.json", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "RJ9: there is no such code" in done.stderr


@pytest.mark.parametrize(
    ("select", "ignore", "wanted"),
    [
        ((), (), True),
        (("RJ4",), (), False),
        ((), ("RJ",), False),
        (("RJ30",), ("RJ3",), True),
        (("RJ3",), ("RJ30",), False),
        (("RJ3",), ("RJ3",), False),
        (("RJ3",), ("RJ", "RJ301"), False),
        (("RJ", "RJ301"), ("RJ3",), True),
        (("RJ301",), ("RJ302",), True),
    ],
)
def test_of_two_beginnings_that_apply_the_longer_decides(select, ignore, wanted):
    assert Selection(select, ignore).wants("RJ301") == wanted


def test_files_are_looked_at_unless_the_user_says_no(tmp_path):
    (tmp_path / "run.json").write_text(MISSING)
    assert validate("run.json", cwd=tmp_path).returncode == 1
    assert validate("--no-files", "run.json", cwd=tmp_path).returncode == 0


def test_warnings_and_advice_fail_when_the_user_says_so(tmp_path):
    (tmp_path / "warn.json").write_text(INF)
    (tmp_path / "hint.json").write_text('{"runjson": "1.0", "parameters": {"a": null}}')
    for words, warned, advised in (
        ([], 0, 0),
        (["--error-on", "warning"], 1, 0),
        (["--error-on", "advice"], 1, 1),
    ):
        assert validate(*words, "warn.json", cwd=tmp_path).returncode == warned
        assert validate(*words, "hint.json", cwd=tmp_path).returncode == advised
    junit = validate("--format", "junit", "--error-on", "warning", "warn.json", cwd=tmp_path).stdout
    assert 'failures="1"' in junit
    assert '<failure type="RJ206"' in junit


def test_unknown_members_pass_in_lenient_mode_with_a_warning(tmp_path):
    (tmp_path / "run.json").write_text('{"runjson": "1.0", "note": "text"}')
    assert validate("run.json", cwd=tmp_path).returncode == 1
    done = validate("--lenient", "run.json", cwd=tmp_path)
    assert done.returncode == 0
    assert "warning RJ105" in done.stdout


WANTED = 'ignore = ["RJ206"]\nfiles = false\nerror-on = "warning"\nexclude = ["*/old/*"]\n'


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".runjson.toml", f"[validate]\n{WANTED}"),
        ("pyproject.toml", f'[project]\nname = "x"\n[tool.runjson.validate]\n{WANTED}'),
    ],
)
def test_a_project_says_once_what_it_wants(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    below = tmp_path / "below"
    (below / "runs" / "old").mkdir(parents=True)
    (below / "runs" / "run.json").write_text(MISSING)
    (below / "runs" / "old" / "run.json").write_text(NAN)
    done = validate("runs", cwd=below)
    assert (done.returncode, done.stdout) == (0, "runs/run.json: valid\n")
    # What is said on the command line holds.
    assert validate("--ignore", "RJ4", "runs", cwd=below).returncode == 1


def test_a_nearer_configuration_hides_the_one_above_and_one_without_the_table_does_not(tmp_path):
    (tmp_path / ".runjson.toml").write_text('[validate]\nselect = ["RJ4"]\n')
    below = tmp_path / "below"
    below.mkdir()
    (below / "run.json").write_text(NAN)
    (below / "pyproject.toml").write_text('[project]\nname = "x"\n')
    assert validate("run.json", cwd=below).returncode == 0
    (below / "pyproject.toml").write_text("[tool.runjson.validate]\n")
    assert validate("run.json", cwd=below).returncode == 1


def test_of_two_configurations_in_one_folder_the_one_for_run_files_alone_holds(tmp_path):
    (tmp_path / "run.json").write_text(INF)
    (tmp_path / "pyproject.toml").write_text("[tool.runjson.validate]\n")
    assert validate("run.json", cwd=tmp_path).returncode == 0
    (tmp_path / ".runjson.toml").write_text('[validate]\nerror-on = "warning"\n')
    assert validate("run.json", cwd=tmp_path).returncode == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[validate]\nignor = []\n", "validate.ignor: there is no such key; known are format, lenient, files"),
        ("[validate]\nlenient = 1\n", "validate.lenient: Input should be a valid boolean"),
        ('[validate]\nerror-on = "never"\n', "validate.error-on: Input should be 'error', 'warning' or 'advice'"),
        ("[validate\n", "no TOML"),
    ],
)
def test_a_configuration_that_can_not_be_used_is_explained(tmp_path, text, says):
    (tmp_path / ".runjson.toml").write_text(text)
    (tmp_path / "run.json").write_text(GOOD)
    done = validate("run.json", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{tmp_path / '.runjson.toml'}: ")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_rule_is_explained_with_a_bad_and_a_good_example(tmp_path):
    done = run("rule", "rj203", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("RJ203 (error): a parameter is a value and a namespace. [SPEC 8]\n")
    assert "\nbad, run.jsonl:\n    {" in done.stdout
    assert "\ngood, run.jsonl:\n    {" in done.stdout
    listed = run("rule", cwd=tmp_path).stdout
    assert "RJ402  advice   steps that fall\n" in listed
    done = run("rule", "RJ2O3", cwd=tmp_path)
    assert done.returncode == 2
    assert "Did you mean RJ203?" in done.stderr
