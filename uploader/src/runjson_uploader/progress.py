"""How far an upload is, on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

# Below this size an upload is done before a bar could be read.
_SHOWN = 8_000_000


class Progress:
    """Shows bytes, bytes a second and points a second on the standard error, if that is a terminal; else nothing."""

    def __init__(self, bar: Bar | None, task: TaskID | None) -> None:
        self._bar = bar
        self._task = task
        self._points = 0
        self._read = 0

    def line(self, text: str) -> None:
        """Print a line on the standard output, above the bar where both are one terminal."""
        if self._bar is not None and sys.stdout.isatty():
            self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)
        else:
            sys.stdout.write(text + "\n")

    def reading(self, path: Path, opened: BinaryIO) -> BinaryIO:
        """Show how far a file is read."""
        if self._bar is None or self._task is None:
            return opened
        self._bar.update(self._task, description=path.name)
        return _Counted(opened, self)  # type: ignore[return-value]  # it has what a reader asks for

    def read(self, size: int) -> None:
        """Count bytes that were read."""
        if self._bar is not None and self._task is not None:
            self._read += size
            self._bar.update(self._task, completed=self._read)

    def done(self, size: int, points: int, before: int) -> None:
        """Count a file of so many bytes that is done; `before` is what `so_far` was when it began."""
        self._points += points
        if self._bar is not None and self._task is not None:
            self._read = before + size
            elapsed = self._bar.tasks[0].elapsed or 0.0
            rate = f"{self._points / elapsed:,.0f}" if elapsed else "0"
            self._bar.update(self._task, completed=self._read, points=rate)

    @property
    def so_far(self) -> int:
        """How many bytes were read."""
        return self._read


class _Counted:
    """A file whose reading is counted."""

    def __init__(self, source: BinaryIO, progress: Progress) -> None:
        self._source = source
        self._progress = progress
        self._before = progress.so_far
        self.tell = source.tell
        self.readline = source.readline

    def read(self, size: int = -1) -> bytes:
        piece = self._source.read(size)
        self._progress.read(len(piece))
        return piece

    def seek(self, offset: int, whence: int = 0) -> int:
        at = self._source.seek(offset, whence)
        self._progress.read(self._before + at - self._progress.so_far)
        return at


@contextmanager
def shown(sizes: int) -> Iterator[Progress]:
    """Show the progress of an upload of so many bytes."""
    if sizes < _SHOWN or not sys.stderr.isatty():
        yield Progress(None, None)
        return
    from rich import progress as rich  # noqa: PLC0415  loaded where there is something to show
    from rich.console import Console  # noqa: PLC0415

    columns = (
        rich.TextColumn("{task.description}", markup=False),
        rich.BarColumn(),
        rich.TaskProgressColumn(),
        rich.DownloadColumn(),
        rich.TransferSpeedColumn(),
        rich.TextColumn("{task.fields[points]} points/s", markup=False),
        rich.TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with rich.Progress(*columns, console=console, transient=True, redirect_stdout=False) as bar:
        yield Progress(bar, bar.add_task("", total=sizes, points="0"))
