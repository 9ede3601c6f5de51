"""The parts that a run captures by itself, begun and ended."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from runjson.names import rank

if TYPE_CHECKING:
    from runjson.run import Run


class Capture(Protocol):
    """Something that is captured while a run goes."""

    def stop(self) -> None:
        """Say what is left to be said, and leave everything as it was found; called once, by any thread."""

    def forked(self) -> None:
        """Keep still: this is a process that was forked from the one that captures."""


_captures: weakref.WeakSet[Capture] = weakref.WeakSet()


def begin(run: Run, wanted: set[str], source_files: list[str] | None = None) -> list[Capture]:
    """Begin to capture.

    Of processes that were started together the first alone says what is the same for all of them: git, program and
    environment (CONVENTIONS, runs of several processes).

    Args:
        run: that is captured for.
        wanted: `git`, `program`, `environment`, `hardware`, `console`, `console-fd` and `ending`, or some of them.
        source_files: patterns of files that a copy is kept of; None for the script alone, as part of `program`.

    Returns:
        What was begun; it is stopped in reversed order. A part that can not begin is told once, and left out.
    """
    found: list[Capture] = []
    ranked = rank()
    first = ranked is None or ranked[0] == 0

    def start(make: Callable[[], list[Capture]]) -> None:
        def guarded() -> None:
            for capture in make():
                found.append(capture)
                _captures.add(capture)

        run._guarded(guarded)

    if wanted & {"console", "console-fd"}:
        start(lambda: _console(run, wanted))
    if "program" in wanted and first:
        start(lambda: _program(run))
    if first and (source_files or (source_files is None and "program" in wanted)):
        start(lambda: _source_files(run, source_files))
    if "environment" in wanted and first:
        start(lambda: _environment(run))
    if "git" in wanted and first:
        start(lambda: _git(run))
    if "hardware" in wanted:
        start(lambda: _hardware(run))
    if "ending" in wanted:
        start(lambda: _ending(run))
    return found


# What is captured is loaded when it is captured: hence the imports in functions.


def _console(run: Run, wanted: set[str]) -> list[Capture]:
    from runjson.capture.console import Console  # noqa: PLC0415

    return [Console(run, streams="console" in wanted, descriptors="console-fd" in wanted)]


def _program(run: Run) -> list[Capture]:
    from runjson.capture.notebook import Notebook, in_notebook  # noqa: PLC0415
    from runjson.capture.program import Program  # noqa: PLC0415

    return [Notebook(run)] if in_notebook() else [Program(run)]


def _source_files(run: Run, patterns: list[str] | None) -> list[Capture]:
    from runjson.capture.source_files import SourceFiles  # noqa: PLC0415

    return [SourceFiles(run, patterns)]


def _environment(run: Run) -> list[Capture]:
    from runjson.capture.machine import Machine  # noqa: PLC0415

    return [Machine(run)]


def _git(run: Run) -> list[Capture]:
    from runjson.capture.git import Git  # noqa: PLC0415

    return [Git(run)]


def _hardware(run: Run) -> list[Capture]:
    from runjson.capture.hardware import Hardware, samples_here  # noqa: PLC0415

    return [Hardware(run)] if samples_here() else []


def _ending(run: Run) -> list[Capture]:
    from runjson.capture.ending import Ending  # noqa: PLC0415

    return [Ending(run)]


def _after_fork() -> None:
    for capture in list(_captures):
        capture.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
