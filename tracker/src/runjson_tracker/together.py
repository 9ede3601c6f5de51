"""Commits of many threads in few transactions: those that wait for one another's go into the next one together."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from runjson_tracker.commit import Wanted, Written, write, write_joined
from runjson_tracker.database import writing

# So many go into one transaction at most: those that come next do not wait for long.
_MOST: Final = 256
# Bytes of chunks: a change of more is committed by itself, so that others need not wait for it.
_LARGE: Final = 1 << 22


@dataclass(slots=True)
class _Entry:
    """What one thread wants to be written, and what came of it; None if the thread is to write it by itself."""

    wanted: Wanted
    answer: Written | Exception | None = None
    done: bool = False


class Together:
    """Writes the changes of several threads in one transaction.

    Nobody waits for company: whoever comes first begins at once, and who comes meanwhile goes next, all together. A
    disk is then asked to keep something once for all of them, and those that only add points share their statements.
    """

    def __init__(self, engine: Engine) -> None:
        self._writing = writing(engine, "run")
        self._one_writes = engine.dialect.name != "postgresql"
        self._waiting: list[_Entry] = []
        self._list = threading.Lock()
        self._turn = threading.Lock()

    def __call__(self, all_wanted: Sequence[Wanted]) -> list[Written | Exception | None]:
        """Write changes, and wait until they are committed.

        Returns:
            What became of each: written; or SourceChanged, RunTrashed, a DBAPIError where the database cannot be
            written, or what the change raises itself, and nothing of it is written then; None of one that is left, to
            be written in a transaction of its own: it is large, or others would have to wait for it, or one that went
            with it failed.
        """
        entries = [_Entry(wanted) for wanted in all_wanted]
        joining = [one for one in entries if self._joins(one.wanted)]
        if joining:
            with self._list:
                self._waiting += joining
            with self._turn:
                while not all(one.done for one in joining):
                    self._commit()
        return [one.answer for one in entries]

    def _joins(self, wanted: Wanted) -> bool:
        # Where several may write at once, nobody waits while one asks the database.
        return wanted.change.pending.size < _LARGE and (self._one_writes or wanted.only_adds_points)

    def _commit(self) -> None:
        """Write what waits."""
        with self._list:
            batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
        try:
            if len(batch) > 1 or not self._one_writes:
                self._write_all(batch)
            if self._one_writes:
                for one in batch:
                    one.answer = one.answer or self._alone(one.wanted)
        finally:
            for one in batch:
                one.done = True

    def _write_all(self, batch: list[_Entry]) -> None:
        """Write changes in one transaction; where that fails, all of them are left."""
        begun = False
        try:
            with self._writing.begin() as connection:
                begun = True
                self._write(connection, batch)
        except BaseException as error:  # whose it is, is found when each is written by itself
            for one in batch:
                one.answer = error if isinstance(error, Exception) and not begun else None
            if not isinstance(error, Exception):
                raise

    def _write(self, connection: Connection, batch: list[_Entry]) -> None:
        joining = [one for one in batch if one.wanted.only_adds_points]
        if joining:
            answers = write_joined(connection, [one.wanted for one in joining])
            for one, answer in zip(joining, answers, strict=True):
                one.answer = answer
        for one in batch if self._one_writes else ():
            if one.answer is None:
                self._try(connection, one)

    def _try(self, connection: Connection, one: _Entry) -> None:
        try:
            with connection.begin_nested():
                one.answer = write(connection, one.wanted)
        except DBAPIError:
            raise
        except Exception as error:  # it is raised where it belongs: in the thread whose change it is
            one.answer = error

    def _alone(self, wanted: Wanted) -> Written | Exception:
        try:
            with self._writing.begin() as connection:
                return write(connection, wanted)
        except Exception as error:  # as above
            return error
