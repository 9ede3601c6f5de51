"""How the program ends: by an exception, from the keyboard, by a signal, with an exit status.

What can be seen: an exception that nothing catches (sys.excepthook); `sys.exit(2)`, by argparse too, since sys.exit
raises an exception whose code tells when the interpreter itself reads it; SIGTERM. What can not: `raise SystemExit(2)`
and the builtin `exit(2)` without a `with` block around them, os._exit, SIGKILL and a crash. The first two look like a
program that succeeded; after the others the run stays as it was, `running`.

In IPython and Jupyter a failed cell ends nothing: the run is finished when the kernel ends, or by `run.finish()`.
"""

from __future__ import annotations

import _thread
import contextlib
import functools
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from runjson.run import Run

# Of the runs that go in this process, the innermost last; and what stood in sys before.
_running: list[Ending] = []
_before: dict[str, Any] = {}


class Ending:
    """Finishes the run when the program ends. What others put in place of the hooks since stays there."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.process = os.getpid()
        if not _running:
            _install()
        _running.append(self)

    def stop(self) -> None:
        """Take the hooks away, if this was the last run."""
        with contextlib.suppress(ValueError):
            _running.remove(self)
        if not _running:
            _remove()

    def forked(self) -> None:
        """The end of this process is not that of the run."""
        _running.clear()
        _remove()


class Exit(SystemExit):
    """What sys.exit raises while a run goes: a SystemExit that tells when the interpreter ends because of it."""

    @property
    def code(self) -> Any:  # Any: as of SystemExit
        """The exit status, or a text that is printed."""
        found = self.args[0] if len(self.args) == 1 else self.args or None
        try:
            sys._getframe(1)
        except ValueError:  # nothing calls but the interpreter, which ends
            if found not in {None, 0}:
                _end_all(lambda run: run.fail(f"exit status {found}" if isinstance(found, int) else str(found)))
        return found

    @code.setter
    def code(self, code: Any) -> None:
        self.args = (code,)


def _install() -> None:
    _before["excepthook"], sys.excepthook = sys.excepthook, _excepthook
    _before["exit"], sys.exit = sys.exit, _exit
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _terminated)


def _remove() -> None:
    if sys.excepthook is _excepthook:
        sys.excepthook = _before["excepthook"]
    if sys.exit is _exit:
        sys.exit = _before["exit"]
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is _terminated:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end_all(end: Callable[[Run], None]) -> None:
    """End each run of this process, the innermost first; nothing is raised."""
    for ending in reversed(list(_running)):
        run = ending.run
        if not run.finished and ending.process == os.getpid():
            run._guarded(functools.partial(end, run))


def _excepthook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    old = _before["excepthook"]
    if not hasattr(sys, "ps1"):  # at a prompt an exception ends nothing
        if issubclass(kind, KeyboardInterrupt):
            _end_all(lambda run: run.finish("aborted"))
        else:
            _end_all(lambda run: run.fail(error))
    old(kind, error, trace)


def _exit(status: Any = None, /) -> NoReturn:
    """Leave the interpreter, as sys.exit does."""
    if not _running or hasattr(sys, "ps1"):
        raise SystemExit(status)
    raise Exit(status)


def _terminated(number: int, frame: FrameType | None) -> None:
    """End the runs, and then the process by the same signal.

    A thread does it: the code that was interrupted may hold a lock that the end needs. A second signal is not waited
    for.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _thread.start_new_thread(_end_by_signal, (number,))


def _end_by_signal(number: int) -> None:
    def abort(run: Run) -> None:
        run._told.add("finished")  # the training goes on for a moment; that needs no warning
        run.finish("aborted")

    try:
        _end_all(abort)
    finally:
        os.kill(os.getpid(), number)
