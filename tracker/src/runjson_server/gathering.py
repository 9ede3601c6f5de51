"""Small requests that bring more of a stream: those that wait while others are tracked go next, all by one thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Generic, TypeAlias, TypeVar

from anyio import CapacityLimiter, to_thread
from runjson_tracker.steps import Steps, perform_all
from runjson_tracker.store import Store

R = TypeVar("R")
_Waiting: TypeAlias = "tuple[Callable[[], Steps[R]], asyncio.Future[R]]"
# So many are tracked at once: those that come next do not wait for long.
_MOST: Final = 32


class Gathering(Generic[R]):
    """Does the steps of many requests, whose changes are written together.

    Nobody waits for company: whoever comes first begins at once. The more come at a time, the less each of them takes:
    they share a change of threads, a transaction and its statements, and what a disk does to keep them.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[_Waiting[R]] = []
        self._at_work: asyncio.Task[None] | None = None
        self._thread = CapacityLimiter(1)

    async def __call__(self, begin: Callable[[], Steps[R]]) -> R:
        """Do some steps, which are begun in a thread; what they come to.

        Raises:
            Exception: what they raise.
        """
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((begin, future))
        if self._at_work is None:
            self._at_work = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
                try:
                    came = await to_thread.run_sync(self._perform, batch, limiter=self._thread)
                except Exception as error:  # each of them is told
                    came = [error] * len(batch)
                for (_, future), one in zip(batch, came, strict=True):
                    if future.done():  # nobody waits for it any more
                        continue
                    if isinstance(one, Exception):
                        future.set_exception(one)
                    else:
                        future.set_result(one)
        finally:
            self._at_work = None

    def _perform(self, batch: list[_Waiting[R]]) -> list[R | Exception]:
        return perform_all([begin() for begin, _ in batch], self._store.write_all)
