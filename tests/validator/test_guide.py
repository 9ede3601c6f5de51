"""What docs/validating.md shows is what happens."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from runjson_validator.config import find

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/validating.md").read_text(encoding="utf-8")
BAD = '{"runjson": "1.0", "id": "r"}\n{"step": 1, "series": {"loss": NaN}}\n'
GOOD = '{"runjson": "1.0", "id": "r"}\n{"step": 1, "series": {"loss": 0.5}}\n'


def block(language: str) -> str:
    found = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(found[0])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "run.jsonl").write_text(BAD)
    (tmp_path / "run.json").write_text('{"runjson": "1.0", "series": {"loss": [0.9, 0.5]}}')
    (tmp_path / "results/a").mkdir(parents=True)
    (tmp_path / "results/a/run.jsonl").write_text(GOOD)
    program = tmp_path / "my_simulation"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{GOOD}END\n")
    program.chmod(0o755)
    return tmp_path


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{folder}:{Path(sys.executable).parent}:/usr/bin:/bin"
    words = ["sh", "-c", command]
    return subprocess.run(words, cwd=folder, env={"PATH": path}, capture_output=True, text=True, check=False)


def test_the_commands_do_what_they_say(folder: Path):
    install, *commands = block("sh").splitlines()
    assert install.startswith("pip install")
    assert len(commands) == 4
    for command in commands:
        done = shell(command, folder)
        assert (done.returncode, done.stderr) == (0, ""), command
        assert "valid" in done.stdout


def test_the_report_is_the_one_that_is_shown(folder: Path):
    done = shell("runjson validate run.jsonl", folder)
    assert done.returncode == 1
    assert done.stdout == block("text")


def test_the_configuration_is_taken(folder: Path):
    (folder / "pyproject.toml").write_text(block("toml"))
    config = find(folder)
    said = tomllib.loads(block("toml"))["tool"]["runjson"]["validate"]
    assert config.model_dump(by_alias=True, exclude={"format"}) == said


def test_the_workflow_and_the_hook_name_what_there_is():
    action, hooks = (yaml.safe_load(one) for one in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
    [step] = action
    assert set(step["with"]) <= set(yaml.safe_load((ROOT / "action.yml").read_text())["inputs"])
    there = {one["id"] for one in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert {one["id"] for one in hooks["repos"][0]["hooks"]} <= there
    version = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    assert step["uses"].split("@")[1] == hooks["repos"][0]["rev"] == f"v{version[1]}"


def test_every_format_is_named():
    listed = shell("runjson validate --help", Path.cwd()).stdout
    formats = re.search(r"--format <([a-z|]+)>", listed)
    assert formats is not None
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == set(formats[1].split("|"))


def test_the_python_runs(folder: Path):
    done = subprocess.run(
        [sys.executable, "-c", block("python")], cwd=folder, capture_output=True, text=True, check=True
    )
    assert "RJ005" in done.stdout
