"""The fold of SPEC 8 in plain dictionaries, written from SPEC alone, to judge faster folds by.

It refuses with a code what only the fold can see (RJ103, RJ111, RJ201, RJ202, RJ203), and what it would stumble over.
What a first record must say (RJ101, RJ110) is refused where a file is read: folds that are merged need not say it.
It is no validator.
"""

from __future__ import annotations

from typing import Any  # JSON values are dictionaries, lists, texts, numbers, booleans and None

from tests.reference.members import (
    POINTS,
    RECORD,
    TEXTS_OF_COLUMNS,
    array,
    finite,
    is_tagged,
    meaning,
    members,
    same,
)
from tests.reference.text import NOTHING, Refused, canonical, read, utf16

__all__ = ["Refused", "canonical", "fold_records", "merge", "read"]


def merge(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """The fold of two folds, which by the law is the fold of all their records (SPEC 8)."""
    return fold_records([first, second])


def fold_records(records: list[dict[str, Any]]) -> dict[str, Any]:
    """The fold of the records, in the spellings of the canonical form (SPEC 8, 10)."""
    fold: dict[str, Any] = {}
    tags: dict[str, bool] = {}
    for record in records:
        said = members(record, RECORD)
        step, time = (said.pop(member, None) for member in ("step", "time"))
        said.pop("$schema", None)
        for word in ("untags", "tags"):
            tags |= dict.fromkeys(said.pop(word, []), word == "tags")
        for member, value in said.items():
            if member == "runjson":
                fold[member] = max(fold.get(member, value), value, key=_version)
            elif member in ("project", "id", "writer"):
                if record is not records[0] and fold.get(member) != value:
                    raise Refused("RJ111")
                fold[member] = value
            elif member == "parameters":
                _write_once(fold.setdefault(member, {}), value)
            elif member in ("properties", "source", "environment", "artifacts"):
                fold.setdefault(member, {}).update(value)
            elif member in POINTS:
                for name, given in value.items():
                    _append(fold.setdefault(member, {}).setdefault(name, {}), _columns(member, given, step, time))
            elif value != {} or member not in RECORD:  # {} is left of an error whose members all say nothing
                fold[member] = value
    for member in POINTS:
        fold[member] = {name: kept for name, columns in fold.get(member, {}).items() if (kept := _pruned(columns))}
    fold["tags"], fold["untags"] = (sorted((t for t in tags if tags[t] is on), key=utf16) for on in (True, False))
    return {member: value for member, value in fold.items() if value not in NOTHING or member not in RECORD}


def _version(text: str) -> int:
    major, minor = map(int, text.split("."))
    if major != 1:
        raise Refused("RJ103")
    return minor


def _write_once(namespace: dict[str, Any], more: dict[str, Any]) -> None:
    for name, new in more.items():
        old = namespace.setdefault(name, new)
        nested = [isinstance(value, dict) and not is_tagged(value) for value in (old, new)]
        if all(nested):
            _write_once(old, new)
        elif any(nested):
            raise Refused("RJ203")
        elif meaning(old) != meaning(new):
            raise Refused("RJ202")


def _columns(kind: str, given: Any, step: float | None, time: float | None) -> dict[str, Any]:
    rules = {"values": array, "steps": array, "times": array, **dict.fromkeys(TEXTS_OF_COLUMNS, same)}
    bare = not isinstance(given, dict) or (kind in ("images", "histograms") and "values" not in given)
    columns = {"values": given} if bare and given != {} else dict(given)
    if columns.get("values", None if columns else []) is None:
        raise Refused("RJ112" if "values" in columns else "RJ115")
    found = members(columns, rules)
    found["values"] = [POINTS[kind](point) for point in found.get("values", [])]
    for column, of_record in (("steps", step), ("times", time)):
        empty = columns.get(column) in (None, {})
        own = [of_record] * len(found["values"]) if empty else array(columns[column])
        if len(own) != len(found["values"]):
            raise Refused("RJ201")
        found[column] = [None if entry is None else finite(entry) for entry in own]
    return found


def _append(columns: dict[str, Any], more: dict[str, Any]) -> None:
    for name, member in more.items():
        columns[name] = columns.get(name, []) + member if name in ("values", "steps", "times") else member


def _pruned(columns: dict[str, Any]) -> dict[str, Any]:
    empty = [column for column in ("steps", "times") if all(entry is None for entry in columns[column])]
    kept = {name: member for name, member in columns.items() if name not in empty}
    return {} if kept == {"values": []} else kept
