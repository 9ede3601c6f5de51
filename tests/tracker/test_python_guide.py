"""What docs/python.md shows runs, from its first line to its last, on the example runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/python.md").read_text(encoding="utf-8")


def test_the_whole_page_runs_on_the_example_runs(tmp_path):
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "RUNJSON_TRACKER": str(tmp_path / "store")}
    upload = [sys.executable, "-m", "runjson", "upload", ROOT / "examples/digits", ROOT / "examples/quickstart"]
    subprocess.run(upload, env=environment, check=True, capture_output=True)
    script = "".join(re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
    script += """
assert table.columns[-1] == "series.validation/accuracy.max" and len(table) == 1
assert len(few) <= 20 and few.count == 40
assert part.steps.tolist() == list(range(10, 21))
assert list(both) == ["train/loss", "validation/loss"]
again = tracker.run("softmax-7")
assert again.properties["reviewed"] is True and "paper" in again.tags and again.series("test/accuracy").steps[0] == 1
assert again.artifacts["checked model"].read() == again.artifacts["model"].read()
tracker.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "confusion.png").stat().st_size > 100


def test_every_attribute_that_the_page_names_is_there():
    from runjson_tracker.reading.run import Run

    rows = re.findall(r"^\| (`.*?) \| ", PAGE, re.MULTILINE)
    names = [name for row in rows for name in re.findall(r"`([a-z_]+)", row)]
    assert len(names) > 15
    assert all(hasattr(Run, name) for name in names)
