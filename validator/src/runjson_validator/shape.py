"""What is wrong with the shape of a record: the JSON Schema finds the place and the rule, this page finds the words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from runjson_schema import schemas, wording
from runjson_schema.entries import odd_time
from runjson_schema.files import Object
from runjson_schema.findings import Finding, Pointer, finding
from runjson_schema.names import path_fault
from runjson_schema.numbers import LARGEST
from runjson_schema.points import KINDS
from runjson_schema.records import GOALS, STATUSES
from runjson_schema.wording import shown

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

# Longer arrays of points are checked without their entries that are plainly right: the schema takes one by one. Of
# those that are not, so many are told, and the others counted.
_LONG = 64
_TOLD = 100


@cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415  40 ms that most files never need

    return Draft202012Validator(schemas.load("record"))


def explain(tree: Object) -> tuple[list[Finding], Object]:
    """What is wrong with the shape of a record, and the record without the entries at fault.

    Args:
        tree: a JSON object.
    """
    thin = _Thin(tree)
    findings = []
    faulty: list[Pointer] = []
    for error in _leaves(_validator().iter_errors(thin.record)):
        at, more = thin.place(tuple(error.absolute_path))
        findings.append(replace(_finding(error, at, tree), more=more))
        faulty.append(at)
    step = tree.get("step")
    if type(step) is int and abs(step) > LARGEST:  # a number to the schema
        findings.append(wording.too_large(step, ("step",)))
        faulty.append(("step",))
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


def _finding(error: ValidationError, at: Pointer, tree: Object) -> Finding:
    code = _code(error)
    if code == "RJ110" and at[-1:] == ("id",):  # a parent whose id says nothing lacks it
        return finding(code, "id is missing", at[:-1])
    value: Any = error.instance  # Any: any JSON
    rule: Any = error.validator_value  # Any: what stands behind the keyword
    if said := _in_words(code, value, at):
        return said
    if code == "RJ105" and len(at) == 1:
        steps = any(type(tree.get(name)) in (int, float) for name in ("step", "time"))
        heavy = wording.holds_numbers_or_objects(value)
        return wording.unknown(value, at, heavy=heavy, warning=False, steps=steps)
    if error.validator == "required":
        missing = next(one for one in rule if one not in value)
        return finding(code, f"{missing} is missing", at, _hint(code, value, at))
    if error.validator == "type" and isinstance(rule, str):
        expected = _KINDS.get(rule, rule)
    elif error.validator == "enum" and None not in rule:
        expected = f"one of {', '.join(map(shown, rule))}"
    else:
        expected = _title(error)
    boxed = isinstance(value, list) and len(value) == 1 and len(at) == 1 and isinstance(value[0], str)
    version = at == ("runjson",) and value == 1.0 and not isinstance(value, bool)
    fixable = (boxed and code in {"RJ102", "RJ106", "RJ107", "RJ117"}) or version
    return finding(code, shown(value), at, _hint(code, value, at), expected=expected, fixable=fixable)


def _in_words(code: str, value: Any, at: Pointer) -> Finding | None:  # Any: any JSON
    """The finding as the fold words it, where it does."""
    if type(value) is int and abs(value) > LARGEST:
        return wording.too_large(value, at)
    if code in {"RJ112", "RJ113"} and at[0] in {"series", "text"}:
        expected = "a number" if at[0] == "series" else "a text"
        return wording.no_point(value, at, expected)
    if code == "RJ114":
        return wording.no_finite_number(value, at)
    if code == "RJ115" and isinstance(value, dict) and len(at) == 2:
        return wording.without_values(value, at)
    if code == "RJ120" and at[-1] == "sha256":
        return wording.bad_digest(value, at)
    if code == "RJ204" and isinstance(value, int | float):
        return odd_time(value, at)
    if not isinstance(value, str):
        return None
    if code == "RJ107" and at[-1] in {"status", "goal"}:
        return wording.not_allowed(value, STATUSES if at[-1] == "status" else GOALS, at)
    if code == "RJ109":
        return wording.bad_id(at, value)
    if code == "RJ117":
        return wording.no_moment(value, at)
    if code == "RJ119" and (fault := path_fault(value)):
        return wording.bad_path(value, fault, at)
    return None


_KINDS = {
    "string": "a text", "number": "a number", "object": "an object", "array": "an array", "integer": "a whole number",
    "boolean": "true or false", "null": "null",
}  # fmt: skip


def _title(error: ValidationError) -> str:
    """What was expected: the title of the innermost part of the schema that says more than that nothing is fine."""
    titles = [part["title"] for part in _schemas_above(error) if "title" in part]
    return str(next((title for title in reversed(titles) if not title.startswith("nothing")), "something else"))


def _hint(code: str, value: Any, at: Pointer) -> str | None:  # Any: any JSON
    if code == "RJ102" and isinstance(value, float | int):
        return 'Write the text "1.0": 1.10 and 1.1 are one number, and two versions.'
    if isinstance(value, list) and len(value) == 1 and len(at) == 1:
        return (
            "An array of one: R? toJSON(..., auto_unbox = TRUE, digits = NA); without digits = NA it keeps 4 decimals, "
            "and 1/3 becomes 0.3333."
        )
    return None


class _Thin:
    """A record whose long arrays of points keep only the entries that may be wrong, and where those stood.

    Attributes:
        record: a copy of the record with these shorter arrays.
    """

    def __init__(self, tree: Object) -> None:
        self._indices: dict[Pointer, list[int]] = {}
        self._more: dict[Pointer, int] = {}
        self.record = dict(tree)
        for kind in KINDS:
            entries = tree.get(kind)
            if isinstance(entries, dict):
                plain: tuple[type, ...] = (str,) if kind == "text" else (int, float) if kind == "series" else ()
                self.record[kind] = {name: self._entry(entry, (kind, name), plain) for name, entry in entries.items()}

    def place(self, at: Pointer) -> tuple[Pointer, int]:
        """Where a place in the thin record lies in the whole one; and how many entries behind it were not kept."""
        for size in range(1, len(at)):
            above, part = at[:size], at[size]
            if above in self._indices and isinstance(part, int):
                indices = self._indices[above]
                more = self._more[above] if part == len(indices) - 1 else 0
                return (*above, indices[part], *at[size + 1 :]), more
        return at, 0

    def _entry(self, entry: Any, at: Pointer, plain: tuple[type, ...]) -> Any:  # Any: any JSON
        if isinstance(entry, dict):
            return {
                name: self._array(column, (*at, name), plain if name == "values" else (int, float, type(None)))
                if name in {"values", "steps", "times"}
                else column
                for name, column in entry.items()
            }
        return self._array(entry, at, plain)

    def _array(self, entry: Any, at: Pointer, plain: tuple[type, ...]) -> Any:  # Any: any JSON
        if not isinstance(entry, list) or len(entry) <= _LONG or not plain:
            return entry
        if at[-1] == "times":
            odd = [index for index, one in enumerate(entry) if type(one) not in plain or (one and abs(one) > 1e11)]
        elif plain == (int, float):
            odd = [index for index, one in enumerate(entry) if type(one) not in plain and one not in _SPELLED]
        else:
            odd = [index for index, one in enumerate(entry) if type(one) not in plain]
        if not odd:
            return [entry[0]]
        self._indices[at] = odd[:_TOLD]
        self._more[at] = max(0, len(odd) - _TOLD)
        return [entry[index] for index in self._indices[at]]


_SPELLED = ("NaN", "Infinity", "-Infinity")


def _without(tree: Object, faulty: list[Pointer]) -> Object:
    """A record without those members, or entries of members, in which something is wrong.

    A version or an id that is wrong is not missing: something stands in for it.
    """
    rest = {name: dict(value) if isinstance(value, dict) else value for name, value in tree.items()}
    for at in filter(None, faulty):
        if at in {("runjson",), ("id",)}:
            rest[str(at[0])] = {"runjson": "1.0", "id": "wrong"}[str(at[0])]
        elif len(at) == 1 or not isinstance(rest.get(str(at[0])), dict) or at[0] in {"error", "parent"}:
            rest.pop(str(at[0]), None)
        else:
            rest[str(at[0])].pop(at[1], None)
    return rest
