"""What is fuzzed: each target takes any bytes and raises only when a promise is broken."""

from __future__ import annotations

import json
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

from runjson_schema import canonical
from runjson_schema.decode import fold_bytes
from runjson_schema.findings import CODES, Finding
from runjson_validator.fix import fix
from runjson_validator.formats.github import commands
from runjson_validator.formats.junit import junit
from runjson_validator.formats.sarif import sarif
from runjson_validator.formats.text import text_lines
from runjson_validator.report import Report
from runjson_validator.validation import validate

NAMES = ("run.json", "run.jsonl")


def reports(data: bytes) -> None:
    """Any bytes get a report, and every format prints it."""
    for name in NAMES:
        report = validate(data, name=name)
        assert report.valid == (report.errors == 0)
        assert sum(report.counts.values()) == report.errors + report.warnings + report.advice
        for one in report.findings:
            assert one.code in CODES
            assert one.message
            assert one.line is None or one.line >= 1
        said = "\n".join(text_lines(report))
        assert all(line.isprintable() for line in said.split("\n"))
        assert all("\n" not in line and line.startswith("::") for line in commands(report))
        assert json.loads(sarif([report], []))["version"] == "2.1.0"
        ET.fromstring(junit([report], [], "error"))
        assert Report.model_validate_json(report.model_dump_json()) == report


def folds(data: bytes) -> None:
    """What the validator takes has a fold that reads back to itself; what it refuses has none."""
    for name in NAMES:
        valid = validate(data, name=name, select=["RJ0", "RJ1", "RJ2"]).valid
        found: list[Finding] = []
        file = fold_bytes(data, name, found.append)
        assert valid == all(one.severity != "error" for one in found)
        if valid:
            form = canonical.canonical(file.fold)
            assert canonical.canonical(fold_bytes(form, "run.json").fold) == form


def fixes(data: bytes) -> None:
    """What `fix` writes is valid and stays as it is; what it does not write is untouched."""
    for name in NAMES:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(data)
            result = fix(path, null="nan")
            after = path.read_bytes()
            if result.written:
                assert validate(after, name=name).valid
                again = fix(path, null="nan")
                assert not any(code != "RJ010" for code in again.done), again.done
                assert path.read_bytes() == after
            else:
                assert after == data
            assert [one.name for one in Path(folder).iterdir()] == [name]


TARGETS = {"reports": reports, "folds": folds, "fixes": fixes}
