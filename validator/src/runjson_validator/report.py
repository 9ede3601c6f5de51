"""Reports: what was found in run files, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from runjson_schema.findings import Finding, pointer_text


class FindingReport(BaseModel):
    """One finding, as the JSON report gives it."""

    model_config = ConfigDict(frozen=True)

    code: str = Field(description="one of the codes of SPEC appendix B", examples=["RJ201"])
    severity: Literal["error", "warning"]
    line: int | None = Field(description="counted from 1; null for the file as a whole")
    column: int | None = Field(description="in characters, counted from 1")
    pointer: str | None = Field(description="JSON pointer within the record; null when the text itself is at fault")
    message: str
    hint: str | None = Field(description="the next step")

    @classmethod
    def of(cls, what: Finding) -> FindingReport:
        """The report of a finding."""
        pointer = None if what.pointer is None else pointer_text(what.pointer)
        return cls(
            code=what.code,
            severity=what.severity,
            line=what.line,
            column=what.column,
            pointer=pointer,
            message=what.message,
            hint=what.hint,
        )


class FileReport(BaseModel):
    """What was found in one run file."""

    file: str
    valid: bool = Field(description="whether there is no error; warnings do not count")
    errors: int
    warnings: int
    counts: dict[str, int] = Field(description="how many findings of each code there were")
    findings: list[FindingReport] = Field(description="the first of each code, in the order of the file")

    @classmethod
    def of(cls, file: str, findings: Iterable[Finding], counts: dict[str, int], errors: int) -> FileReport:
        """The report of a file's findings."""
        ordered = sorted(findings, key=lambda one: (one.line or 0, one.column or 0))
        return cls(
            file=file,
            valid=errors == 0,
            errors=errors,
            warnings=sum(counts.values()) - errors,
            counts=counts,
            findings=[FindingReport.of(one) for one in ordered],
        )


class Report(BaseModel):
    """What was found in all run files."""

    runjson: str = Field(description="the version of the specification that was checked", examples=["1.0"])
    valid: bool
    files: list[FileReport]


def text_lines(report: FileReport) -> Iterable[str]:
    """A file's report for people, a line each: place, code, message, next step."""
    for one in report.findings:
        place = f"{report.file}:{one.line}:{one.column}" if one.line is not None else report.file
        where = f" ({one.pointer})" if one.pointer else ""
        yield f"{place}: {one.severity} {one.code}: {neutral(one.message)}{neutral(where)}"
        if one.hint:
            yield f"    {neutral(one.hint)}"
    told: dict[str, int] = {}
    for one in report.findings:
        told[one.code] = told.get(one.code, 0) + 1
    for code, count in report.counts.items():
        if count > told.get(code, 0):
            yield f"{report.file}: {code} {count - told.get(code, 0)} more times"


def neutral(text: str) -> str:
    """Text with its control characters made visible, so that a file can not command a terminal (SPEC section 14)."""
    return "".join(character if character.isprintable() else f"\\u{ord(character):04x}" for character in text)
