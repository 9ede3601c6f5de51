"""Sources and runs: what continues what, and what the sources of one run say together (SPEC section 9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from runjson_schema.files import Object
from runjson_schema.findings import Finding
from runjson_schema.fold import Fold
from runjson_schema.points import KINDS
from runjson_schema.records import IDENTITY, MAPS
from runjson_schema.values import equal, is_tagged, normal
from runjson_schema.wording import shown

# What a run's status is, told from its sources': the first of these that one of them has.
_STATUS: Final = ("failed", "running", "aborted", "succeeded")
# writer -> the fold of its source without points.
Records: TypeAlias = Mapping[str, Object]


def lost(tracked: Object, offered: Object) -> Iterator[str]:
    """What a tracked fold says that an offered one does not, points aside (SPEC 9.2, rules 2 to 5).

    Args:
        tracked: a fold without points.
        offered: another one of the same source.

    Yields:
        A line for each thing that is missing, or for a parameter that has another value.
    """
    yield from _lost_parameters(tracked.get("parameters", {}), offered.get("parameters", {}), "parameter ")
    tags = {*offered.get("tags", ()), *offered.get("untags", ())}
    for tag in (*tracked.get("tags", ()), *tracked.get("untags", ())):
        if tag not in tags:
            yield f"tag {shown(tag)} is missing"
    for member in (*MAPS, "artifacts"):
        for name in tracked.get(member, {}):
            if name not in offered.get(member, {}):
                yield f"{member}: {shown(name)} is missing"
    for kind in KINDS:
        for name, columns in tracked.get(kind, {}).items():
            for note in columns:
                if note != "values" and note not in offered.get(kind, {}).get(name, {}):
                    yield f"{kind} {shown(name)}: {note} is missing"
    known = {"parameters", "tags", "untags", "artifacts", *MAPS, *KINDS}
    for member in tracked:
        if member not in known and member not in offered:
            yield f"{member} is missing"


def _lost_parameters(tracked: Object, offered: Object, path: str) -> Iterator[str]:
    for name, old in tracked.items():
        here = f"{path}{name}"
        if name not in offered:
            yield f"{here} is missing"
            continue
        new = offered[name]
        if _is_namespace(old) and _is_namespace(new):
            yield from _lost_parameters(old, new, f"{here}.")
        elif _is_namespace(old) or _is_namespace(new) or not equal(_normal(old), _normal(new)):
            yield f"{here} was {shown(old)} and is {shown(new)}"


def _is_namespace(value: object) -> bool:
    return isinstance(value, dict) and not is_tagged(value)


def _normal(value: Any) -> Any:  # Any: any JSON
    return normal(value, _ignore, (), 1)


def _ignore(what: Finding) -> None:
    """Nothing is wrong with a record that was folded before."""


class Disagreement(ValueError):
    """Sources of one run whose parameters disagree; `findings` say where."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("; ".join(one.message for one in findings))
        self.findings = findings


def merged(records: Records) -> Object:
    """What the sources of a run say together, points aside (SPEC 9.3).

    Args:
        records: the fold of each source without its points, by writer, "" for none.

    Raises:
        Disagreement: their parameters disagree.
    """
    findings: list[Finding] = []
    fold = Fold(lambda what: findings.append(what) if what.severity == "error" else None, lenient=True)
    fold.records = 1  # no source is the first record of the run: its identity is that of all
    for writer in sorted(records):
        record = {name: value for name, value in records[writer].items() if name not in IDENTITY}
        fold.add_tree(record)
    conflicts = [one for one in findings if one.code in {"RJ202", "RJ203"}]
    if conflicts:
        raise Disagreement(conflicts)
    together = fold.record()
    statuses = {record.get("status") for record in records.values()}
    if status := next((status for status in _STATUS if status in statuses), None):
        together["status"] = status
    first = next(iter(records.values()), {})
    return together | {name: first[name] for name in ("project", "id") if name in first}
