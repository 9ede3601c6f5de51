"""What the tests of capturing share: programs that run in processes of their own, and what their run files say."""

from __future__ import annotations

import subprocess
import sys

from runjson_schema.decode import fold_file
from runjson_validator import validate


def start(tmp_path, program, *arguments, **options):
    script = tmp_path / "train.py"
    script.write_text(program)
    options = {"cwd": tmp_path, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen([sys.executable, str(script), *arguments], **options)


def ran(tmp_path, program, *arguments, status=0, **options):
    with start(tmp_path, program, *arguments, **options) as process:
        out, err = process.communicate(timeout=30)
    assert process.returncode == status, err.decode()
    return out, err


def said(tmp_path, name="r"):
    """The record of a run file, which is valid, and its points by name."""
    path = tmp_path / "runs" / name / "run.jsonl"
    report = validate(path)
    assert [one for one in report.findings if not one.code.startswith("RJ4")] == []
    fold = fold_file(path).fold
    points = {name: points for _, name, points in fold.take_points()}
    return fold.record(), points


def texts(points, stream="stdout"):
    found = points.get(f"console/{stream}")
    return [] if found is None else list(found.values)


def init(*parts):
    return f"import runjson, sys, os\nrun = runjson.init(id='r', dir='runs', capture={set(parts)!r})\n"
