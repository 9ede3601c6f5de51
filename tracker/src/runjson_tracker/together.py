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

    def __call__(self, all_wanted: Sequence[Wanted]) -> list[Written | Exception]:
        """Write changes, and wait until they are committed.

        Returns:
            What became of each: written; or SourceChanged, RunTrashed, a DBAPIError where the database cannot be
            written, or what the change raises itself, and nothing of it is written then.
        """
        entries = [_Entry(wanted) for wanted in all_wanted]
        # Others need not wait while one asks the database.
        joining = [one for one in entries if self._one_writes or one.wanted.only_adds_points]
        if joining:
            with self._list:
                self._waiting += joining
            with self._turn:
                while not all(one.done for one in joining):
                    self._commit()
        return [one.answer or self._alone(one.wanted) for one in entries]

    def _commit(self) -> None:
        """Write what waits, in one transaction; where that fails, each in one of its own."""
        with self._list:
            batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
        try:
            if len(batch) > 1:
                with self._writing.begin() as connection:
                    self._write(connection, batch)
        except Exception:  # whose it is, is found below
            for one in batch:
                one.answer = None
        for one in batch:
            if self._one_writes and one.answer is None:
                one.answer = self._alone(one.wanted)
            one.done = True

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
