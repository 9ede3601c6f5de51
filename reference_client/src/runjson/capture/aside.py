"""Work that is done beside the training, once, after the beginning of a run."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runjson.run import Run

# So many seconds the end of a run waits at most for work that is not done.
_LONGEST = 5.0


class Aside:
    """Work in a thread of its own, which the end of the run waits for, at most 5 s.

    Args:
        run: that trouble is told to.
        work: what is done.
        name: of the thread.
    """

    def __init__(self, run: Run, work: Callable[[], None], name: str) -> None:
        self.hurry = threading.Event()
        self._thread = threading.Thread(target=run._guarded, args=(work,), name=f"runjson-{name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Wait until the work is done."""
        self.hurry.set()
        if self._thread is not threading.current_thread():
            self._thread.join(_LONGEST)

    def forked(self) -> None:
        """The thread is the parent's."""
