"""Findings: what is wrong, or odd, in a run file (SPEC appendix B)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "advice"]
Pointer: TypeAlias = tuple[str | int, ...]

# code -> (what it means, section of SPEC). A code that is a warning wherever it stands is in WARNINGS, what is no more
# than a question in ADVICE.
CODES: Final[dict[str, tuple[str, str]]] = {
    "RJ001": ("not UTF-8", "3.1"),
    "RJ003": ("not JSON", "3.1"),
    "RJ004": ("a number or literal spelled otherwise than in JSON", "3.1"),
    "RJ005": ("bare NaN or Infinity, in any letter case", "3.1"),
    "RJ006": ("a number beyond the largest double, an integer beyond 1000 digits", "3.1"),
    "RJ007": ("a member twice in one object", "3.1"),
    "RJ008": ("half a surrogate pair", "3.1"),
    "RJ009": ("nested more than 64 deep", "3.1"),
    "RJ010": ("a torn line", "3.3"),
    "RJ011": ("something behind a whole record on its line", "3.3"),
    "RJ012": ("a record over several lines of a stream", "3.3"),
    "RJ013": ("a record that is not an object", "3.2"),
    "RJ014": ("no record", "3.2"),
    "RJ015": ("the file of another program", "3.2"),
    "RJ016": ("a document too large to read whole", "3.2"),
    "RJ101": ("the first record lacks runjson", "4"),
    "RJ102": ("runjson is not major.minor", "12"),
    "RJ103": ("another major", "12"),
    "RJ104": ("a greater minor", "12"),
    "RJ105": ("an unknown member", "11"),
    "RJ106": ("a member of the wrong type", "4"),
    "RJ107": ("not one of the allowed values", "4"),
    "RJ108": ("not a name", "5.4"),
    "RJ109": ("not an id or writer", "4"),
    "RJ110": ("an id is missing", "3.3"),
    "RJ111": ("project, id or writer first said, or said otherwise, after the first record", "4"),
    "RJ112": ("a point that is null", "5.1"),
    "RJ113": ("a point of the wrong type", "6.1"),
    "RJ114": ("a step or time that is no finite number", "5.2"),
    "RJ115": ("columns without values", "6.1"),
    "RJ116": ("a tagged value with other content", "5.2"),
    "RJ117": ("not a time text", "5.5"),
    "RJ118": ("not exactly one of path, data, uri; data without media_type", "7"),
    "RJ119": ("a path that is refused", "7.1"),
    "RJ120": ("sha256 or bytes malformed", "7"),
    "RJ121": ("not base64", "7"),
    "RJ122": ("a histogram whose edges or counts are wrong", "6.1"),
    "RJ201": ("columns of unequal length", "6.1"),
    "RJ202": ("a parameter was given two values", "8"),
    "RJ203": ("a parameter is a value and a namespace", "8"),
    "RJ204": ("a time in milliseconds", "6.2"),
    "RJ205": ("a time near 1970: a stopwatch", "6.2"),
    "RJ206": ("an unusual spelling of NaN or an infinity", "5.2"),
    "RJ207": ("a number that may have lost digits", "5.2"),
    "RJ301": ("a file is missing", "7.1"),
    "RJ302": ("a file lies outside the folder of the run file", "7.1"),
    "RJ303": ("the SHA-256 differs", "7.1"),
    "RJ304": ("the size differs", "7.1"),
    "RJ305": ("not a regular file", "7.1"),
    "RJ306": ("an image that is none", "7"),
    "RJ401": ("a secret, perhaps", "14"),
    "RJ402": ("steps that fall", "6.2"),
    "RJ403": ("the largest double", "5.2"),
    "RJ404": ("one name in two Unicode forms", "5.3"),
    "RJ405": ("times of six digits", "6.2"),
    "RJ406": ("a text that looks like a number", "5.2"),
    "RJ407": ("a parameter that is null", "5.1"),
    "RJ408": ("an escaped character", "5.3"),
    "RJ409": ("a run that ends before it starts", "4"),
}
WARNINGS: Final = frozenset(
    {"RJ010", "RJ104", "RJ205", "RJ206", "RJ207", "RJ306", "RJ401", "RJ403", "RJ404", "RJ405", "RJ406"}
)
ADVICE: Final = frozenset({"RJ402", "RJ407", "RJ408", "RJ409"})
# The members of a record that hold entries by name, as one of these entries is called in a sentence.
_ENTRY: Final = {
    "series": "series", "text": "text", "images": "images", "histograms": "histograms", "artifacts": "artifact",
    "properties": "property", "source": "source", "environment": "environment",
}  # fmt: skip
_POINT: Final = re.compile(r"\bpoint \d+")
_COLUMN: Final = {"values": "point", "steps": "the step of point", "times": "the time of point"}


def pointer_text(pointer: Pointer) -> str:
    """The JSON pointer (RFC 6901) of a path of member names and indices."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in pointer)


