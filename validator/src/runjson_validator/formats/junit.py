"""Reports as JUnit XML, which most build servers read: a test case for each file, a failure for each with errors."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence

from runjson_schema.findings import Severity
from runjson_schema.wording import neutral

from runjson_validator.formats.text import text_lines
from runjson_validator.report import Report, Unread


def junit(reports: Sequence[Report], unread: Sequence[Unread], least: Severity) -> str:
    """All reports as one test suite.

    Args:
        reports: of the files that were read.
        unread: those that were not: an error each.
        least: of which severity a finding makes its file a failure.
    """
    failed = [report for report in reports if report.has(least)]
    counts = {
        "tests": str(len(reports) + len(unread)),
        "failures": str(len(failed)),
        "errors": str(len(unread)),
        "skipped": "0",
    }
    suites = ET.Element("testsuites", {"name": "runjson validate", **counts})
    suite = ET.SubElement(suites, "testsuite", {"name": "runjson validate", **counts})
    for report in reports:
        case = ET.SubElement(suite, "testcase", {"classname": "runjson", "name": neutral(report.file)})
        lines = "\n".join(_lines(report))
        if report.has(least):
            worst = next(one for one in report.findings if one.severity == _worst(report))
            attributes = {"type": worst.code, "message": neutral(worst.message)}
            ET.SubElement(case, "failure", attributes).text = lines
        elif lines:
            ET.SubElement(case, "system-out").text = lines
    for one in unread:
        case = ET.SubElement(suite, "testcase", {"classname": "runjson", "name": neutral(one.file)})
        ET.SubElement(case, "error", {"type": "unread", "message": neutral(one.why)})
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode")


def _worst(report: Report) -> Severity:
    return "error" if report.errors else "warning" if report.warnings else "advice"


def _lines(report: Report) -> Iterator[str]:
    yield from text_lines(report)
