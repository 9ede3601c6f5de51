"""What the R package asks a tracker, in shapes that reticulate converts without loss."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import runjson
from runjson.lines import value as as_json
from runjson.parameters import plain
from runjson_tracker.errors import StoreError
from runjson_tracker.query.errors import QueryError

Answer = dict[str, Any]


def _answer(work: Callable[[], Any]) -> Answer:
    """What work returns, or the sentence that says what is wrong."""
    try:
        return {"value": work()}
    except (StoreError, QueryError, ValueError, KeyError, OSError) as error:
        return {"error": str(error.args[0]) if isinstance(error, KeyError) else str(error)}


def _columns(frame: Any) -> list[dict[str, Any]]:
    """The columns of a table: doubles as a list, everything else as JSON texts of values (SPEC 5.2).

    Arrays of numpy are not among them: an older reticulate does not know those of numpy 2.
    """
    found = []
    for name in frame.columns:
        cells = frame.column(name)
        if cells and all(type(cell) is float for cell in cells):
            found.append({"name": name, "numbers": cells})
        else:
            found.append({"name": name, "json": as_json([plain(cell, name, str) for cell in cells])})
    return found


def runs(tracker: str | None, project: str | None, where: str | None, **more: Any) -> Answer:
    """The runs that match; see `Tracker.runs`."""

    def work() -> list[dict[str, Any]]:
        with runjson.open(tracker) as opened:
            return _columns(opened.runs(project, where=where, **more))

    return _answer(work)


def series(tracker: str | None, names: Sequence[str], runs: Sequence[str] | None, **more: Any) -> Answer:
    """Points of series; see `Tracker.series`."""

    def work() -> list[dict[str, Any]]:
        with runjson.open(tracker) as opened:
            return _columns(opened.series(names, runs=runs, **more))

    return _answer(work)


def download(tracker: str | None, run: str, name: str, to: str, replace: bool) -> Answer:
    """The artifact, or the images, of that name; the paths of what was written."""

    def work() -> list[str]:
        with runjson.open(tracker) as opened:
            found = opened.run(run)
            if name in found.artifacts:
                return [str(found.artifacts[name].download(to, replace=replace))]
            if name in found.images:
                return [
                    str(image.download(Path(to) / f"{index}-{Path(image.name).name}", replace=replace))
                    for index, image in enumerate(found.images[name])
                ]
            known = ", ".join([*found.artifacts, *found.images]) or "none"
            raise ValueError(f'the run has no artifact and no images "{name}"; it has {known}.')

    return _answer(work)
