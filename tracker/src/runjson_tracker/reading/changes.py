"""What people may change in a run that was tracked: each change is a record of the writer `~` (SPEC 9.3)."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runjson_schema.numbers import special

from runjson_tracker.blobs import digest_of
from runjson_tracker.edits import Attached
from runjson_tracker.errors import StoreError

if TYPE_CHECKING:
    from runjson_tracker.reading.interface import Reading


class Changeable:
    """The part of a run by which it is changed. Its parameters stay what they were.

    Attributes:
        project: of the run.
        id: of the run.
    """

    def __init__(self, tracker: Reading, project: str, run: str) -> None:
        self._tracker = tracker
        self.project = project
        self.id = run

    def reload(self) -> None:
        """Read again what may have changed."""
        raise NotImplementedError

    def set_properties(self, properties: Mapping[str, Any] | None = None, **named: Any) -> None:
        """Set properties; None takes one back.

        Raises:
            EditRefused: a value can not be JSON.
        """
        self._edit({"properties": {name: _json(value) for name, value in {**(properties or {}), **named}.items()}})

    def add_tags(self, *tags: str) -> None:
        """Add tags."""
        self._edit({"tags": list(tags)})

    def remove_tags(self, *tags: str) -> None:
        """Take tags away."""
        self._edit({"untags": list(tags)})

    def rename(self, name: str) -> None:
        """Give it another title; its id stays."""
        self._edit({"name": name})

    def describe(self, description: str) -> None:
        """Give it another description, which is Markdown."""
        self._edit({"description": description})

    def regroup(self, group: str) -> None:
        """Put it into another group of runs."""
        self._edit({"group": group})

    def log(self, values: Mapping[str, float], *, step: float | None = None, time: float | None = None) -> None:
        """Add a point to each of some series of numbers.

        Args:
            values: by the name of the series.
            step: of the points.
            time: of the points, in seconds since 1970.
        """
        points = {name: _number(value) for name, value in values.items()}
        self._edit({"step": step, "time": time, "series": points})

    def log_text(self, name: str, text: str, *, step: float | None = None) -> None:
        """Add a text."""
        self._edit({"step": step, "text": {name: [text]}})

    def log_image(self, name: str, path: str | os.PathLike[str], *, step: float | None = None) -> None:
        """Add an image from a file.

        Raises:
            OSError: the file can not be read.
        """
        file = _file("images", name, Path(path))
        self._edit({"step": step, "images": {name: [{"path": file.path}]}}, [file])

    def log_artifact(self, path: str | os.PathLike[str], name: str | None = None) -> None:
        """Add a file as an artifact, named like it by default.

        Raises:
            OSError: the file can not be read.
        """
        file = _file("artifacts", name or Path(path).name, Path(path))
        self._edit({"artifacts": {file.name: {"path": file.path}}}, [file])

    def _edit(self, record: dict[str, Any], attached: Sequence[Attached] = ()) -> None:
        self._tracker.edit(self.project, self.id, record, attached)
        self.reload()


def _number(value: Any) -> float | str:  # Any: a number of Python's or numpy's
    number = float(value)
    return number if math.isfinite(number) else special(number)


def _json(value: Any) -> Any:  # Any: what a property may be
    """A property's value as the format writes it."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else {"$int": str(value)}
    if isinstance(value, datetime):
        return {"$datetime": (value if value.tzinfo else value.astimezone()).isoformat()}
    if isinstance(value, Mapping):
        return {str(name): _json(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_json(entry) for entry in value]
    if hasattr(value, "item"):  # numpy's scalars
        return _json(value.item())
    if isinstance(value, float):
        number = _number(value)
        return {"$float": number} if isinstance(number, str) else number
    raise StoreError(f"A {type(value).__name__} is no JSON: write it as text, number, list or dictionary.")


def _file(kind: str, name: str, path: Path) -> Attached:
    """A file on its way into the store, under a path that no other file of the edits has."""
    return Attached(kind, name, f"{digest_of(path)[:16]}/{path.name}", None, path)
