"""Reports as annotations of GitHub Actions, which stand beside the lines of a pull request.

Source: GitHub's "Workflow commands", of which `error`, `warning` and `notice` take file, line, col, endColumn, title.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from runjson_schema.wording import neutral

from runjson_validator.formats.text import PRINTED, next_step, place
from runjson_validator.report import Report

_COMMANDS = {"error": "error", "warning": "warning", "advice": "notice"}


def commands(report: Report) -> Iterator[str]:
    """A file's findings, a workflow command each; of those alike the first few."""
    printed: dict[tuple[str, str], int] = {}
    counts = Counter((one.code, one.among) for one in report.findings)
    counts.update({(alike.code, alike.among): alike.count - alike.listed for alike in report.alike})
    for one in report.findings:
        kind = (one.code, one.among)
        printed[kind] = printed.get(kind, 0) + 1
        if printed[kind] > PRINTED:
            continue
        where = [f"file={_property(report.file)}"]
        if one.line is not None and one.column is not None:
            where += [f"line={one.line}", f"col={one.column}"]
            if one.snippet:
                where.append(f"endColumn={one.column + one.snippet.length}")
        message = f"{place(report.file, one)}: {neutral(one.message)}\n{next_step(one)}"
        if counts[kind] > PRINTED and printed[kind] == 1:
            message += f"\n{counts[kind]:,} like this: {neutral(one.among)}"
        yield f"::{_COMMANDS[one.severity]} {','.join(where)},title={_property(one.code)}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
