"""Reports for people: the place, the line at fault with a caret under it, and the next step."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

from runjson_schema.wording import neutral

from runjson_validator.report import FindingReport, Report, Snippet

# Of findings that are alike so many are printed; the others are counted.
PRINTED: Final = 3
_COLOURS: Final = {"error": "31", "warning": "33", "advice": "36"}


def text_lines(report: Report, *, colour: bool = False) -> Iterator[str]:
    """A file's report, a line each.

    Args:
        report: of one run file.
        colour: whether severities are coloured.
    """
    printed: dict[tuple[str, str], int] = {}
    for one in report.findings:
        kind = (one.code, one.among)
        printed[kind] = printed.get(kind, 0) + 1
        if printed[kind] <= PRINTED:
            yield from _finding(report.file, one, colour=colour)
    counted = {(one.code, one.among): one.count for one in report.alike}
    for (code, among), count in printed.items():
        more = counted.pop((code, among), count) - min(count, PRINTED)
        if more > 0:
            yield _more(report.file, code, among, more)
    for (code, among), count in counted.items():
        yield _more(report.file, code, among, count)


def _more(file: str, code: str, among: str, count: int) -> str:
    return f"{neutral(file)}: {count:,} more {code}" + (f" like these: {neutral(among)}" if among else "")


def verdict(report: Report) -> str:
    """The last line of a file's report."""
    counts = ((report.errors, "error"), (report.warnings, "warning"))
    said = [f"{count:,} {word}{'s' * (count != 1)}" for count, word in counts if count]
    said += [f"{report.advice:,} advice"] if report.advice else []
    return f"{neutral(report.file)}: {'valid' if report.valid else 'not valid'}" + (
        f" ({', '.join(said)})" if said else ""
    )


def place(file: str, one: FindingReport) -> str:
    """Where a finding is: `run.jsonl:2:32`."""
    return f"{neutral(file)}:{one.line}:{one.column}" if one.line is not None else neutral(file)


def next_step(one: FindingReport) -> str:
    """The next step, and where it is told more."""
    parts = [neutral(one.hint)] if one.hint else []
    if one.fixable:
        parts.append("`runjson fix` does it.")
    return " ".join([*parts, f"[SPEC {one.section}]"])


def _finding(file: str, one: FindingReport, *, colour: bool) -> Iterator[str]:
    severity = f"\x1b[1;{_COLOURS[one.severity]}m{one.severity}\x1b[0m" if colour else one.severity
    yield f"{place(file, one)}: {severity} {one.code}: {neutral(one.message)}"
    if one.snippet:
        line, caret = _caret(one.snippet)
        yield f"  | {line}"
        yield f"  | {caret}"
    yield f"  = {next_step(one)}"


def _caret(snippet: Snippet) -> tuple[str, str]:
    text, start, end = snippet.text, snippet.start, snippet.start + snippet.length
    before = ("…" if snippet.cut_before else "") + _on_a_line(text[:start])
    at = _on_a_line(text[start:end])
    behind = _on_a_line(text[end:]) + ("…" if snippet.cut_behind else "")
    return (before + at + behind).rstrip(), " " * _width(before) + "^" * max(1, _width(at))


def _on_a_line(text: str) -> str:
    return neutral(text.replace("\t", " "))


def _width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in {"W", "F"} else 1 for one in text
    )
