"""Beginning to capture, part by part: what fails is told once, and the run goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from runjson.run import Run


class Capture(Protocol):
    """A part that captures until it is stopped."""

    def stop(self) -> None:
        """Capture no more; what was captured is written."""


def begin(run: Run, wanted: set[str]) -> list[Capture]:
    """Begin to capture what is wanted.

    Args:
        run: that it is said of.
        wanted: of `git`, `program`, `environment`, `hardware`, `console`, `ending`.

    Returns:
        What is to be stopped when the run ends, in the order in which it began.
    """
    from runjson.capture.console import Console  # noqa: PLC0415  loaded with what is captured
    from runjson.capture.ending import Ending  # noqa: PLC0415
    from runjson.capture.git import Git  # noqa: PLC0415
    from runjson.capture.hardware import Hardware  # noqa: PLC0415
    from runjson.capture.machine import Machine  # noqa: PLC0415
    from runjson.capture.program import Program  # noqa: PLC0415

    parts: dict[str, Callable[[Run], Capture]] = {
        "git": Git,
        "program": Program,
        "environment": Machine,
        "hardware": Hardware,
        "console": Console,
        "ending": Ending,
    }
    begun: list[Capture] = []
    for name, part in parts.items():
        if name in wanted:
            run._guarded(lambda part=part: begun.append(part(run)))
    return begun
