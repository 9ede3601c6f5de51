"""What is allowed and may still not be what was meant (RJ4xx): looked for in columns, never point by point."""

from __future__ import annotations

import datetime
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from runjson_schema.findings import Finding, Pointer, finding
from runjson_schema.fold import Fold
from runjson_schema.numbers import LARGEST, special, spelled
from runjson_schema.points import Floats, Kind, Points
from runjson_schema.values import TAGS
from runjson_schema.wording import shown

from runjson_validator.advice_places import Found

_ESCAPED: Final = re.compile(r"<U\+[0-9A-F]{4,8}>")
_SECRET_NAME: Final = re.compile(
    r"(?:pass(?:word|wd|phrase)|secrets?|api[_-]?keys?|access[_-]?keys?|private[_-]?keys?|credentials?)"
    r"(?:$|[^a-z])",
    re.IGNORECASE,
)
_TOKEN_NAME: Final = re.compile(r"(?:^|[^a-z])(?:auth(?!ors?(?![a-z]))[a-z]*|token)(?:$|[^a-z])", re.IGNORECASE)
_RANDOM: Final = re.compile(r"(?=[^\s]*[0-9])(?=[^\s]*[A-Za-z])[^\s<>]{20,}\Z")
_HIDDEN: Final = re.compile(r"\W*\Z|.*(?:redact|hidden|mask|remov|\*\*\*|xxxx|changeme|\$\{)", re.IGNORECASE)
_SECRET: Final = re.compile(
    r"\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_\w{22}|\bglpat-[\w-]{20}|\bxox[abprs]-[\w-]{10}"
    r"|\bhf_[A-Za-z0-9]{30}|\bsk-[\w-]{20}|\bAIza[\w-]{35}|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|://[^/\s:@]+:[^/\s@]+@|--?(?:password|token|api-key|secret)[= ]\S{6}"
)
# A value that is written with six digits, seconds since 1970 being what they are, is a multiple of this.
_SIX_DIGITS: Final = 10_000
_SHARED: Final = 3


class Advice:
    """Watches the points of a run go by."""

    def __init__(self) -> None:
        self._counts: dict[tuple[Kind, str], int] = {}
        self._last: dict[tuple[Kind, str], float] = {}
        self._first: dict[tuple[str, Kind, str], Found] = {}
        self._more: dict[tuple[str, Kind, str], int] = {}
        self._shared: tuple[float, int] = (0.0, 0)
        self._timed: tuple[Kind, str] | None = None

    def points(self, kind: Kind, name: str, points: Points) -> None:
        """Look at points that follow those seen of the same name."""
        if not len(points):
            return
        key = (kind, name)
        before = self._counts.get(key, 0)
        if points.steps is not None:
            self._steps(key, points.steps, before)
        if points.times is not None:
            self._times(key, points.times, before)
        if kind == "series" and isinstance(points.values, np.ndarray):
            largest = _largest(points.values)
            if len(largest):
                hint = 'jq 1.6 writes Infinity like that. If it was infinite, write "Infinity".'
                self._keep("RJ403", key, before + int(largest[0]), len(largest), "the largest double there is", hint)
        elif kind == "text":
            for index, text in enumerate(points.values):
                if "<U+" in text and _ESCAPED.search(text):
                    self._keep("RJ408", key, before + index, 1, *_escaped(text))
        self._counts[key] = before + len(points)

    def _steps(self, key: tuple[Kind, str], steps: Floats, before: int) -> None:
        last = self._last.get(key, -math.inf)
        if steps[0] >= last and (steps[1:] >= steps[:-1]).all():  # nearly always; never where one is NaN
            self._last[key] = float(steps[-1])
            return
        there = np.flatnonzero(steps == steps)  # noqa: PLR0124  NaN stands for none
        known = steps if len(there) == len(steps) else steps[there]
        if not len(known):
            return
        falls = np.flatnonzero(known[1:] < known[:-1]) + 1
        if known[0] < last:
            falls = np.concatenate(([0], falls))
        self._last[key] = float(known[-1])
        if len(falls):
            first = int(falls[0])
            above = float(known[first - 1]) if first else last
            fact = f"step {float(known[first]):.17g} stands behind step {above:.17g}"
            hint = (
                "Every point is kept, in the order written. If the run was resumed from a checkpoint, "
                '"parent" says so; if two programs write it, give each a "writer".'
            )
            self._keep("RJ402", key, before + int(there[first]), len(falls), fact, hint)

    def _times(self, key: tuple[Kind, str], times: Floats, before: int) -> None:
        if self._timed not in {None, key}:
            return  # series that are logged together share their times: one of them tells
        self._timed = key
        if not (times[1:] == times[:-1]).any() and times[0] != self._shared[0]:
            self._shared = (float(times[-1]), 1)
            return
        same = np.concatenate(([True], times[1:] == times[:-1]))
        starts = np.flatnonzero(~same[1:]) + 1
        starts = np.concatenate(([0], starts))
        sizes = np.diff(np.append(starts, len(times)))
        if times[0] == self._shared[0]:
            sizes[0] += self._shared[1]
        with np.errstate(invalid="ignore"):
            odd = np.flatnonzero((sizes >= _SHARED) & (times[starts] % _SIX_DIGITS == 0) & (times[starts] > 1e8))
        self._shared = (float(times[-1]), int(sizes[-1]))
        if len(odd):
            time = float(times[starts[odd[0]]])
            fact = f"{int(sizes[odd[0]])} points share the time {time:.6g}: printed with 6 digits?"
            hint = 'C++: std::setprecision(17); awk, printf: "%.6f".'
            self._keep("RJ405", key, before + int(starts[odd[0]]), len(odd), fact, hint)

    def _keep(self, code: str, key: tuple[Kind, str], index: int, count: int, fact: str, hint: str | None) -> None:
        kept = (code, *key)
        if kept not in self._first:
            self._first[kept] = Found(finding(code, fact, (*key, index), hint), index)
            self._more[kept] = count - 1
        else:
            self._more[kept] += count

    def found(self, fold: Fold) -> Iterator[Found]:
        """All advice on a run whose points have gone by.

        Args:
            fold: of the whole run, without its points.
        """
        for key, one in self._first.items():
            yield Found(replace(one.finding, more=self._more[key]), one.index)
        record = fold.record()
        for what in (*_values(record), *_names(record, fold), *_moments(record)):
            yield Found(what)


