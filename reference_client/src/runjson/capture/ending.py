"""How the program ends: an uncaught exception fails the run, Ctrl-C and SIGTERM abort it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runjson.run import Run


class Ending:
    """Stands before the hook for uncaught exceptions and the handler of SIGTERM; both still do what they did."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._process = os.getpid()
        self._hook = sys.excepthook
        sys.excepthook = self._excepthook
        self._handler: Any = None
        self._handles = False
        if threading.current_thread() is threading.main_thread():
            self._handler = signal.getsignal(signal.SIGTERM)
            if self._handler == signal.SIG_DFL:  # a handler of the program's own is left alone
                signal.signal(signal.SIGTERM, self._on_sigterm)
                self._handles = True

    def stop(self) -> None:
        """Put back what stood there."""
        if sys.excepthook == self._excepthook:
            sys.excepthook = self._hook
        if self._handles and threading.current_thread() is threading.main_thread():
            if signal.getsignal(signal.SIGTERM) == self._on_sigterm:
                signal.signal(signal.SIGTERM, self._handler)
            self._handles = False

    def _excepthook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if self._process == os.getpid() and not self._run.finished:
            if isinstance(error, KeyboardInterrupt):
                self._run._guarded(lambda: self._run.finish("aborted"))
            else:
                self._run._guarded(lambda: self._run.fail(error.with_traceback(trace)))
        self._hook(kind, error, trace)
        if kind is KeyboardInterrupt:
            _by_signal()

    def _on_sigterm(self, number: int, frame: FrameType | None) -> None:
        if self._process == os.getpid():
            self._run._guarded(lambda: self._run.finish("aborted"))
        # The exit status says what it would have said.
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


def _by_signal() -> None:
    """Let Python end by SIGINT, as it does after Ctrl-C, so that a shell sees it.

    Python notes it when the exception leaves the program, and forgets it when any thread evaluates a text meanwhile, as
    modules do that are being imported. Evaluating a text that raises the exception makes it note it again.
    """
    try:
        eval("(_ for _ in ()).throw(KeyboardInterrupt)")  # noqa: S307  a constant
    except KeyboardInterrupt:
        return
