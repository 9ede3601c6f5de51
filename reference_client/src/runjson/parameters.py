"""Parameters from whatever holds them, as the values that the format has."""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import PurePath
from typing import Any

# The format's own limit (SPEC 3.1), less the levels of the record around a value.
_DEEPEST = 60
# An integer of more digits is refused by readers (SPEC 5.2).
_DIGITS = 1000

Default = Callable[[Any], Any]


class NotJson(TypeError):
    """A value that can not be written; the message names its path."""


def plain(value: Any, path: str, default: Default | None = None, depth: int = 0) -> Any:
    """A value as dictionaries, lists, texts, numbers, booleans and None.

    Args:
        value: a dictionary, dataclass, namespace, pydantic or attrs model, OmegaConf configuration, number of numpy's,
            time, path, enumeration, or any of these within each other.
        path: what the value is called in an error.
        default: makes something else of a value that is none of these, such as `str`.
        depth: how deep in another value it stands.

    Raises:
        NotJson: there is a value that is none of these, or it is nested too deep.
    """
    if isinstance(value, Enum):
        return plain(value.value, path, default, depth + 1)
    if value is None or isinstance(value, bool | str):
        return value
    if depth > _DEEPEST:
        raise NotJson(f"{path} is nested more than {_DEEPEST} deep.")
    if isinstance(value, int):
        return _integer(int(value), path)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, datetime):
        return {"$datetime": (value if value.tzinfo else value.astimezone()).isoformat()}
    if type(value).__module__.startswith("omegaconf"):
        return plain(_omegaconf(value), path, default, depth + 1)
    members = _members(value)
    if members is not None:
        return {
            _text(name): plain(entry, f"{path}.{_text(name)}", default, depth + 1) for name, entry in members.items()
        }
    if isinstance(value, list | tuple):
        return [plain(entry, f"{path}[{index}]", default, depth + 1) for index, entry in enumerate(value)]
    if isinstance(value, set | frozenset):
        return sorted((plain(entry, path, default, depth + 1) for entry in value), key=str)
    if isinstance(value, date | PurePath):
        return str(value)
    if isinstance(value, Decimal | Fraction):
        return _rational(value)
    return _foreign(value, path, default, depth)


def _members(value: Any) -> Mapping[Any, Any] | None:
    """The members of a value that has names; None if it has none."""
    if isinstance(value, Mapping):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    kind = type(value)
    if kind.__name__ == "Namespace" and kind.__module__ == "argparse":
        return dict(vars(value))
    if hasattr(kind, "model_fields") and hasattr(value, "model_dump"):  # pydantic 2
        return {name: getattr(value, name) for name in kind.model_fields}
    if hasattr(kind, "__attrs_attrs__"):
        return {one.name: getattr(value, one.name) for one in kind.__attrs_attrs__}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        named: Mapping[Any, Any] = value._asdict()
        return named
    if kind.__module__ == "types" and kind.__name__ == "SimpleNamespace":
        return dict(vars(value))
    return None


def _omegaconf(value: Any) -> Any:  # Any: a dictionary or a list
    """What a configuration of OmegaConf holds, interpolations resolved; the library is loaded: the value is its."""
    return sys.modules["omegaconf"].OmegaConf.to_container(value, resolve=True)


def _foreign(value: Any, path: str, default: Default | None, depth: int) -> Any:
    """Numbers and arrays of numpy, torch and the like; else what `default` makes of it."""
    kind = type(value)
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        found = value.item()
        if type(found) is not kind:
            return plain(found, path, default, depth + 1)
    if hasattr(value, "tolist") and hasattr(value, "shape"):
        return plain(value.tolist(), path, default, depth + 1)
    if default is not None:
        return plain(default(value), path, None, depth + 1)
    raise NotJson(
        f"{path} is a {kind.__module__}.{kind.__qualname__}, which JSON does not have: "
        "give its number or text, or say default=str."
    )


def _integer(value: int, path: str) -> int:
    if abs(value) >= 10**_DIGITS:
        raise NotJson(f"{path} is an integer of more than {_DIGITS} digits.")
    return value


def _rational(value: Decimal | Fraction) -> float | int:
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else value.numerator / value.denominator
    return float(value) if value.is_finite() else math.nan if value.is_nan() else float(value)


def _text(name: Any) -> str:
    if isinstance(name, str):
        return name
    if isinstance(name, Enum):
        return str(name.value)
    return str(name)
