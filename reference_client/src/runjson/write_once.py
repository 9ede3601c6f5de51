"""Parameters are written once (SPEC section 8): what a run was given, and whether something new fits it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeGuard

# Names of tagged values (SPEC 5.2).
TAGS = frozenset({"$float", "$int", "$datetime"})


class ParameterChanged(ValueError):
    """A parameter that was given another value; what may change is a property."""


class WriteOnce:
    """The parameters of a run, each with its first value."""

    def __init__(self) -> None:
        self._tree: dict[str, Any] = {}

    def add(self, tree: Mapping[str, Any]) -> None:
        """Take parameters, nested as they are, all of them or none.

        Args:
            tree: as `runjson.parameters.plain` makes it.

        Raises:
            ParameterChanged: one has another value already.
        """
        _check(self._tree, tree, "parameters")
        _merge(self._tree, tree)

    def read(self, path: Path) -> None:
        """Take what a run file says, of a run that is gone on with; lines that are none are passed over."""
        with path.open("rb") as file:
            for line in file:
                if b'"parameters"' not in line:
                    continue
                try:
                    found = json.loads(line, object_hook=_untagged)["parameters"]
                except (ValueError, KeyError, TypeError, RecursionError):
                    continue
                if isinstance(found, dict):
                    _merge(self._tree, found)


def _untagged(value: dict[str, Any]) -> Any:
    """A number that JSON lacks, of its tagged value (SPEC 5.2); everything else as it is."""
    if len(value) == 1:
        name, text = next(iter(value.items()))
        if name in {"$float", "$int"}:
            return float(text) if name == "$float" else int(text)
    return value


def _check(known: Mapping[str, Any], tree: Mapping[str, Any], path: str) -> None:
    for name, value in tree.items():
        if name not in known:
            continue
        old, here = known[name], f"{path}.{name}"
        if _is_namespace(old) and _is_namespace(value):
            _check(old, value, here)
        elif not _same(old, value):
            raise ParameterChanged(
                f"{here} was {old!r} and is {value!r} now: a parameter is written once. "
                f'What changes while a run goes is a series, run.log({{"{name}": ...}}), or a property.'
            )


def _merge(known: dict[str, Any], tree: Mapping[str, Any]) -> None:
    for name, value in tree.items():
        old = known.get(name)
        if _is_namespace(old) and _is_namespace(value):
            _merge(old, value)
        elif name not in known:
            known[name] = {} if _is_namespace(value) else value
            if _is_namespace(value):
                _merge(known[name], value)  # a copy: the caller's own may change


def _is_namespace(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether it has names below it, and is no tagged value."""
    return isinstance(value, dict) and not (len(value) == 1 and next(iter(value)) in TAGS)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    if isinstance(one, float) and isinstance(other, float) and one != one and other != other:  # noqa: PLR0124  NaN
        return True
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)
