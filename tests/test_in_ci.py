"""Run files in other people's repositories: the GitHub action, and the hooks for pre-commit."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
GOOD = '{"runjson": "1.0", "series": {"loss": [0.9, 0.5]}}\n'
BAD = '{"runjson": "1.0",\n "series": {"loss": [0.9, NaN]}}\n'
UNKNOWN = '{"runjson": "1.0", "colour": "red"}\n'

# A run on GitHub, or from within a git hook, must not decide what these tests see.
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_", "PRE_COMMIT"))}
CLEAN |= {"GIT_CONFIG_GLOBAL": os.devnull}


def git(where: Path, *words: str) -> str:
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *words]
    done = subprocess.run(command, cwd=where, env=CLEAN, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


def write(where: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = where / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def repository(where: Path, files: dict[str, str]) -> Path:
    write(where, files)
    git(where, "init", "--quiet")
    git(where, "add", "--all")
    git(where, "commit", "--quiet", "--message", "files")
    return where


@pytest.fixture(scope="module")
def copied(tmp_path_factory) -> Path:
    """The working tree as a repository of its own: what is not committed yet is tested too."""
    place = tmp_path_factory.mktemp("copied")
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, env=CLEAN, stdout=subprocess.PIPE, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, place / name)
    return repository(place, {})


# --- The action ------------------------------------------------------------------------------------------------------


def step(name: str, *, where: Path, temp: Path, action: Path = ROOT, path: str = "", **inputs: str):
    """Runs the step of action.yml that has this name, as GitHub's runner does."""
    context = {f"inputs.{one}": about["default"] for one, about in ACTION["inputs"].items()}
    context |= {f"inputs.{one}": value for one, value in inputs.items()}
    # The step that sets Python up does not run when no version is asked for, and gives nothing then.
    context |= {"steps.python.outputs.python-path": ""}

    def resolved(text: str) -> str:
        return re.sub(r"\$\{\{ *(.*?) *\}\}", lambda found: context[found[1]], text)

    (found,) = (one for one in ACTION["runs"]["steps"] if one.get("name") == name)
    assert found["shell"] == "bash"
    script = temp / "step.sh"
    script.write_text(resolved(found["run"]))
    runner = {"GITHUB_ACTIONS": "true", "GITHUB_ACTION_PATH": str(action), "RUNNER_TEMP": str(temp)}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script],
        cwd=where,
        env=CLEAN | runner | {"PATH": path + CLEAN["PATH"]} | {one: resolved(v) for one, v in found["env"].items()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module", autouse=True)
def without_npm(tmp_path_factory):
    """A machine on which npm fails: what checks files needs none of the viewer."""
    place = tmp_path_factory.mktemp("npm")
    for name in ("node", "npm"):
        (place / name).write_text("#!/bin/sh\necho no registry here >&2\nexit 7\n")
        (place / name).chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(CLEAN, "PATH", f"{place}:{CLEAN['PATH']}")
        yield


@pytest.fixture(scope="module")
def strangers(tmp_path_factory) -> Path:
    """A repository with good and bad run files, and modules that would stand in the way of Python's own."""
    files = {"runs/good/run.json": GOOD, "runs/bad/run.json": BAD, "runs/two words/run.json": GOOD}
    files |= {"runs/unknown/run.json": UNKNOWN, "runs/a/b/run.json": GOOD, "data.json": "{}\n"}
    files |= {".runjson.toml": '[validate]\nformat = "text"\n'}
    files |= dict.fromkeys(("venv.py", "pip.py", "runjson.py", "typer.py"), "raise SystemExit('not this one')\n")
    return repository(tmp_path_factory.mktemp("strangers"), files)


@pytest.fixture(scope="module")
def temp(copied, strangers, tmp_path_factory) -> Path:
    """The runner's temporary folder, with runjson installed by the action."""
    place = tmp_path_factory.mktemp("runner temp")
    done = step("Install runjson", where=strangers, temp=place, action=copied)
    assert done.returncode == 0, done.stdout
    return place


def test_the_action_is_one_by_the_schema_of_github():
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_expression_stands_inside_a_script_of_the_action():
    scripts = {one["name"]: one["run"] for one in ACTION["runs"]["steps"] if "run" in one}
    assert list(scripts) == ["Install runjson", "Validate"]  # those that run below
    assert not any("${{" in script for script in scripts.values())


def test_the_action_fails_with_an_annotation_at_the_line_of_the_bad_file(strangers, temp):
    done = step("Validate", where=strangers, temp=temp, args="--lenient")
    assert done.returncode == 1, done.stdout
    (error,) = re.findall(r"^::error .*$", done.stdout, re.MULTILINE)
    assert error.startswith("::error file=runs/bad/run.json,line=2,col=27")
    assert "title=RJ005::" in error


def test_the_action_passes_when_only_good_files_are_named(strangers, temp):
    done = step("Validate", where=strangers, temp=temp, paths="runs/good/run.json\nruns/two?words")
    assert done.returncode == 0, done.stdout
    assert "::error" not in done.stdout
    assert "2 run files" in done.stdout


def test_the_action_hands_patterns_and_options_on(strangers, temp):
    done = step("Validate", where=strangers, temp=temp, paths="**/unknown/*.json")
    assert done.returncode == 1, done.stdout
    done = step("Validate", where=strangers, temp=temp, paths="**/unknown/*.json", args="--lenient")
    assert done.returncode == 0, done.stdout
    assert "::warning file=runs/unknown/run.json" in done.stdout
    done = step("Validate", where=strangers, temp=temp, paths="runs/**/run.json")
    assert "runs/a/b/run.json: valid" in done.stdout  # bash would take ** for *


def test_what_looks_like_a_command_in_an_input_of_the_action_is_a_name(strangers, temp):
    done = step("Validate", where=strangers, temp=temp, paths="$(touch${IFS}made);touch made `touch made`")
    assert done.returncode == 2, done.stdout
    assert not (strangers / "made").exists()


def test_the_action_leaves_the_repository_as_it_was(strangers, temp):
    assert git(strangers, "status", "--porcelain", "--ignored") == ""


def test_the_action_asks_for_the_release_that_is_named(strangers, tmp_path, monkeypatch):
    # Without an index there is nothing to be found: what pip looked for is what it says then.
    monkeypatch.setitem(CLEAN, "PIP_NO_INDEX", "1")
    done = step("Install runjson", where=strangers, temp=tmp_path, version="==0.0.0")
    assert done.returncode == 1
    assert "No matching distribution found for runjson[validate]==0.0.0" in done.stdout


def test_the_action_says_what_to_do_when_python_is_too_old(strangers, tmp_path):
    # It stands for Python 3.10, which answers the question after 3.11 with no.
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python3").chmod(0o755)
    done = step("Install runjson", where=strangers, temp=tmp_path, path=f"{tmp_path}:")
    assert done.returncode == 2
    assert done.stdout.startswith("::error title=RunJSON validate::python3 is not Python 3.11 or newer.")


# --- The hooks -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    """Where pre-commit keeps what it installed: once for all tests."""
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture
def hooked(copied, tmp_path) -> Path:
    """A repository whose commits run the two hooks, with a good file and some that are no run files."""
    revision = git(copied, "rev-parse", "HEAD")
    hooks = "[{id: runjson-validate}, {id: runjson-fix}]"
    config = f"repos:\n- repo: {copied}\n  rev: {revision}\n  hooks: {hooks}\n"
    return repository(
        tmp_path / "hooked",
        {".pre-commit-config.yaml": config, "run.json": GOOD, "overrun.json": "{", "run.jsonx": "{", "data.json": "{"},
    )


def pre_commit(hook: str, where: Path, store: Path) -> subprocess.CompletedProcess[str]:
    git(where, "add", "--all")
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", hook, "--all-files", "--verbose", "--color", "never"],
        cwd=where,
        env=CLEAN | {"PRE_COMMIT_HOME": str(store)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["run.json", "run.jsonl", "runs/7/run.json", "a.run.json", "runs/a.b.run.jsonl"])
def test_the_hook_fails_on_a_bad_file_of_every_name_for_run_files(name, hooked, store):
    write(hooked, {name: BAD})
    done = pre_commit("runjson-validate", hooked, store)
    assert done.returncode == 1, done.stdout
    assert f"{name}: not valid" in done.stdout


def test_the_hook_passes_once_the_bad_file_is_removed(hooked, store):
    write(hooked, {"bad/run.json": BAD})
    assert pre_commit("runjson-validate", hooked, store).returncode == 1
    (hooked / "bad/run.json").unlink()
    done = pre_commit("runjson-validate", hooked, store)
    assert done.returncode == 0, done.stdout
    assert "run.json: valid" in done.stdout
    assert "overrun" not in done.stdout


def test_the_hook_that_repairs_fails_once_and_leaves_a_valid_file(hooked, store):
    write(hooked, {"bad/run.json": BAD})
    done = pre_commit("runjson-fix", hooked, store)
    assert done.returncode == 1, done.stdout
    assert "files were modified by this hook" in done.stdout
    assert '"NaN"' in (hooked / "bad/run.json").read_text()
    assert pre_commit("runjson-fix", hooked, store).returncode == 0
    assert pre_commit("runjson-validate", hooked, store).returncode == 0


def test_one_environment_serves_both_hooks(hooked, store):
    assert pre_commit("runjson-fix", hooked, store).returncode == 0
    assert pre_commit("runjson-validate", hooked, store).returncode == 0
    assert len(list(store.glob("repo*/py_env-*"))) == 1
