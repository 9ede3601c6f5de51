"""Collecting findings: which are wanted, which are alike, and how many there are of each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from runjson_schema.findings import Finding, Severity

from runjson_validator.report import Alike, FindingReport, Report

# Of findings that are alike so many are listed; the others are counted.
LISTED = 20
# A file has so many kinds of findings at most; what comes behind them is counted by its code.
_KINDS = 500


@dataclass(frozen=True)
class Selection:
    """Which codes are wanted.

    Attributes:
        select: codes, or beginnings of codes such as RJ4, of which alone findings are wanted; empty for all.
        ignore: codes, or beginnings of codes, of which findings are not wanted.
    """

    select: Collection[str] = ()
    ignore: Collection[str] = ()

    def wants(self, code: str) -> bool:
        """Whether findings of this code are wanted; of two that apply, the longer decides."""
        chosen = max((len(one) for one in self.select if code.startswith(one)), default=0 if self.select else 1)
        left_out = max((len(one) for one in self.ignore if code.startswith(one)), default=0)
        return chosen > left_out


@dataclass
class Collector:
    """Keeps findings, and counts those that are alike."""

    selection: Selection = field(default_factory=Selection)
    findings: list[Finding] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    by_severity: dict[Severity, int] = field(default_factory=lambda: {"error": 0, "warning": 0, "advice": 0})
    alike: dict[tuple[str, str], int] = field(default_factory=dict)
    _by_kind: dict[tuple[str, str, Severity], int] = field(default_factory=dict)

    def enough(self, what: Finding) -> bool:
        """Count a finding; says whether it need not be placed and kept."""
        if not self.selection.wants(what.code):
            return True
        count = 1 + what.more
        self.by_severity[what.severity] += count
        self.counts[what.code] = self.counts.get(what.code, 0) + count
        kind = (what.code, what.among)
        if kind not in self.alike and len(self.alike) >= _KINDS:
            kind = (what.code, "")
        self.alike[kind] = self.alike.get(kind, 0) + count
        # Unknown members are errors or warnings: no number of warnings hides an error.
        before = self._by_kind.get((*kind, what.severity), 0)
        self._by_kind[(*kind, what.severity)] = before + count
        return before >= LISTED

    def __call__(self, what: Finding) -> None:
        """Keep a finding that was counted."""
        self.findings.append(what)

    def report(self, file: str) -> Report:
        """The report of what was collected."""
        listed: dict[tuple[str, str], int] = {}
        for what in self.findings:
            kind = (what.code, what.among if (what.code, what.among) in self.alike else "")
            listed[kind] = listed.get(kind, 0) + 1
        ordered = sorted(self.findings, key=lambda one: (one.line or 0, one.column or 0))
        return Report(
            file=file,
            valid=not self.by_severity["error"],
            errors=self.by_severity["error"],
            warnings=self.by_severity["warning"],
            advice=self.by_severity["advice"],
            counts=dict(sorted(self.counts.items())),
            findings=[FindingReport.of(one) for one in ordered],
            alike=[
                Alike(code=code, among=among, count=count, listed=listed.get((code, among), 0))
                for (code, among), count in self.alike.items()
                if count > listed.get((code, among), 0)
            ],
        )
