"""Reports as SARIF 2.1.0 (OASIS), which code scanning and editors read."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import PurePath
from typing import Any

from runjson_schema.findings import ADVICE, CODES, WARNINGS
from runjson_schema.wording import neutral

from runjson_validator.formats.text import next_step
from runjson_validator.report import FindingReport, Report, Unread
from runjson_validator.rules.catalogue import RULES

_LEVELS = {"error": "error", "warning": "warning", "advice": "note"}


def sarif(reports: Sequence[Report], unread: Sequence[Unread]) -> str:
    """All reports as one log of one run of the validator."""
    codes = sorted({one.code for report in reports for one in report.findings})
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {"name": "runjson validate", "version": version("runjson"), "rules": [*map(_rule, codes)]}
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [
                    {
                        "executionSuccessful": not unread,
                        "toolExecutionNotifications": [
                            {"level": "error", "message": {"text": f"{one.file}: {one.why}"}} for one in unread
                        ],
                    }
                ],
                "results": [_result(report, one, codes) for report in reports for one in report.findings],
            }
        ],
    }
    return json.dumps(log, indent=2)


def _driver(codes: list[str]) -> dict[str, Any]:
    return {"name": "runjson validate", "version": version("runjson"), "rules": [*map(_rule, codes)]}


def _rule(code: str) -> dict[str, Any]:
    meaning, section = CODES[code]
    level = "note" if code in ADVICE else "warning" if code in WARNINGS else "error"
    return {
        "id": code,
        "shortDescription": {"text": meaning},
        "fullDescription": {"text": RULES[code].why},
        "help": {"text": f"SPEC.md, section {section}. `runjson rule {code}` shows a bad and a good example."},
        "defaultConfiguration": {"level": level},
    }


def _result(report: Report, one: FindingReport, codes: list[str]) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(report.file)}}
    if one.line is not None and one.column is not None:
        length = one.snippet.length if one.snippet else 1
        physical["region"] = {"startLine": one.line, "startColumn": one.column, "endColumn": one.column + length}
        if one.snippet:
            physical["region"]["snippet"] = {"text": one.snippet.text[one.snippet.start :][: one.snippet.length]}
    location: dict[str, Any] = {"physicalLocation": physical}
    if one.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": one.pointer, "kind": "member"}]
    count = next((alike.count for alike in report.alike if (alike.code, alike.among) == (one.code, one.among)), 0)
    return {
        "ruleId": one.code,
        "ruleIndex": codes.index(one.code),
        "level": _LEVELS[one.severity],
        "message": {"text": f"{neutral(one.message)} {next_step(one)}"},
        "locations": [location],
    } | ({"properties": {"alike": count}} if count else {})


def _uri(file: str) -> str:
    return urllib.parse.quote(PurePath(file).as_posix())
