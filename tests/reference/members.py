"""What each member of a record says, in the one spelling that SPEC 8 and 10 settle on."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any  # JSON values are dictionaries, lists, texts, numbers, booleans and None

from tests.reference.text import NOTHING, Refused

Rule = Callable[[Any], Any]
TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d+)?)(?:([Zz])|([+-]\d\d):?(\d\d))", re.ASCII)
SPECIAL = re.compile(r"([+-]?)(?:(nan)|inf(?:inity)?)", re.ASCII | re.IGNORECASE)


def members(given: dict[str, Any], rules: Mapping[str, Rule]) -> dict[str, Any]:
    """The members that say something, each by its rule; one that has none is unknown, and so a value."""
    return {
        name: rules.get(name, _value)(member)
        for name, member in given.items()
        if member is not None and (name not in rules or member not in NOTHING)
    }


def same(value: Any) -> Any:
    return value


def array(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def finite(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused("RJ114")
    try:
        double = float(value)
    except OverflowError:
        double = math.inf
    if math.isinf(double):
        raise Refused("RJ006")
    return double + 0.0  # -0.0 + 0.0 is 0.0


def _double(point: Any) -> float | str:
    if isinstance(point, str) and (special := SPECIAL.fullmatch(point)):
        sign, nan = special.groups()
        return "NaN" if nan else "-Infinity" if sign == "-" else "Infinity"
    if point is None:
        raise Refused("RJ112")
    if isinstance(point, bool) or not isinstance(point, int | float):
        raise Refused("RJ113")
    return finite(point)


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return [_value(element) for element in value]
    if isinstance(value, dict):
        return _tagged(value) if is_tagged(value) else _values(value)
    if isinstance(value, float):
        value = finite(value)
        value = int(value) if value.is_integer() and abs(value) < 1e21 else value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return {"$int": str(value)}
    return value


def _values(given: Any) -> dict[str, Any]:
    return {name: _value(value) for name, value in given.items()}


def is_tagged(value: dict[str, Any]) -> bool:
    return len(value) == 1 and not value.keys().isdisjoint(("$float", "$int", "$datetime"))


def _tagged(value: dict[str, Any]) -> Any:
    ((tag, text),) = value.items()
    if tag == "$int":
        return _value(int(text))
    return {tag: _time(text)} if tag == "$datetime" else value


def meaning(value: Any) -> Any:
    """What two values are compared by; the type goes along, for Python takes True for 1."""
    if isinstance(value, list):
        return [meaning(element) for element in value]
    if isinstance(value, dict):
        return int(value["$int"]) if value.keys() == {"$int"} else {name: meaning(v) for name, v in value.items()}
    return (bool, value) if isinstance(value, bool) else value


def _time(text: str) -> str:
    if not (match := TIME.fullmatch(text)):
        raise Refused("RJ117")
    date, clock, z, hours, minutes = match.groups()
    return f"{date}T{clock}" + ("Z" if z else f"{hours}:{minutes}")


def _path(text: str) -> str:
    return "/".join(segment for segment in text.removesuffix("/").split("/") if segment != ".")


def _file(given: Any) -> Any:
    return {"path": _path(given)} if isinstance(given, str) else members(given, FILE)


def _histogram(given: Any) -> Any:
    return members(given, {"edges": _doubles, "counts": _doubles})


def _doubles(given: Any) -> list[Any]:
    return [_double(entry) for entry in array(given)]


def _error(given: Any) -> Any:
    known = {"type": same, "message": same, "traceback": _joined}
    return {"message": given} if isinstance(given, str) else members(given, known)


def _joined(lines: Any) -> str:
    lines = array(lines)
    broken = [line if line.endswith("\n") else line + "\n" for line in lines[:-1]]
    return "".join([*broken, *lines[-1:]])


def _artifacts(given: Any) -> dict[str, Any]:
    return {name: None if file is None else _file(file) for name, file in given.items() if file not in ({}, [])}


TEXTS_OF_COLUMNS = ("unit", "goal", "description", "media_type", "x")
FILE: dict[str, Rule] = dict.fromkeys(("uri", "media_type", "bytes", "description", "width", "height"), _value) | {
    "path": _path,
    "data": lambda text: "".join(text.split()),
    "sha256": str.lower,
    "metadata": _values,
}
POINTS: dict[str, Rule] = {"series": _double, "text": same, "images": _file, "histograms": _histogram}
RECORD: dict[str, Rule] = {
    **dict.fromkeys(("runjson", "project", "id", "writer", "name", "description", "group", "status", "$schema"), same),
    **dict.fromkeys(("started_at", "ended_at"), _time),
    **dict.fromkeys(("parameters", "properties", "source", "environment"), _values),
    **dict.fromkeys(("tags", "untags"), array),
    **dict.fromkeys(("step", "time"), finite),
    **dict.fromkeys(POINTS, same),
    "artifacts": _artifacts,
    "error": _error,
    "parent": lambda given: members(given, {"id": same, "step": finite}),
}
