"""What became of the cases: as tables for people, as JSON, and as JUnit XML for build servers."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Collection, Iterable, Iterator
from typing import Literal, TypeAlias

from pydantic import BaseModel
from runjson_schema.conformance import Level, Verdict
from runjson_schema.wording import neutral

Outcome: TypeAlias = Literal["passed", "failed", "known", "fixed"]
_FIXED = "is listed as known to fail, and passes: take it from the list"


class CaseReport(BaseModel):
    """What became of a case.

    Attributes:
        outcome: `known` when it fails and is listed to, `fixed` when it is listed to fail and passes.
        faults: what was otherwise than expected, a sentence each.
    """

    path: str
    level: Level
    required: bool
    rule: str
    section: str
    outcome: Outcome
    faults: list[str]

    @classmethod
    def of(cls, verdict: Verdict, known: Collection[str]) -> CaseReport:
        """The report of a verdict, where some cases are known to fail."""
        case, faults = verdict.case, [neutral(fault) for fault in verdict.faults]
        outcome: Outcome = "failed" if faults else "passed"
        if case.path in known:
            outcome = "known" if faults else "fixed"
        return cls(
            path=case.path, level=case.level, required=case.required, rule=case.rule, section=case.section,
            outcome=outcome, faults=faults,
        )  # fmt: skip

    @property
    def good(self) -> bool:
        """Whether this is as it is said to be."""
        return self.outcome in {"passed", "known"}

    @property
    def group(self) -> str:
        """The folder of the case."""
        return self.path.split("/", 1)[0]


class Judged(BaseModel):
    """One reader or writer, and what became of its cases."""

    kind: Literal["reader", "writer"]
    name: str
    cases: list[CaseReport]


class ConformanceReport(BaseModel):
    """All that was judged; `passed` when no case failed, and none passed that is listed as failing."""

    corpus: str
    passed: bool
    judged: list[Judged]

    @classmethod
    def of(cls, corpus: str, judged: list[Judged]) -> ConformanceReport:
        """The report on all of them."""
        return cls(corpus=corpus, passed=all(one.good for each in judged for one in each.cases), judged=judged)


def table(judged: Judged) -> Iterator[str]:
    """What became of the cases of one reader or writer, as lines: those that are not well, then the counts."""
    groups: dict[tuple[str, str], list[CaseReport]] = {}
    for one in judged.cases:
        groups.setdefault((one.group, one.level), []).append(one)
        if one.outcome == "fixed":
            yield f"FIXED {one.path}: {_FIXED}"
        for fault in one.faults:
            yield f"{'FAIL' if one.outcome == 'failed' else 'known'} {one.path}: {fault}"
    known = any(one.outcome == "known" for one in judged.cases)
    yield f"{judged.kind}: {neutral(judged.name)}"
    yield f"{'group':<12}{'level':<8}{'cases':>6}{'passed':>8}" + (f"{'known':>7}" if known else "")
    for (group, level), members in sorted(groups.items()):
        yield f"{group:<12}{level:<8}{_counts(members, known=known)}"
    yield f"{'all':<20}{_counts(judged.cases, known=known)}"


def _counts(cases: Iterable[CaseReport], *, known: bool) -> str:
    outcomes = [one.outcome for one in cases]
    passed = outcomes.count("passed") + outcomes.count("fixed")
    return f"{len(outcomes):>6}{passed:>8}" + (f"{outcomes.count('known'):>7}" if known else "")


def junit(report: ConformanceReport) -> str:
    """A test suite for each reader or writer; a case that is known to fail is skipped."""
    suites = ET.Element("testsuites", {"name": "runjson conformance", **_totals(report.judged)})
    for judged in report.judged:
        suite = ET.SubElement(
            suites, "testsuite", {"name": f"{judged.kind}: {neutral(judged.name)}", **_totals([judged])}
        )
        for one in judged.cases:
            case = ET.SubElement(suite, "testcase", {"classname": f"runjson.{judged.kind}", "name": one.path})
            told = "\n".join([one.rule, *one.faults])
            if one.outcome == "failed":
                attributes = {"type": one.outcome, "message": one.faults[0]}
                ET.SubElement(case, "failure", attributes).text = told
            elif one.outcome == "fixed":
                ET.SubElement(case, "failure", {"type": one.outcome, "message": _FIXED}).text = told
            elif one.outcome == "known":
                ET.SubElement(case, "skipped", {"message": f"known: {one.faults[0]}"})
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode")


def _totals(judged: list[Judged]) -> dict[str, str]:
    cases = [one for each in judged for one in each.cases]
    return {
        "tests": str(len(cases)),
        "failures": str(sum(not one.good for one in cases)),
        "errors": "0",
        "skipped": str(sum(one.outcome == "known" for one in cases)),
    }
