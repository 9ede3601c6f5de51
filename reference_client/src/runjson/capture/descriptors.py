"""File descriptors 1 and 2 through pipes, so that what other languages and processes print is captured, too."""

from __future__ import annotations

import codecs
import contextlib
import ctypes
import os
import select
import sys
import threading
import time
from collections.abc import Callable

_PIECE = 64 << 10
# Seconds that the end of a run waits for what is in the pipes.
_LONGEST = 2.0


class Descriptors:
    """Standard output and standard error of the process, with a reader for each.

    What is read is printed where it was printed before, byte for byte. Since the descriptors are pipes meanwhile,
    programs do not see a terminal, and C libraries may print in larger pieces. A process that was started here and
    lives longer than the run goes on printing through the reader, as long as this process lives.

    Args:
        take: called with `stdout` or `stderr` and a text.

    Raises:
        OSError: a pipe can not be made, or a descriptor is closed.
    """

    def __init__(self, take: Callable[[str, str], None]) -> None:
        self._pipes: list[_Pipe] = []
        try:
            for number, stream in ((1, "stdout"), (2, "stderr")):
                self._pipes.append(_Pipe(number, stream, take))
        except OSError:
            self.stop()
            raise

    def stop(self) -> None:
        """Put the descriptors back, and take what is still in the pipes."""
        flushing = threading.Thread(target=_flush, name="runjson-flush", daemon=True)
        flushing.start()  # aside: a terminal that was halted must not halt the end of the run
        flushing.join(_LONGEST)
        for pipe in self._pipes:
            pipe.stop()

    def settle(self) -> None:
        """Wait until all that was printed so far is taken."""
        _flush()
        for pipe in self._pipes:
            pipe.settle()

    def forked(self) -> None:
        """Let go of the ends that only the parent reads."""
        for pipe in self._pipes:
            pipe.forked()


class _Pipe:
    def __init__(self, number: int, stream: str, take: Callable[[str, str], None]) -> None:
        _flush()
        self._number = number
        self._stream = stream
        self._take: Callable[[str, str], None] | None = take
        self._original = os.dup(number)
        self._end, write_end = os.pipe()
        os.dup2(write_end, number)
        os.close(write_end)
        self._busy = True
        self._thread = threading.Thread(target=self._work, name=f"runjson-{stream}", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        shown = True
        while True:
            self._busy = False
            try:
                select.select([self._end], [], [])
                self._busy = True
                data = os.read(self._end, _PIECE)
            except (OSError, ValueError):
                return
            take = self._take
            text = decoder.decode(data, final=not data)
            if take is not None and text:
                take(self._stream, text)
            if not data:
                break
            shown = shown and self._print(data)
        with contextlib.suppress(OSError):
            os.close(self._end)
            os.close(self._original)

    def _print(self, data: bytes) -> bool:
        """Print what was read; False if nothing can be printed there any more."""
        done = 0
        try:
            while done < len(data):
                try:
                    done += os.write(self._original, data[done:])
                except BlockingIOError:
                    select.select([], [self._original], [], 1.0)
        except (OSError, ValueError):
            return False
        return True

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            os.dup2(self._original, self._number)
        # A process that was started here may hold the pipe open: then it is enough that it is empty.
        self._thread.join(0.02)
        self.settle()
        self._take = None

    def settle(self) -> None:
        end = time.monotonic() + _LONGEST
        while self._thread.is_alive() and not self._is_empty() and time.monotonic() < end:
            self._thread.join(0.005)

    def _is_empty(self) -> bool:
        try:
            return not select.select([self._end], [], [], 0)[0] and not self._busy
        except (OSError, ValueError):
            return True

    def forked(self) -> None:
        for descriptor in (self._end, self._original):
            with contextlib.suppress(OSError):
                os.close(descriptor)


def _flush() -> None:
    """Write what Python and the C library keep of what was printed."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).fflush(None)
