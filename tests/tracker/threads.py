"""Work that threads do at once."""

from __future__ import annotations

import threading
from collections.abc import Callable


def failures_of(work: Callable[[int], object], count: int) -> list[BaseException]:
    """What went wrong when so many threads did the work at once, each with its number."""
    failures: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures
