"""Passwords on a server: a few are compared at once, and who guesses waits longer each time."""

from __future__ import annotations

import math
import os
import time
from collections import OrderedDict
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
# So many wrong passwords cost nothing; the next ones 1, 2, 4 ... seconds, and a quarter of an hour at most.
_FREE: Final = 5
_LONGEST: Final = 900.0
# Seconds after which a wrong password is forgotten, and how many names and addresses are remembered.
_FORGOTTEN: Final = 86400.0
_REMEMBERED: Final = 20_000
# So many of an hour are in the log.
NOTED: Final = 600


class Guesses:
    """Counts the wrong passwords of a name from an address; others who have the name are not kept waiting.

    Args:
        clock: says how many seconds have passed.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # The number of guesses, until when the next one waits.
        self._known: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()

    def begin(self, name: str, address: str | None) -> None:
        """Count a password as wrong before it is compared, so that many at once are no more guesses than in turn.

        Raises:
            Problem: there were too many.
        """
        key, now = (name, household(address)), self._clock()
        count, until = self._known.pop(key, (0, now))
        if now < until:
            self._known[key] = count, until
            seconds = math.ceil(until - now)
            raise Problem(
                429, f"Too many wrong passwords: try again in {seconds} s.", {"Retry-After": str(seconds)}
            )  # fmt: skip
        if now - until > _FORGOTTEN:
            count = 0
        count += 1
        wait = 0.0 if count < _FREE else min(2.0 ** (count - _FREE), _LONGEST)
        self._known[key] = count, now + wait
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def right(self, name: str, address: str | None) -> None:
        """Forget the wrong passwords, since one was right."""
        self._known.pop((name, household(address)), None)


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
        self._guesses = Guesses()
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
        self._guesses.begin(name, asks.address)
        found = await self.take(compare)
        if found is not None:
            self._guesses.right(name, asks.address)
        return found


def passwords_of(request: Request) -> Passwords:
    """What a request's server has for passwords."""
    state: State = request.app.state
    found: Passwords = state.passwords
    return found
