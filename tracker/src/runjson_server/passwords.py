"""Passwords on a server: a few are compared at once, and wrong ones counted."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from typing import Final, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Request
from starlette.datastructures import State

from runjson_server.asking import Asking
from runjson_server.problems import Problem
from runjson_server.proxies import household

_T = TypeVar("_T")
# Each comparison takes 64 MiB, and a processor for some 30 ms.
_AT_ONCE: Final = max(1, min(4, len(os.sched_getaffinity(0))))
# So many wait for their turn; others are told to come again.
_WAITING: Final = 100
# So many of an hour are in the log.
NOTED: Final = 600


class Noting:
    """Lets so many wrong passwords an hour into the log: whoever guesses by ever new names does not fill the disk.

    Args:
        clock: says how many seconds have passed.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._hour = -1
        self._count = 0

    def take(self) -> bool:
        """Whether one more is to be noted; if so it counts."""
        hour = int(self._clock() // 3600)
        if hour != self._hour:
            self._hour, self._count = hour, 0
        self._count += 1
        return self._count <= NOTED


class Passwords:
    """Has passwords encoded and compared, so that neither memory nor other requests suffer from it."""

    def __init__(self) -> None:
        self._limiter = CapacityLimiter(_AT_ONCE)
        self.noting = Noting()

    async def take(self, work: Callable[[], _T]) -> _T:
        """Do what encodes or compares a password, in a thread, when it is its turn.

        Raises:
            Problem: too many wait already.
        """
        if self._limiter.statistics().tasks_waiting >= _WAITING:
            raise Problem(503, "Too many sign in at this moment: try again.", {"Retry-After": "2"})
        return await to_thread.run_sync(work, limiter=self._limiter)

    async def compare(self, asks: Asking, name: str, compare: Callable[[], _T | None]) -> _T | None:
        """Compare a password that somebody gives for a name.

        Args:
            asks: who gives it.
            name: whose password it should be.
            compare: gives None for a wrong one.

        Raises:
            Problem: too many were wrong, or too many wait already.
        """
        access, address = asks.store.access, household(asks.address)
        wait = math.ceil(await to_thread.run_sync(access.guess, name, address))
        if wait:
            raise Problem(429, f"Too many wrong passwords: try again in {wait} s.", {"Retry-After": str(wait)})
        found = await self.take(compare)
        if found is not None:
            await to_thread.run_sync(access.forgive, name, address)
        return found


def passwords_of(request: Request) -> Passwords:
    """What a request's server has for passwords."""
    state: State = request.app.state
    found: Passwords = state.passwords
    return found