def where(pointer: Pointer) -> str:
    """What a place in a record is called in a sentence: `series "loss", point 3`, `parameters.layers`, `status`."""
    if not pointer:
        return ""
    head, *rest = pointer
    if head == "parameters" or head not in _ENTRY or not rest:
        return ".".join(map(str, pointer))
    name, *rest = rest
    said = f'{_ENTRY[str(head)]} "{name}"'
    if rest and rest[0] in _COLUMN and head in {"series", "text", "images", "histograms"}:
        column, *rest = rest
        if not rest or not isinstance(rest[0], int):
            return f"{said}, {'.'.join(map(str, (column, *rest)))}"
        index, *rest = rest
        said += f", {_COLUMN[str(column)]} {index}"
    elif rest and isinstance(rest[0], int) and head in {"series", "text", "images", "histograms"}:
        index, *rest = rest
        said += f", point {index}"
    return f"{said}, {'.'.join(map(str, rest))}" if rest else said


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of the line at fault.

    Attributes:
        text: at most some hundred characters, around what is at fault.
        start: where that begins in `text`, in characters, counted from 0.
        length: of how many characters it is, at least 1.
        cut: whether the line goes on before and behind `text`.
    """

    text: str
    start: int
    length: int
    cut: tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, or oddity, of a run file.

    Attributes:
        code: one of `CODES`.
        message: one sentence that names the place, the value and what was expected.
        pointer: where in the record, as member names and indices; None when the text itself is at fault.
        hint: the next step, if there is one to name.
        severity: "error", "warning", or "advice" for what is no more than a question.
        expected: what was expected, if the message says so.
        fixable: whether `runjson fix` repairs it.
        written: of a fault of the text, what is to stand in its place, if that can be said.
        among: what is called the same of findings that are alike, such as `series "loss", points`.
        more: how many further findings of the same kind, in the same place, are not told one by one.
        value: what stands there, shortened; None until it was looked up.
        line: counted from 1; None until it was looked up.
        column: counted from 1, in characters; None until it was looked up.
        excerpt: the part of the line at fault; None until it was looked up.
    """

    code: str
    message: str
    pointer: Pointer | None = None
    hint: str | None = None
    severity: Severity = "error"
    expected: str | None = None
    fixable: bool = False
    written: str | None = None
    among: str = ""
    more: int = 0
    value: str | None = None
    line: int | None = None
    column: int | None = None
    excerpt: Excerpt | None = None

    def __str__(self) -> str:
        place = f"{self.line}:{self.column}: " if self.line is not None else ""
        return f"{place}{self.code} {self.message}" + (f" {self.hint}" if self.hint else "")


def finding(
    code: str,
    fact: str,
    pointer: Pointer | None = None,
    hint: str | None = None,
    *,
    expected: str | None = None,
    at: Pointer = (),
    warning: bool = False,
    fixable: bool = False,
    written: str | None = None,
) -> Finding:
    """A finding of `code`, a warning where the code always is one or the case says so.

    Args:
        code: one of `CODES`.
        fact: what is the case at `pointer`, without a full stop.
        pointer: the place in the record; None when the text itself is at fault.
        hint: the next step.
        expected: what should stand there.
        at: the place in the record for the sentence, of a fault of the text.
        warning: whether it is a warning here.
        fixable: whether `runjson fix` repairs it.
        written: of a fault of the text, what is to stand in its place: it is fixable then.
    """
    said = where(pointer or at)
    end = "" if fact.endswith("?") and not expected else "."
    message = (f"{said}: " if said else "") + fact + (f"; expected {expected}" if expected else "") + end
    severity: Severity = "advice" if code in ADVICE else "warning" if warning or code in WARNINGS else "error"
    return Finding(
        code,
        message,
        pointer,
        hint,
        severity,
        expected,
        fixable or written is not None,
        written,
        _POINT.sub("points", said),
    )


# What the protocol calls with each finding. It returns to go on, or raises `Refused` to stop at the first error.
Report: TypeAlias = Callable[[Finding], None]


class Refused(ValueError):
    """A run file that the protocol refuses; `finding` says why."""

    def __init__(self, why: Finding) -> None:
        super().__init__(str(why))
        self.finding = why


def refuse(what: Finding) -> None:
    """The plain report: raises `Refused` on an error and lets warnings pass."""
    if what.severity == "error":
        raise Refused(what)
