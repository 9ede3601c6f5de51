"""Many run files, also in several processes at once: each has an answer, and none stops the others."""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

from runjson_tracker.location import Location
from runjson_tracker.store import StoreError
from runjson_validator.formats.text import text_lines
from runjson_validator.report import Report
from sqlalchemy.exc import DBAPIError

from runjson_uploader.report import FileReport
from runjson_uploader.target import Target, of_the_target, open_target
from runjson_uploader.upload import Outcome

# So many files for each process wait for it: it is never idle, and a folder of any size takes no memory.
_AHEAD: Final = 4
# Wraps the bytes of a file while it is read, to show progress.
Wrap: TypeAlias = Callable[[Path, BinaryIO], BinaryIO]


@dataclass(frozen=True, slots=True)
class Options:
    """How files are tracked; `location` is the target's."""

    location: Location | str
    project: str
    replace: bool
    dry_run: bool


@dataclass(slots=True)
class Tracked:
    """What became of a file, and of a faulty one what is wrong with it, in lines as `runjson validate` has them."""

    report: FileReport
    lines: list[str] = field(default_factory=list)


def track(path: Path, target: Target, options: Options, wrap: Wrap | None = None) -> Tracked:
    """Track one file.

    Raises:
        StoreError, DBAPIError: the store can not be used; no other file could be tracked either.
    """
    begun = time.perf_counter()
    try:
        with path.open("rb") as opened:
            stat = os.fstat(opened.fileno())
            outcome = target.upload(
                wrap(path, opened) if wrap else opened, path.name, path.parent, project=options.project,
                replace=options.replace, dry_run=options.dry_run, heard=stat.st_mtime,
            )  # fmt: skip
        wrong = _explained(path) if outcome.faulty else None
    except OSError as fault:
        if of_the_target(target, fault):
            why = fault.strerror or fault
            raise StoreError(f"The tracker at {target.location} cannot be written: {why}.") from fault
        return unread(path, f"can not be read: {fault.strerror or fault}.", time.perf_counter() - begun)
    return _tracked(path, outcome, stat.st_size, time.perf_counter() - begun, wrong)


def unread(path: Path, why: str, seconds: float = 0.0) -> Tracked:
    """What becomes of a file that could not be read."""
    return Tracked(FileReport(file=str(path), answer="unread", seconds=seconds, why=[why]))


def _tracked(path: Path, outcome: Outcome, size: int, seconds: float, wrong: Report | None) -> Tracked:
    report = FileReport(
        file=str(path),
        answer=outcome.answer,
        project=outcome.project or None,
        run=outcome.run or None,
        writer=outcome.writer or None,
        size=size,
        points=outcome.points,
        files=outcome.files,
        bytes=outcome.bytes,
        seconds=seconds,
        why=outcome.why,
        warnings=outcome.warnings,
        errors=wrong.errors if wrong else 0,
        findings=wrong.counts if wrong else {},
    )
    return Tracked(report, list(text_lines(wrong)) if wrong and not wrong.valid else [])


def _explained(path: Path) -> Report:
    """All that is wrong with a file."""
    from runjson_validator.validation import validate  # noqa: PLC0415  loaded for a file with errors

    return validate(path)


def track_all(paths: Iterable[Path], options: Options, jobs: int) -> Iterator[Tracked]:
    """Track files in `jobs` processes; what became of each is yielded when it is known.

    Raises:
        StoreError: the store can not be used.
    """
    waiting = iter(paths)
    running: dict[Future[Tracked | str], Path] = {}
    pool = _pool(options, jobs)
    try:
        while True:
            while len(running) < _AHEAD * jobs and (path := next(waiting, None)) is not None:
                running[pool.submit(_in_process, path)] = path
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            broken = False
            for future in done:
                try:
                    result = future.result()
                except BrokenProcessPool:
                    broken = True
                    continue
                del running[future]
                if isinstance(result, str):
                    raise StoreError(result)
                yield result
            if broken:  # a process was killed, for its memory mostly: nobody knows at which of these files
                pool.shutdown(wait=False)
                yield from _one_by_one(list(running.values()), options)
                running.clear()
                pool = _pool(options, jobs)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _one_by_one(paths: list[Path], options: Options) -> Iterator[Tracked]:
    """Track files each in a process of its own."""
    for path in paths:
        with _pool(options, 1) as pool:
            try:
                result = pool.submit(_in_process, path).result()
            except BrokenProcessPool:
                yield unread(path, "its process was killed; perhaps it needs more memory than there is.")
                continue
            if isinstance(result, str):
                raise StoreError(result)
            yield result


def _pool(options: Options, jobs: int) -> ProcessPoolExecutor:
    # Not by fork: a process that has threads, or an open database, has no copy of itself that works.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(options,))


_options: Options | None = None


def _begin(options: Options) -> None:
    """Begin a process: Ctrl-C is for the one that started it, which lets it finish its file."""
    global _options  # noqa: PLW0603  a process of a pool has no other place
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _options = options


@functools.cache
def _target(location: Location | str) -> Target:
    return open_target(location, create=False)


def _in_process(path: Path) -> Tracked | str:
    """Track one file in a process of a pool; a text says why the store can not be used."""
    assert _options is not None
    try:
        return track(path, _target(_options.location), _options)
    except StoreError as fault:
        return str(fault)
    except DBAPIError as fault:
        return f"The tracker at {_options.location} cannot be used: {fault.orig}."
