"""Commits of many threads in few transactions: those that wait for one another's go into the next one together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from runjson_tracker.database import writing

R = TypeVar("R")
# So many go into one transaction at most: those that come next do not wait for long.
_MOST: Final = 256


@dataclass(slots=True)
class _Entry(Generic[R]):
    """What one thread wants to be done in a transaction, and what came of it."""

    work: Callable[[Connection], R]
    result: R | None = None
    error: Exception | None = None
    done: bool = False


class Together:
    """Does the work of several threads in one transaction, each within a savepoint.

    Nobody waits for company: whoever comes first begins at once, and who comes meanwhile goes next, all together. A
    disk is then asked to keep something once for all of them.
    """

    def __init__(self, engine: Engine) -> None:
        self._writing = writing(engine)
        self._waiting: list[_Entry[object]] = []
        self._list = threading.Lock()
        self._turn = threading.Lock()

    def __call__(self, work: Callable[[Connection], R]) -> R:
        """Do something in a transaction that writes, and wait until it is committed.

        Args:
            work: what is done; it may be done a second time if the first was undone.

        Raises:
            DBAPIError: the database cannot be written.
            Exception: what `work` raises; what it did is undone then, and nothing else.
        """
        entry: _Entry[R] = _Entry(work)
        with self._list:
            self._waiting.append(entry)  # type: ignore[arg-type]  # its results go back to the thread it came from
        with self._turn:
            while not entry.done:
                self._commit()
        if entry.error is not None:
            raise entry.error
        return entry.result  # type: ignore[return-value]  # it is done

    def _commit(self) -> None:
        """Do what waits, in one transaction; where that fails, each in one of its own."""
        with self._list:
            batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
        if len(batch) == 1:
            self._alone(batch[0])
            batch[0].done = True
            return
        try:
            with self._writing.begin() as connection:
                for one in batch:
                    self._try(connection, one)
        except DBAPIError:
            for one in batch:
                self._alone(one)
        for one in batch:
            one.done = True

    def _try(self, connection: Connection, one: _Entry[object]) -> None:
        try:
            with connection.begin_nested():
                one.result, one.error = one.work(connection), None
        except DBAPIError:
            raise
        except Exception as error:  # it is raised where it belongs: in the thread whose work it is
            one.error = error

    def _alone(self, one: _Entry[object]) -> None:
        try:
            with self._writing.begin() as connection:
                one.result, one.error = one.work(connection), None
        except Exception as error:  # it is raised where it belongs: in the thread whose work it is
            one.error = error
