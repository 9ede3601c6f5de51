"""Small requests that bring more of a stream: those that wait while others are tracked go next, all by one thread."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Final, Generic, TypeAlias, TypeVar

from anyio import CapacityLimiter, to_thread
from runjson_tracker.steps import Left, Steps, finish, perform_together
from runjson_tracker.store import Store

R = TypeVar("R")
_Waiting: TypeAlias = "tuple[Steps[R], asyncio.Future[R]]"
# So many are tracked at once: those that come next do not wait for long.
_MOST: Final = 32


class Gathering(Generic[R]):
    """Does the steps of many requests, whose changes are written together.

    Nobody waits for company: whoever comes first begins at once. The more come at a time, the less each of them takes:
    they share a change of threads, a transaction and its statements, and what a disk does to keep them. What can not be
    written with others, or would have them wait, is done apart.

    Args:
        store: the tracker.
        apart: says how many threads do what is done apart.
    """

    def __init__(self, store: Store, apart: CapacityLimiter) -> None:
        self._store = store
        self._apart = apart
        self._waiting: list[_Waiting[R]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = CapacityLimiter(1)
        self._at_work = False

    async def __call__(self, steps: Steps[R]) -> R:
        """Do some steps, which are begun in a thread; what they come to.

        Raises:
            Exception: what they raise.
        """
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((steps, future))
        if not self._at_work:
            self._at_work = True
            self._start(self._work())
        return await future

    async def end(self) -> None:
        """Wait until all is done."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
                await self._track(batch)
        finally:
            self._at_work = False

    async def _track(self, batch: list[_Waiting[R]]) -> None:
        try:
            found = await to_thread.run_sync(self._perform, batch, limiter=self._thread)
        except BaseException as error:  # a fault of ours, or the end of the server: nobody is to wait for ever
            for _, future in batch:
                _answer(future, _told(error))
            if isinstance(error, asyncio.CancelledError):
                raise
            return
        for (_, future), one in zip(batch, found, strict=True):
            if isinstance(one, Left):
                self._start(self._finish(one, future))
            else:
                _answer(future, one)

    def _perform(self, batch: list[_Waiting[R]]) -> list[R | Exception | Left[R]]:
        return perform_together((steps for steps, _ in batch), self._store.write_all)

    async def _finish(self, left: R | Exception | Left[R], future: asyncio.Future[R]) -> None:
        def work() -> R:
            return finish(left, self._store.write)

        try:
            _answer(future, await to_thread.run_sync(work, limiter=self._apart))
        except BaseException as error:  # as above
            _answer(future, _told(error))
            if isinstance(error, asyncio.CancelledError):
                raise


def _told(error: BaseException) -> Exception:
    return error if isinstance(error, Exception) else RuntimeError(f"stopped by {error!r}")


def _answer(future: asyncio.Future[R], came: R | Exception) -> None:
    if future.done():  # nobody waits for it any more
        return
    if isinstance(came, Exception):
        future.set_exception(came)
    else:
        future.set_result(came)
