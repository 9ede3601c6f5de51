"""The Python client as a writer under test: the calls of a description, made on its public interface.

A program: it reads a description on standard input and writes the run below the working directory.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import runjson

_POINTS: Final = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_TAGGED: Final[dict[str, Callable[[str], Any]]] = {
    "$float": float,
    "$int": int,
    "$datetime": datetime.fromisoformat,
}


def write(calls: Iterable[dict[str, Any]], folder: Path) -> bool:
    """Make the calls of a description.

    Args:
        calls: the first one is `begin`.
        folder: the run is a folder in this one.

    Returns:
        Whether the last one finished the run.
    """
    first, *others = calls
    run = _begin(folder, **_said(first))
    for call in others:
        _CALLS[call["call"]](run, **_said(call))
    return run.finished


def _said(call: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in call.items() if name != "call"}


def _begin(
    folder: Path, *, parameters: Any = None, properties: Any = None, **said: Any
) -> runjson.Run:  # fmt: skip
    return runjson.init(
        parameters=_values(parameters), properties=_values(properties), dir=folder, capture=False, upload=False,
        source_files=(), mode="file", **said,
    )  # fmt: skip


def _log(run: runjson.Run, *, series: Any = None, text: Any = None, step: Any = None, time: Any = None) -> None:
    numbers = {name: _point(point) for name, point in (series or {}).items()}
    run.log({**numbers, **(text or {})}, step=step, time=time)


def _extend(run: runjson.Run, *, name: str, values: list[Any], steps: Any = None, times: Any = None) -> None:
    run.extend(name, map(_point, values), steps, times)


def _histogram(run: runjson.Run, *, name: str, edges: list[Any], counts: list[Any], **where: Any) -> None:
    run.log_histogram(name, edges=[*map(_point, edges)], counts=[*map(_point, counts)], **where)


def _artifact(run: runjson.Run, *, name: str, base64: str) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(_bytes(base64))
        file.flush()
        run.log_artifact(file.name, name)


def _finish(run: runjson.Run, *, status: runjson.run.Status, error: Any = None) -> None:
    if status == "failed" and isinstance(error, str):
        run.fail(error)
        return
    if error is not None:  # its traceback is a text here, and no exception is there to be given to `fail`
        run.write_record(json.dumps({"error": error}))
    run.finish(status)


_CALLS: Final[dict[str, Callable[..., None]]] = {
    "log": _log,
    "extend": _extend,
    "histogram": _histogram,
    "artifact": _artifact,
    "define": lambda run, name, **said: run.define_series(name, **said),
    "parameters": lambda run, parameters: run.set_parameters(_values(parameters)),
    "properties": lambda run, properties: run.set_properties(_values(properties)),
    "tags": lambda run, tags: run.add_tags(*tags),
    "untags": lambda run, untags: run.remove_tags(*untags),
    "finish": _finish,
}
_bytes = base64.b64decode


def _point(point: Any) -> float | int:
    found: float | int = _POINTS[point] if isinstance(point, str) else point
    return found


def _values(value: Any) -> Any:  # Any: JSON, and what tagged values stand for (SPEC 5.2)
    if isinstance(value, dict):
        if len(value) == 1 and (tag := next(iter(value))) in _TAGGED:
            return _TAGGED[tag](value[tag])
        return {name: _values(entry) for name, entry in value.items()}
    return [*map(_values, value)] if isinstance(value, list) else value


if __name__ == "__main__":
    if not write(json.load(sys.stdin)["calls"], Path()):
        os._exit(0)  # a process that ends by itself finishes its run; this one dies before
