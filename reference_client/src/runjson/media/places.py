"""Where the files of a run are put: paths that were never used before and are never used again."""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_LONGEST = 100
_ELSE = re.compile(r"[^A-Za-z0-9._-]")
_NUMBERED = re.compile(r"(.+)-([0-9]{1,15})\.[a-z]+\Z")
_EXTENSION = re.compile(r"(?<=.)\.[A-Za-z][A-Za-z0-9]{0,9}\Z")


class Places:
    """Paths below one folder, each given out once.

    Whoever makes a file or folder first has it: that is decided by the file system, so that threads, forked processes
    and a run that goes on never share one. There is no lock that a fork could leave locked.

    Args:
        root: the folder; made when it is needed.
        shared: whether folders that are there already are used. Artifacts say no: a folder that was recorded as an
            artifact would get a file that was never in it.
    """

    def __init__(self, root: Path, *, shared: bool) -> None:
        self._root = root
        self._shared = shared
        self._made: set[Path] = set()
        self._counters: dict[Path, dict[str, Iterator[int]]] = {}
        self._next: dict[Path, int] = {}

    @contextmanager
    def numbered(self, name: str, extension: str) -> Iterator[tuple[Path, BinaryIO]]:
        """A new file `<name>-<n><extension>`, open for writing; removed if it could not be written.

        Args:
            name: of a series; see `segments`.
            extension: `.png` and the like.
        """
        *above, last = segments(name)
        folder = self._folder(above)
        counter = self._counter(folder, last)
        while True:
            path = folder / f"{last}-{next(counter)}{extension}"
            try:
                file = path.open("xb")
            except FileExistsError:
                continue
            break
        try:
            with file:
                yield path, file
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def new(self, name: str, make: Callable[[Path], None], extension: str = "") -> Path:
        """A new file or folder `<name>`, or else `<name>-2`, `<name>-3` ...; it appears when it is whole.

        Args:
            name: of an artifact; see `segments`.
            make: makes the file or folder at the path that it is given.
            extension: put behind a name that does not end with it.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        partial = self._root / f".partial-{secrets.token_hex(8)}"
        try:
            make(partial)
            *above, last = segments(name)
            if extension and not last.lower().endswith(extension):
                last += extension
            return self._moved(partial, self._folder(above), last)
        except BaseException:
            _remove(partial)
            raise

    def _moved(self, partial: Path, folder: Path, last: str) -> Path:
        first = folder / last
        for number in itertools.count(self._next.get(first, 1)):
            path = folder / _version(last, number)
            try:
                if partial.is_dir():
                    path.mkdir()
                else:
                    path.open("xb").close()
            except FileExistsError:
                continue
            self._next[first] = number + 1
            partial.replace(path)
            return path
        raise AssertionError("counting never ends")

    def _folder(self, names: list[str]) -> Path:
        """The folder of these segments, made where it is not there; beside a file of that name, with a number."""
        self._root.mkdir(parents=True, exist_ok=True)
        place = self._root
        for name in names:
            versions = (place / _version(name, number, folder=True) for number in itertools.count(1))
            place = next(path for path in versions if self._usable(path))
        return place

    def _usable(self, path: Path) -> bool:
        """Whether files may be put into a folder, which is made if nothing is there."""
        if path in self._made:
            return True
        try:
            path.mkdir()
        except FileExistsError:
            if not (self._shared and path.is_dir()):
                return False
        self._made.add(path)
        return True

    def _counter(self, folder: Path, base: str) -> Iterator[int]:
        """Numbers for the files of a series: above all that are there."""
        counters = self._counters.get(folder)
        if counters is None:
            highest: dict[str, int] = {}
            for there in folder.iterdir():
                if match := _NUMBERED.match(there.name):
                    highest[match[1]] = max(highest.get(match[1], 0), int(match[2]))
            found: dict[str, Iterator[int]] = {name: itertools.count(top + 1) for name, top in highest.items()}
            counters = self._counters.setdefault(folder, found)
        return counters.setdefault(base, itertools.count())


def segments(name: str) -> list[str]:
    """The parts of a path for a name: letters A to Z, digits, `.`, `_` and `-`, 100 characters each at most."""
    parts = []
    for part in name.split("/"):
        text = _ELSE.sub("_", part)
        if len(text) > _LONGEST:
            end = _EXTENSION.search(text)
            tail = end[0] if end else ""
            text = text[: _LONGEST - len(tail)] + tail
        # A dot in front hides a file, and two lead out of the folder.
        parts.append("_" + text[1:] if text.startswith(".") else text or "_")
    return parts


def _version(name: str, number: int, *, folder: bool = False) -> str:
    if number == 1:
        return name
    end = None if folder else _EXTENSION.search(name)
    cut = end.start() if end else len(name)
    return f"{name[:cut]}-{number}{name[cut:]}"


def _remove(partial: Path) -> None:
    import shutil  # noqa: PLC0415  loaded when it is used

    if partial.is_dir():
        shutil.rmtree(partial, ignore_errors=True)
    else:
        partial.unlink(missing_ok=True)
