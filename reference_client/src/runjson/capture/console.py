"""What the program prints, line by line; it is still printed at once.

A line that is printed over with carriage returns, as progress bars are, is its last state. Lines are written together,
at the latest a second after they were printed: a kill loses at most what was printed in its last second.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Any, TextIO

from runjson import lines
from runjson.points import record

if TYPE_CHECKING:
    from runjson.run import Run

_PAUSE = 1.0
# A longer line becomes several.
_LONGEST = 1 << 16
# So many lines are written at once.
_TOGETHER = 500


class Console:
    """Stands in the way of standard output and error. Of several runs the one that began last gets what is printed."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._lock = threading.RLock()  # a signal may come while it is held
        self._lines: list[tuple[str, str, float]] = []
        self._open = {"stdout": "", "stderr": ""}
        self._timer: threading.Timer | None = None
        self._stopped = False
        self._tees: dict[str, _Tee] = {}
        for name in ("stdout", "stderr"):
            original = getattr(sys, name)
            if original is not None:
                self._tees[name] = _Tee(original, name, self)
                setattr(sys, name, self._tees[name])

    def stop(self) -> None:
        """Put back what stood there; where somebody else stands now, ours lets everything through."""
        self._stopped = True
        for name, tee in self._tees.items():
            if getattr(sys, name) is tee:
                setattr(sys, name, tee.original)
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            now = time.time()
            for name, text in self._open.items():
                if text:
                    self._lines.append((name, text, now))
            self._open = dict.fromkeys(self._open, "")
        self._flush()

    def take(self, name: str, text: str) -> None:
        """Take what is printed."""
        if self._stopped:
            return
        now = time.time()
        with self._lock:
            *whole, rest = (self._open[name] + text).split("\n")
            self._open[name] = _last_state(rest)
            for line in whole:
                shown = _last_state(line.removesuffix("\r"))
                for start in range(0, max(len(shown), 1), _LONGEST):
                    self._lines.append((name, shown[start : start + _LONGEST], now))
            many = len(self._lines) >= _TOGETHER
            if self._timer is None and self._lines:
                self._timer = threading.Timer(_PAUSE, self._flush)
                self._timer.daemon = True
                self._timer.start()
        if many:
            self._flush()

    def _flush(self) -> None:
        with self._lock:
            taken, self._lines = self._lines, []
            self._timer = None
        for name in ("stdout", "stderr"):
            texts = [(text, at) for of, text, at in taken if of == name]
            if texts:
                values = ",".join(lines.quoted(text) for text, _ in texts)
                times = ",".join(repr(at) for _, at in texts)
                points = {f"console/{name}": f'{{"values":[{values}],"times":[{times}]}}'}
                self._run._write(record(None, None, {"text": points}))


class _Tee:
    """A stream that prints, and tells what it printed; all else is the original's."""

    def __init__(self, original: TextIO, name: str, console: Console) -> None:
        self.original = original
        self._name = name
        self._console = console

    def write(self, text: str) -> int:
        """Print a text."""
        written = self.original.write(text)
        try:
            self._console.take(self._name, text)
        except Exception as fault:
            self._console._run._trouble("console", fault)
        return written

    def writelines(self, texts: Any) -> None:
        """Print several texts."""
        for text in texts:
            self.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.original, name)

    def __iter__(self) -> Any:
        return iter(self.original)


def _last_state(line: str) -> str:
    """A line as a terminal shows it after its carriage returns."""
    if "\r" not in line:
        return line
    states = [state for state in line.split("\r") if state]
    return states[-1] if states else ""