def _largest(values: Floats) -> npt.NDArray[np.intp]:
    """The indices of the largest double, of either sign."""
    if np.fmin.reduce(values) > -LARGEST and np.fmax.reduce(values) < LARGEST:  # nearly always
        return np.empty(0, np.intp)
    return np.flatnonzero(np.abs(values) == LARGEST)


def _values(record: dict[str, Any]) -> Iterator[Finding]:
    nulls: list[Pointer] = []
    for member in ("name", "description", "group", "tags", "parameters", "properties", "source", "environment"):
        for at, value in _leaves(record.get(member, {}), (member,)):
            if isinstance(value, str):
                yield from _text(at, value)
            elif value is None and member == "parameters":
                nulls.append(at)
    if nulls:
        hint = 'Octave and JavaScript write null for NaN and infinities too; those are {"$float": "Infinity"}.'
        yield replace(
            finding("RJ407", "null is fine for none", nulls[0], hint), among="parameters", more=len(nulls) - 1
        )


def _text(at: Pointer, text: str) -> Iterator[Finding]:
    if (
        at[0] in {"parameters", "properties"}
        and at[-1] not in TAGS
        and len(text) < 12
        and (number := spelled(text)) is not None
    ):
        hint = f'If the number is meant, write {{"$float": "{special(number)}"}}; here a text stays a text.'
        yield finding("RJ406", f"the text {shown(text)}", at, hint)
    if "<U+" in text and _ESCAPED.search(text):
        fact, hint = _escaped(text)
        yield finding("RJ408", fact, at, hint)
    if at[0] in {"parameters", "properties", "source", "environment"} and _is_secret(str(at[-1]), text):
        hint = "Take it out, and change it where it is valid: whoever reads the run file reads it."
        yield finding("RJ401", "this looks like a password, a key or a token", at, hint)


def _is_secret(name: str, text: str) -> bool:
    if _SECRET.search(text):
        return True
    if _HIDDEN.match(text):
        return False
    return bool(_SECRET_NAME.search(name) or (_TOKEN_NAME.search(name) and _RANDOM.match(text)))


def _escaped(text: str) -> tuple[str, str]:
    code = _ESCAPED.search(text)
    hint = 'Sys.setlocale("LC_CTYPE", "C.UTF-8") at the start of the R program.'
    return f'holds "{code[0] if code else text}": R writes characters so in LC_ALL=C', hint


def _leaves(value: Any, at: Pointer) -> Iterator[tuple[Pointer, Any]]:  # Any: any value
    if isinstance(value, dict):
        for name, entry in value.items():
            yield from _leaves(entry, (*at, name))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _leaves(entry, (*at, index))
    else:
        yield at, value


def _names(record: dict[str, Any], fold: Fold) -> Iterator[Finding]:
    for member, names in (
        *((kind, list(columns)) for kind, columns in fold.columns.items()),
        *((member, list(record.get(member) or {})) for member in ("properties", "artifacts")),
    ):
        seen: dict[str, str] = {}
        for name in names:
            if name.isascii():
                continue
            other = seen.setdefault(unicodedata.normalize("NFC", name), name)
            if other != name:
                fact = f"two names that look like {shown(name)}: one in NFC, one in NFD"
                hint = "They are two names here. Names that come from macOS files are in NFD: normalise them to NFC."
                yield finding("RJ404", fact, (member, name), hint)


def _moments(record: dict[str, Any]) -> Iterator[Finding]:
    try:
        start, end = (datetime.datetime.fromisoformat(record[name]) for name in ("started_at", "ended_at"))
    except (KeyError, TypeError, ValueError):
        return  # one is not said, or holds a leap second
    if end < start:
        fact = f"{record['ended_at']} is before started_at, {record['started_at']}"
        yield finding("RJ409", fact, ("ended_at",), "Two clocks, or a local time that was written with Z?")
