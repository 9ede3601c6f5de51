"""What README.md and docs/client.md show of the client runs, and writes valid runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from runjson.beginning import CAPTURED
from runjson_schema.decode import fold_file
from runjson_validator import validate

ROOT = Path(__file__).parents[2]


def written(script, tmp_path):
    """The fold of the run that a script writes, and its points."""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    (path,) = (tmp_path / "runs").glob("*/run.jsonl")
    assert [one.message for one in validate(path).findings if one.severity != "advice"] == []
    fold = fold_file(path).fold
    return fold.record(), {(kind, name): points for kind, name, points in fold.take_points()}


def blocks(page):
    return re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_section_of_the_readme_writes_what_it_says(tmp_path):
    (script,) = (block for block in blocks("README.md") if "runjson.init" in block)
    record, points = written(script, tmp_path)
    assert (record["project"], record["status"], record["tags"]) == ("vision/digits", "succeeded", ["baseline"])
    assert points["series", "train/loss"].values.tolist() == [1 / (step + 1) for step in range(100)]
    assert record["properties"]["validation/f1"] == 0.95


def test_the_first_block_of_the_guide_writes_what_it_says(tmp_path):
    record, points = written(blocks("docs/client.md")[0], tmp_path)
    assert record["parameters"] == {"lr": 0.1, "model": {"layers": [64, 10]}, "seed": 7}
    assert record["properties"]["notes"] == "idea worked"
    assert record["tags"] == ["baseline", "best"]
    assert len(points["series", "train/loss"]) == 101
    assert "errors" in record["artifacts"]


def test_every_part_that_can_be_captured_is_in_the_table():
    page = (ROOT / "docs/client.md").read_text(encoding="utf-8")
    table = page[page.index("## What is captured") :]
    assert re.findall(r"^\| `([a-z]+)` \|", table, re.MULTILINE) == list(CAPTURED)
