"""What docs/uploading.md shows is what happens."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from runjson_uploader.comparison import Answer
from runjson_uploader.report import FileReport, Totals

PAGE = (Path(__file__).parents[2] / "docs/uploading.md").read_text(encoding="utf-8")
RUN = '{"runjson": "1.0", "id": "example"}\n{"series": {"loss": [0.9, 0.5, 0.3]}}\n'


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "results/a").mkdir(parents=True)
    for path in (tmp_path / "run.jsonl", tmp_path / "results/a/run.jsonl"):
        path.write_text(RUN)
    (tmp_path / "run.json").write_text('{"runjson": "1.0", "series": {"loss": [0.9, 0.5]}}')
    return tmp_path


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    env = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "RUNJSON_TRACKER": str(folder / "tracker")}
    return subprocess.run(
        ["sh", "-c", command], cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=90
    )


def test_the_commands_do_what_they_say(folder: Path):
    install, *commands = [line for block in blocks("sh") for line in block.splitlines()]
    assert install.startswith("pip install")
    assert len(commands) == 9
    for command in commands:
        if "--follow" in command:
            # A run that has ended ends it; a folder is followed until somebody stops it.
            (folder / "run.jsonl").write_text(RUN + '{"status": "succeeded"}\n')
            if "results" in command:
                command = f"timeout -s INT 2 {command.partition('#')[0]} || [ $? = 124 ]"  # noqa: PLW2901
        done = shell(command, folder)
        assert (done.returncode, done.stderr) == (0, ""), command
        assert re.match(r"new|grown|unchanged|follow", done.stdout), command
    assert (folder / "report.json").is_file()


def test_the_answer_is_the_one_that_is_shown(folder: Path):
    assert shell("runjson upload run.jsonl", folder).stdout == blocks("text")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == set(get_args(Answer))


def test_the_report_has_the_members_that_are_shown():
    shown = json.loads(blocks("json")[0])
    assert shown["totals"].keys() == Totals.model_fields.keys()
    for one in shown["files"]:
        assert one.keys() <= FileReport.model_fields.keys()


def test_the_python_runs(folder: Path):
    done = subprocess.run(
        [sys.executable, "-c", blocks("python")[0]], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout == "new 3\n"
