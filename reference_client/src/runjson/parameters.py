"""Parameters from whatever holds them, as the values that the format has."""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import PurePath
from typing import Any

from runjson.write_once import TAGS

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
    if type(value).__name__ in {"NaTType", "NAType"}:  # what pandas has for missing; the first is a datetime, too
        return None
    if isinstance(value, datetime):
        return _moment(value)
    if type(value).__module__.startswith("omegaconf"):
        return plain(_omegaconf(value, path), path, default, depth + 1)
    if getattr(type(value), "__pydantic_root_model__", False):
        return plain(value.root, path, default, depth + 1)
    members = _members(value)
    if members is not None:
        if len(members) == 1 and next(iter(members)) in TAGS:
            raise NotJson(f'{path} has "{next(iter(members))}" alone, which the format keeps for itself.')
        found = {
            _text(name): plain(entry, f"{path}.{_text(name)}", default, depth + 1) for name, entry in members.items()
        }
        if len(found) < len(members):
            raise NotJson(f"{path} has names that are the same as texts, such as 1 and '1': one would be lost.")
        return found
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
        return _given(value, (field.name for field in dataclasses.fields(value)))
    kind = type(value)
    if any(one.__name__ == "Namespace" and one.__module__ == "argparse" for one in kind.__mro__):
        return dict(vars(value))
    if hasattr(kind, "model_fields") and hasattr(value, "model_dump"):  # pydantic 2
        return {**_given(value, kind.model_fields), **(value.model_extra or {})}
    if hasattr(kind, "__attrs_attrs__"):
        return _given(value, (one.name for one in kind.__attrs_attrs__))
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        named: Mapping[Any, Any] = value._asdict()
        return named
    if kind.__module__ == "types" and kind.__name__ == "SimpleNamespace":
        return dict(vars(value))
    return None


def _given(value: Any, names: Iterable[str]) -> dict[str, Any]:
    """The members that have these names and a value: one that is set later has none yet."""
    return {name: getattr(value, name) for name in names if hasattr(value, name)}


def _moment(value: datetime) -> dict[str, str]:
    """A time with its zone, which is the one of this machine where none is said."""
    if hasattr(value, "to_pydatetime"):  # a timestamp of pandas; its nanoseconds are left out, as the format has none
        value = value.to_pydatetime(warn=False)
    return {"$datetime": (value if value.tzinfo else value.astimezone()).isoformat()}


def _omegaconf(value: Any, path: str) -> Any:  # Any: a dictionary or a list
    """What a configuration of OmegaConf holds, interpolations resolved; the library is loaded: the value is its.

    Raises:
        NotJson: an interpolation leads nowhere.
    """
    omegaconf = sys.modules["omegaconf"]
    try:
        return omegaconf.OmegaConf.to_container(value, resolve=True)
    except omegaconf.errors.OmegaConfBaseException as fault:
        raise NotJson(f"{path} can not be resolved: {' '.join(str(fault).split())}") from fault


def _foreign(value: Any, path: str, default: Default | None, depth: int) -> Any:
    """Numbers and arrays of numpy, torch and the like; else what `default` makes of it."""
    kind = type(value)
    found = _of_array(value)
    if found is not value:
        return plain(found, path, default, depth + 1)
    if default is not None:
        return plain(default(value), path, None, depth + 1)
    raise NotJson(
        f"{path} is a {kind.__module__}.{kind.__qualname__}, which JSON does not have: "
        "give its number or text, or say default=str."
    )


def _of_array(value: Any) -> Any:  # Any: a number, a text or a moment, or lists of these; else the value itself
    """What an array, a tensor or one number of another library holds, as Python has it."""
    if not hasattr(value, "shape") or not (hasattr(value, "tolist") or hasattr(value, "numpy")):
        return value.to_list() if hasattr(value, "to_list") else value  # a column of polars
    try:
        array = value if hasattr(value, "tolist") else value.numpy()  # of TensorFlow
        kind = getattr(getattr(array, "dtype", None), "kind", "")
        if kind == "M" and array.dtype.str[3:] in {"[ns]", "[ps]", "[fs]", "[as]"}:  # Python has them as integers
            array = array.astype("datetime64[us]")
        elif kind == "m":
            return value if not array.shape else list(array)
        elif kind == "f" and array.dtype.itemsize > 8:  # Python has no longer numbers
            array = array.astype(float)
        found = array.tolist() if hasattr(array, "tolist") else array
    except (RuntimeError, TypeError, ValueError, AttributeError):  # a tensor without values, or a sparse one
        return value
    return value if type(found) is type(value) else found


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
