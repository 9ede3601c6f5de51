"""What the program prints, as text points `console/stdout` and `console/stderr`."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from runjson import lines
from runjson.capture.notebook import in_notebook
from runjson.capture.rows import Rows
from runjson.names import rank

if TYPE_CHECKING:
    from runjson.capture.descriptors import Descriptors
    from runjson.run import Run

_STREAMS = ("stdout", "stderr")
# Seconds between two looks at what was printed, and pieces that wait at most; more are left out, and that is said.
_PAUSE = 0.5
_MOST = 500_000
# Lines in one record.
_BATCH = 2000
# Consoles of running runs, the innermost last.
_running: list[Console] = []
_within = threading.local()


class Tee:
    """A stream that prints as before, and gives what it prints to the innermost running run.

    All attributes are those of the stream it stands for. After the end of all runs it only passes on: handlers of
    logging may hold it for ever. A `write` that is put in place of its own, as IPython does while a cell runs, stays
    here: in the stream it stands for, it would call itself.
    """

    _own = frozenset({"_original", "_stream", "write", "writelines"})

    def __init__(self, original: Any, stream: str) -> None:  # Any: whatever stands in sys.stdout
        self._original = original
        self._stream = stream

    def write(self, text: str) -> Any:
        """Print; returns what the stream returns, and raises what it raises."""
        if getattr(_within, "write", False):  # another one, that prints through this one, has it
            return self._original.write(text)
        _within.write = True
        try:
            count = self._original.write(text)
        finally:
            _within.write = False
        if type(text) is str:
            for innermost in _running[-1:]:  # another thread may end it meanwhile
                if innermost._tees.get(self._stream) is self:  # else it takes what reaches the descriptor
                    innermost.take(self._stream, text)
        return count

    def writelines(self, texts: Iterable[str]) -> None:
        """Print texts, one behind the other."""
        for text in texts:
            self.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "_original"), name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in Tee._own:
            object.__setattr__(self, name, value)
        else:
            setattr(self._original, name, value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._original)

    def __enter__(self) -> Tee:
        self._original.__enter__()
        return self

    def __exit__(self, *error: object) -> Any:
        return self._original.__exit__(*error)

    def __repr__(self) -> str:
        return repr(self._original)


class Console:
    """Writes what is printed as text points, a line a point.

    Printing costs an append to a queue, and takes no lock, so that it may happen in a signal handler, too. A thread
    writes the queue every half second, and the end of the run writes the rest. If the process is killed, at most what
    was printed in the last second is lost, and a line that had not been ended. A line that is rewritten, such as a
    progress bar, is written once it is ended, in its last state. See `Rows` for escape sequences.

    Args:
        run: that the points are of. Of several runs in one process the innermost gets them.
        streams: whether sys.stdout and sys.stderr are taken.
        descriptors: whether the file descriptors 1 and 2 are, with all that other languages and processes print.
    """

    def __init__(self, run: Run, *, streams: bool, descriptors: bool) -> None:
        self._run = run
        ranked = rank()
        self._prefix = "console" if ranked is None else f"rank/{ranked[0]}/console"
        self._waiting: deque[tuple[str, int, float, str]] = deque()
        self._lost = 0
        self._rows: dict[tuple[str, int], Rows] = {}
        self._draining = threading.Lock()
        self._stopping = threading.Event()
        self._tees: dict[str, Tee] = {}
        self._descriptors: Descriptors | None = None
        if descriptors:
            from runjson.capture.descriptors import Descriptors  # noqa: PLC0415  loaded when it is asked for

            self._descriptors = Descriptors(self._take_innermost)
        # What Python prints reaches the descriptors, save in a notebook.
        if streams and (not descriptors or in_notebook()):
            self._wrap()
        _settle()
        _running.append(self)
        self._thread = threading.Thread(target=self._work, name="runjson-console", daemon=True)
        self._thread.start()

    def take(self, stream: str, text: str) -> None:
        """Take a text that was printed."""
        if len(self._waiting) < _MOST:
            # Each thread's lines are put together for themselves: `print` writes the text and the line break apart.
            self._waiting.append((stream, threading.get_ident(), time.time(), text))
        else:
            self._lost += 1

    def _take_innermost(self, stream: str, text: str) -> None:
        """Take what reached a descriptor; while a run within this one goes, it is that one's."""
        if _running[-1:] == [self]:
            self.take(stream, text)

    def stop(self) -> None:
        """Write the rest, and leave the streams as they were; one that was replaced since stays replaced."""
        if self._descriptors is not None:
            self._run._guarded(self._descriptors.stop)
        _settle()
        with contextlib.suppress(ValueError):
            _running.remove(self)
        for stream, tee in self._tees.items():
            shared = any(other._tees.get(stream) is tee for other in _running)
            if getattr(sys, stream) is tee and not shared:
                setattr(sys, stream, tee._original)
        self._stopping.set()
        if self._thread is not threading.current_thread():
            self._thread.join(5)
        self._drain(last=True)

    def forked(self) -> None:
        """Only pass on: what this process prints is not the run's, unless it is printed through the parent's pipe."""
        _running.clear()
        self._waiting = deque()
        if self._descriptors is not None:
            self._descriptors.forked()

    def _wrap(self) -> None:
        for stream in _STREAMS:
            there = getattr(sys, stream)
            if there is None:
                continue
            if not isinstance(there, Tee):
                there = Tee(there, stream)
                setattr(sys, stream, there)
            self._tees[stream] = there

    def _work(self) -> None:
        while not self._stopping.wait(_PAUSE):
            self._run._guarded(self._drain)

    def _drain(self, *, last: bool = False) -> None:
        """Write what waits."""
        if not self._draining.acquire(timeout=2):
            return
        try:
            for _ in range(len(self._waiting)):
                stream, thread, moment, text = self._waiting.popleft()
                rows = self._rows.get((stream, thread))
                if rows is None:
                    rows = self._rows[stream, thread] = Rows()
                rows.feed(text, moment)
            lost, self._lost = self._lost, 0
            now = time.time()
            for stream in _STREAMS:
                found = [
                    line
                    for (name, _), rows in self._rows.items()
                    if name == stream
                    for line in rows.take(now, last=last)
                ]
                if lost and stream == "stdout":
                    found.append((now, f"[{lost:,} pieces that were printed are left out here]"))
                found.sort(key=lambda line: line[0])
                for start in range(0, len(found), _BATCH):
                    self._write(stream, found[start : start + _BATCH])
            if len(self._rows) > 100:  # threads come and go; what they left is empty mostly
                self._rows = {key: rows for key, rows in self._rows.items() if not rows.empty}
        finally:
            self._draining.release()

    def _write(self, stream: str, found: list[tuple[float, str]]) -> None:
        columns = {
            "values": f"[{','.join(lines.quoted(text) for _, text in found)}]",
            "times": lines.numbers(round(moment, 3) for moment, _ in found),
        }
        self._run._say({"text": lines.entries({f"{self._prefix}/{stream}": lines.entries(columns)})})


def _settle() -> None:
    """Let what was printed so far arrive, before it is another run's turn."""
    for console in list(_running):
        if console._descriptors is not None:
            console._descriptors.settle()
