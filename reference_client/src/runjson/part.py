"""One process' part of a run: its run file, and whom trouble is told to."""

from __future__ import annotations

import os
import re
import socket
import sys
import threading
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from runjson import lines
from runjson.parameters import Default
from runjson.stream import Stream
from runjson.write_once import WriteOnce

_open_parts: weakref.WeakSet[Part] = weakref.WeakSet()
_MOST_TOLD = 1000


class Part:
    """What this process writes of a run: lines, each at once, into a file of its own.

    A forked or spawned process that writes becomes another part of the run, with a file beside this one (SPEC 9.3).
    Nothing that goes wrong reaches the caller: it is told once on standard error.
    """

    def __init__(
        self, *, project: str | None, id: str, writer: str | None, folder: Path, disabled: bool,  # noqa: A002  the format's word
        default: Default | None,
    ) -> None:  # fmt: skip
        self.project = project
        self.id = id
        self.writer = writer
        self.folder = folder
        self.finished = False
        self._disabled = disabled
        self._default = default
        self._parameters = WriteOnce()
        self._told: set[str] = set()
        self._stream: Stream | None = None
        self._files: Any = None  # made when the first file is logged
        self._captures: list[Any] = []
        self._process = os.getpid()
        self._host = socket.gethostname()
        self._lock = threading.RLock()
        _open_parts.add(self)

    @property
    def path(self) -> Path:
        """Of the run file."""
        return self.folder / (f"{self.writer}.run.jsonl" if self.writer else "run.jsonl")

    # -- writing -----------------------------------------------------------------------------------------------------

    def _begin(self, members: Mapping[str, str]) -> None:
        """Write the first line."""
        if self._disabled:
            return
        self._stream = Stream(self.path, self._warn)
        head = {"runjson": '"1.0"'}
        for name, text in (("project", self.project), ("id", self.id), ("writer", self.writer)):
            if text is not None:
                head[name] = lines.quoted(text)
        self._stream.write(lines.record({**head, **members}))

    def _say(self, members: Mapping[str, str]) -> None:
        self._write(lines.record(members))

    def _write(self, line: bytes, *, last: bool = False) -> None:
        """Append a line; nothing that goes wrong reaches the caller."""
        if self._process != os.getpid():
            self._adopt()
        if self._stream is None:
            return
        if self.finished and not last:
            self._warn("finished", "something was logged after the run had ended: it was left out.")
            return
        try:
            self._stream.write(line)
        except Exception as fault:
            self._trouble("write", fault)

    def _store(self) -> Any:
        """Where files of this run are kept."""
        if self._process != os.getpid():
            self._adopt()
        with self._lock:
            if self._files is None:
                from runjson.media.files import Files  # noqa: PLC0415  loaded when it is used

                self._files = Files(self.folder, self.writer)
            return self._files

    # -- other processes ---------------------------------------------------------------------------------------------

    def _adopt(self) -> None:
        """Become a part of the run of its own, in a process that is not the one that began it."""
        with self._lock:
            if self._process == os.getpid():
                return
            self._process = os.getpid()
            self._captures, self._files = [], None
            host = socket.gethostname()
            there = "" if host == self._host else f"-{re.sub('[^A-Za-z0-9.-]', '-', host)[:60]}"
            self.writer = f"{f'{self.writer}-' if self.writer else ''}process{there}-{self._process}"
            self.finished = False
            self._guarded(lambda: self._begin({}))

    def _forked(self) -> None:
        """Called in a child right after a fork."""
        self._lock = threading.RLock()
        if self._stream is not None:
            self._stream.forget()

    def __getstate__(self) -> dict[str, Any]:
        return {
            name: getattr(self, name)
            for name in ("project", "id", "writer", "folder", "_disabled", "_default", "_parameters", "_host")
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(  # type: ignore[misc]
            project=state["project"], id=state["id"], writer=state["writer"], folder=state["folder"],
            disabled=state["_disabled"], default=state["_default"],
        )  # fmt: skip
        self._parameters, self._host = state["_parameters"], state["_host"]
        self._process = -1  # none: who writes first begins a part

    # -- trouble -----------------------------------------------------------------------------------------------------

    def _guarded(self, work: Callable[[], Any], name: Any = None) -> None:
        """Do something, with what has this name perhaps; what it raises is told."""
        try:
            work()
        except Exception as fault:
            self._trouble("work", fault, name)

    def _trouble(self, what: str, fault: Exception, name: Any = None) -> None:
        about = "" if name is None else f'"{name}": '
        self._warn(
            f"{what} {name} {type(fault).__name__} {fault}"[:200],
            f"{about}{fault} ({type(fault).__name__}); training goes on.",
        )

    def _warn(self, kind: str, text: str) -> None:
        """Tell something once, where a person sees it and nothing catches it."""
        if kind in self._told or len(self._told) > _MOST_TOLD:
            return
        self._told.add(kind)
        try:
            print(f"runjson: {' '.join(text.split())}", file=sys.__stderr__, flush=True)
        except (OSError, ValueError, AttributeError):
            return  # there is no standard error


def _after_fork() -> None:
    for part in list(_open_parts):
        part._forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
