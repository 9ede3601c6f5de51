"""A stream on disk: a line is one write to the operating system, and nothing that goes wrong reaches the caller.

What was written is kept when the process is killed. A line that does not fit on the disk waits in memory until there
is room again; a file that was removed is written anew from what its handle still holds.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

# So many bytes of lines wait in memory while they can not be written; then the oldest are lost, and that is told.
_MOST_WAITING = 64 << 20
# While lines wait, writing is tried again at most every so many seconds; as often is looked whether the file is there.
_PAUSE = 1.0
_PIECE = 1 << 20


class Stream:
    """A run file that lines are appended to, by any number of threads.

    Args:
        path: of the file; it is made if it is not there, and goes on behind its last whole line if it is.
        warn: called once for each kind of trouble, with a sentence.

    Attributes:
        path: of the file.
        lost: how many lines were given up, since too many waited.
    """

    def __init__(self, path: Path, warn: Callable[[str, str], None]) -> None:
        self.path = path
        self.lost = 0
        self._warn = warn
        self._lock = threading.RLock()  # a signal may come while it is held
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._again = 0.0
        self._looked = time.monotonic()
        self._handle = self._open()
        self._end_line()

    def write(self, line: bytes) -> None:
        """Append whole lines, with one call to the operating system."""
        with self._lock:
            if self._handle < 0:
                return
            if self._waiting or time.monotonic() - self._looked > _PAUSE:
                self._carefully(line)
                return
            try:
                written = os.write(self._handle, line)
            except OSError as error:
                self._wait(line, 0, error)
                return
            if written != len(line):
                self._wait(line, written, None)

    def close(self) -> None:
        """Write what waits, if that is possible now, and let go of the file."""
        with self._lock:
            if self._handle < 0:
                return
            self._again = 0.0
            self._carefully(b"")
            if self._waiting:
                self._warn("closed", f"{len(self._waiting):,} lines could not be written to {self.path}.")
            os.close(self._handle)
            self._handle = -1

    def forget(self) -> None:
        """Let go of the file in a process that was forked: it is the parent's."""
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = -1

    def _open(self) -> int:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # For reading too: what was written can be had back if the file is removed.
        return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o666)

    def _end_line(self) -> None:
        """Begin a line of one's own behind what a killed writer left (SPEC 3.3)."""
        size = os.fstat(self._handle).st_size
        if size and os.pread(self._handle, 1, size - 1) != b"\n":
            self._put(b"\n")

    def _put(self, data: bytes) -> None:
        """Write all of it, or nothing.

        Raises:
            OSError: it can not be written.
        """
        done = 0
        try:
            while done < len(data):
                done += os.write(self._handle, data[done:] if done else data)
        except OSError:
            self._cut(done)
            raise

    def _cut(self, written: int) -> None:
        """Take back what was written of a line; a line that stays torn is ended by the next one's line break."""
        if written:
            os.ftruncate(self._handle, os.fstat(self._handle).st_size - written)

    def _wait(self, line: bytes, written: int, error: OSError | None) -> None:
        """Take a line back that was not written whole, and keep it."""
        try:
            if error is None:
                try:
                    self._put_rest(line, written)
                    return
                except OSError as why:
                    error = why
            self._keep(line)
            self._again = time.monotonic() + _PAUSE
        finally:
            if error is not None:
                reason = error.strerror or error
                self._warn("write", f"{self.path} can not be written ({reason}): lines wait in memory.")

    def _put_rest(self, line: bytes, written: int) -> None:
        done = written
        try:
            while done < len(line):
                done += os.write(self._handle, line[done:])
        except OSError:
            self._cut(done)
            raise

    def _keep(self, line: bytes) -> None:
        self._waiting.append(line)
        self._waiting_bytes += len(line)
        while self._waiting_bytes > _MOST_WAITING:
            self._waiting_bytes -= len(self._waiting.popleft())
            self.lost += 1
            self._warn(
                "lost", f"more than {_MOST_WAITING >> 20} MiB of lines wait for {self.path}: the oldest are lost."
            )

    def _carefully(self, line: bytes) -> None:
        """Write a line behind those that wait, after a look whether the file is there."""
        now = time.monotonic()
        self._looked = now
        if line:
            self._keep(line)
        if now < self._again:
            return
        try:
            self._restore()
            while self._waiting:
                first = self._waiting[0]
                self._put(first)
                self._waiting.popleft()
                self._waiting_bytes -= len(first)
        except OSError as error:
            self._again = now + _PAUSE
            self._warn("write", f"{self.path} can not be written ({error.strerror or error}): lines wait in memory.")

    def _restore(self) -> None:
        """Write the file anew where it was removed."""
        if os.fstat(self._handle).st_nlink:
            return
        old, self._handle = self._handle, self._open()
        try:
            place = 0
            if os.fstat(self._handle).st_size == 0:
                while piece := os.pread(old, _PIECE, place):
                    self._put(piece)
                    place += len(piece)
        except OSError:
            os.close(self._handle)
            self._handle = old
            raise
        os.close(old)
        self._warn("gone", f"{self.path} was removed; it is there again.")
