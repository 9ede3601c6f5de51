"""What is wrong with the shape of a record: the JSON Schema finds the place and the rule, this page finds the words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema
from jsonschema.exceptions import ValidationError
from runjson_schema import advice, schemas
from runjson_schema.files import Object, shown
from runjson_schema.findings import Finding, Pointer, finding
from runjson_schema.points import KINDS

# Longer arrays of points are checked without their entries that are plainly right: the schema takes one by one.
_LONG = 64


@cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schemas.load("record"))


def explain(tree: Object) -> tuple[list[Finding], Object]:
    """What is wrong with the shape of a record, and the record without the entries at fault.

    Args:
        tree: a JSON object.
    """
    thin, indices = _thin(tree)
    findings = []
    faulty: list[Pointer] = []
    for error in _leaves(_validator().iter_errors(thin)):
        at = tuple(error.absolute_path)
        above, last = at[:-1], at[-1] if at else None
        if above in indices and isinstance(last, int):
            at = (*above, indices[above][last])
        findings.append(_finding(error, at))
        faulty.append(at)
    return findings, _without(tree, faulty)


def _leaves(errors: Iterator[ValidationError]) -> Iterator[ValidationError]:
    seen: set[tuple[Pointer, str]] = set()
    for error in errors:
        if error.context:
            yield from _leaves(iter(error.context))
            continue
        key = (tuple(error.absolute_path), _code(error))
        if key not in seen:
            seen.add(key)
            yield error


def _code(error: ValidationError) -> str:
    """The code that the schema gives to the rule: that of the innermost part of the schema that names one."""
    return str(next((code for part in reversed([*_schemas_above(error)]) if (code := part.get("x-code"))), "RJ106"))


def _schemas_above(error: ValidationError) -> Iterator[dict[str, Any]]:
    """The parts of the schema on the way to what failed, from the root; the way names neither `if` nor `$ref`."""
    node: Any = _validator().schema
    for step in error.absolute_schema_path:
        while isinstance(node, dict) and step not in node and "$ref" in node:
            node = _resolve(node["$ref"])
            yield node
        node = node[step]
        if isinstance(node, dict):
            yield node


def _resolve(reference: str) -> Any:  # Any: a part of a schema
    node: Any = _validator().schema
    for step in reference.removeprefix("#").strip("/").split("/"):
        node = node[step]
    return node


def _finding(error: ValidationError, at: Pointer) -> Finding:
    code = _code(error)
    value: Any = error.instance  # Any: any JSON
    rule: Any = error.validator_value  # Any: what stands behind the keyword
    name = ".".join(map(str, at)) or "the record"
    if error.validator == "required":
        missing = next(one for one in rule if one not in value)
        return finding(code, f"{name} has no {missing}.", at, _hint(code, value, at))
    if error.validator == "type" and isinstance(rule, str):
        expected = _KINDS.get(rule, rule)
    elif error.validator == "enum" and None not in rule:
        expected = f"one of {', '.join(map(shown, rule))}"
    else:
        expected = _title(error)
    return finding(code, f"{name} is {shown(value)}; expected {expected}.", at, _hint(code, value, at))


_KINDS = {
    "string": "a text", "number": "a number", "object": "an object", "array": "an array", "integer": "a whole number",
    "boolean": "true or false", "null": "null",
}  # fmt: skip


def _title(error: ValidationError) -> str:
    """What was expected: the title of the innermost part of the schema that says more than that nothing is fine."""
    titles = [part["title"] for part in _schemas_above(error) if "title" in part]
    return str(next((title for title in reversed(titles) if not title.startswith("nothing")), "something else"))


def _hint(code: str, value: Any, at: Pointer) -> str | None:  # Any: any JSON
    if code == "RJ114" and isinstance(value, str) and "time" in str(at[-1 if isinstance(at[-1], str) else -2]):
        return "Points count seconds since 1970; only started_at and ended_at are texts."
    if code == "RJ112":
        return 'Write "NaN", "Infinity" or "-Infinity"; leave a point out that was not measured.'
    if code == "RJ102" and isinstance(value, float | int):
        return 'Write the text "1.0": 1.10 and 1.1 are one number, and two versions.'
    if isinstance(value, list) and len(value) == 1 and len(at) == 1:
        return "An array of one: R? toJSON(..., auto_unbox = TRUE, digits = NA)."
    if code == "RJ113" and isinstance(value, str):
        return advice.point_text(value)
    if code == "RJ113" and isinstance(value, dict) and "0" in value:
        return "A typed array in JSON.stringify? Write Array.from(x)."
    if code == "RJ113" and isinstance(value, dict | list):
        return 'Names are flat ("train/loss"), and points are columns: {"values": [0.5, 0.4], "steps": [1, 2]}.'
    return None


def _thin(tree: Object) -> tuple[Object, dict[Pointer, list[int]]]:
    """A record whose long arrays of points keep only the entries that may be wrong, and where those stood."""
    indices: dict[Pointer, list[int]] = {}
    found = dict(tree)
    for kind in KINDS:
        entries = tree.get(kind)
        if not isinstance(entries, dict):
            continue
        plain = str if kind == "text" else float if kind == "series" else ()
        found[kind] = {name: _thin_entry(entry, (kind, name), plain, indices) for name, entry in entries.items()}
    return found, indices


def _thin_entry(entry: Any, at: Pointer, plain: Any, indices: dict[Pointer, list[int]]) -> Any:
    if isinstance(entry, dict):
        return {
            name: _thin_entry(
                column, (*at, name), plain if name == "values" else float if name in {"steps", "times"} else (), indices
            )
            if isinstance(column, list)
            else column
            for name, column in entry.items()
        }
    if not isinstance(entry, list) or len(entry) <= _LONG or plain == ():
        return entry
    kinds = (int, float) if plain is float else (plain,)
    kept = [index for index, value in enumerate(entry) if type(value) not in kinds or (at[-1] == "times")]
    if not kept:
        return [entry[0]]
    indices[at] = kept
    return [entry[index] for index in kept]


def _without(tree: Object, faulty: list[Pointer]) -> Object:
    """A record without those members, or entries of members, in which something is wrong.

    A version or an id that is wrong is not missing: something stands in for it.
    """
    rest = {name: dict(value) if isinstance(value, dict) else value for name, value in tree.items()}
    for at in faulty:
        if at in {("runjson",), ("id",)}:
            rest[str(at[0])] = {"runjson": "1.0", "id": "wrong"}[str(at[0])]
        elif len(at) == 1 or not isinstance(rest.get(str(at[0])), dict) or at[0] in {"error", "parent"}:
            rest.pop(str(at[0]) if at else "", None)
        else:
            rest[str(at[0])].pop(at[1], None)
    return rest
