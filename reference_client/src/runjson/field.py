"""A place in a run, by its path: `run["train/loss"]`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from runjson.run import Run


class Field:
    """What a path of a run stands for: it is known when something is done with it."""

    def __init__(self, run: Run, path: str) -> None:
        self._run = run
        self.path = path

    def append(self, value: Any, step: float | None = None, time: float | None = None) -> None:
        """Add a point: a number, a text or an image."""
        self._run.log({self.path: value}, step=step, time=time)

    log = append

    def extend(
        self,
        values: Iterable[Any],
        steps: Iterable[float | None] | None = None,
        times: Iterable[float | None] | None = None,
    ) -> None:
        """Add many points to a series of numbers."""
        self._run.extend(self.path, values, steps, times)

    def define(
        self,
        *,
        unit: str | None = None,
        goal: Literal["minimize", "maximize"] | None = None,
        description: str | None = None,
        x: str | None = None,
    ) -> None:
        """Say what a series is; see `Run.define_series`."""
        self._run.define_series(self.path, unit=unit, goal=goal, description=description, x=x)

    def upload(self, value: Any, step: float | None = None) -> None:
        """Keep a file as an artifact, or a figure, picture or array as an image."""
        if isinstance(value, str | os.PathLike):
            self._run.log_artifact(value, self.path)
        else:
            self._run.log_image(self.path, value, step=step)

    def track_files(self, path: str | os.PathLike[str]) -> None:
        """Say where files are, with size and digest, without a copy."""
        self._run.track_files(path, self.path)

    def add(self, *tags: str) -> None:
        """Add tags, of `run["tags"]`."""
        self._run.add_tags(*tags)

    def remove(self, *tags: str) -> None:
        """Take tags away, of `run["tags"]`."""
        self._run.remove_tags(*tags)

    def __setitem__(self, name: str, value: Any) -> None:
        self._run[f"{self.path}/{name}"] = value

    def __getitem__(self, name: str) -> Field:
        return Field(self._run, f"{self.path}/{name}")

    def __repr__(self) -> str:
        return f"<{self.path} of run {self._run.id}>"
