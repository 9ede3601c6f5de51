"""Reports: what was found in run files, for people and for programs."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from runjson_schema.findings import CODES, Excerpt, Finding, Severity, pointer_text


class Snippet(BaseModel):
    """The part of the line at fault."""

    model_config = ConfigDict(frozen=True)

    text: str
    start: int = Field(description="where what is at fault begins in the text, in characters counted from 0")
    length: int = Field(description="of how many characters it is")
    cut_before: bool = Field(description="whether the line has more before the text")
    cut_behind: bool = Field(description="whether the line has more behind the text")


def _snippet(cut: Excerpt) -> Snippet:
    before, behind = cut.cut
    return Snippet(text=cut.text, start=cut.start, length=cut.length, cut_before=before, cut_behind=behind)


class FindingReport(BaseModel):
    """One finding, as the JSON report gives it."""

    model_config = ConfigDict(frozen=True)

    code: str = Field(description="one of the codes of SPEC appendix B", examples=["RJ201"])
    severity: Severity
    line: int | None = Field(description="counted from 1; null for the file as a whole")
    column: int | None = Field(description="in characters, counted from 1")
    pointer: str | None = Field(description="JSON pointer within the record; null when the text itself is at fault")
    message: str
    value: str | None = Field(description="what stands there, shortened")
    expected: str | None = Field(description="what should stand there, where that can be said in general")
    hint: str | None = Field(description="the next step")
    fixable: bool = Field(description="whether `runjson fix` repairs it")
    section: str = Field(description="of SPEC.md", examples=["5.2"])
    among: str = Field(description="what those alike are called together", examples=['series "loss", points'])
    snippet: Snippet | None

    @classmethod
    def of(cls, what: Finding) -> FindingReport:
        """The report of a finding."""
        cut = what.excerpt
        return cls(
            code=what.code,
            severity=what.severity,
            line=what.line,
            column=what.column,
            pointer=None if what.pointer is None else pointer_text(what.pointer),
            message=what.message,
            value=what.value,
            expected=what.expected,
            hint=what.hint,
            fixable=what.fixable,
            among=what.among,
            section=CODES[what.code][1],
            snippet=None if cut is None else _snippet(cut),
        )


class Alike(BaseModel):
    """Findings that are alike, and of which only the first are listed."""

    code: str
    among: str = Field(description="where they stand", examples=['series "loss", points'])
    count: int = Field(description="how many there are, the listed ones included")
    listed: int


class Report(BaseModel):
    """What was found in one run file."""

    file: str
    valid: bool = Field(description="whether there is no error; warnings and advice do not count")
    errors: int
    warnings: int
    advice: int
    counts: dict[str, int] = Field(description="how many findings of each code there were")
    findings: list[FindingReport] = Field(description="the first of those alike, in the order of the file")
    alike: list[Alike] = Field(description="those of which there were more than are listed")

    def has(self, least: Severity) -> bool:
        """Whether there is a finding of that severity, or of a graver one."""
        return bool(self.errors or (least != "error" and self.warnings) or (least == "advice" and self.advice))


class Unread(BaseModel):
    """A file that could not be read."""

    file: str
    why: str


class Reports(BaseModel):
    """What was found in all run files."""

    runjson: str = Field(default="1.0", description="the version of the specification that was checked")
    valid: bool
    files: list[Report]
    unread: list[Unread]
