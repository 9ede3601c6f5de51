"""Wrong passwords, counted for all processes and servers of a store together: who guesses waits longer each time."""

from __future__ import annotations

import time
from typing import Final

from sqlalchemy import delete, select, update

from runjson_tracker.access.part import Part
from runjson_tracker.access.secret import digest
from runjson_tracker.access.tables import guesses
from runjson_tracker.database import insert_new

# So many wrong passwords cost nothing; the next ones 1, 2, 4 ... seconds, and a quarter of an hour at most.
_FREE: Final = 5
_LONGEST: Final = 900.0
# Seconds after which wrong passwords are forgotten, and of how many names and addresses they are remembered.
_FORGOTTEN: Final = 86400.0
_REMEMBERED: Final = 20_000


class Guesses(Part):
    """Who guesses passwords."""

    def guess(self, name: str, address: str) -> float:
        """Count a password as wrong before it is compared, so that many at once are no more guesses than in turn.

        Args:
            name: whose password it should be; others who have the name are not kept waiting.
            address: from where it comes.

        Returns:
            The seconds until one may be compared; 0 if this one may be.

        Raises:
            StoreError: the database cannot be written.
        """
        key = _key(name, address)
        with self._reading() as connection:
            until = connection.execute(select(guesses.c.until).where(guesses.c.digest == key)).scalar()
        # Whoever goes on guessing meanwhile has nothing written.
        if until is not None and (left := _left(until, time.time())):
            return left
        while (wait := self._count(key)) is None:
            pass  # they were forgiven in this very moment
        return wait

    def forgive(self, name: str, address: str) -> None:
        """Forget the wrong passwords of a name from an address, since one was right.

        Raises:
            StoreError: the database cannot be written.
        """
        with self._writing() as connection:
            connection.execute(delete(guesses).where(guesses.c.digest == _key(name, address)))

    def _count(self, key: str) -> float | None:
        """Count one more, unless the next one is to wait: for how long, or 0; None if the row went away meanwhile."""
        now = time.time()
        with self._writing() as connection:
            new = connection.execute(insert_new(guesses), {"digest": key, "at": now, "count": 0, "until": now})
            row = select(guesses.c.count, guesses.c.until).where(guesses.c.digest == key).with_for_update()
            found = connection.execute(row).one_or_none()
            if found is None:
                return None
            count, until = found
            if left := _left(until, now):
                return left
            count = 1 if now - until > _FORGOTTEN else count + 1
            wait = 0.0 if count < _FREE else min(2.0 ** (count - _FREE), _LONGEST)
            counted = update(guesses).where(guesses.c.digest == key).values(at=now, count=count, until=now + wait)
            connection.execute(counted)
        if new.rowcount:
            self._forget()
        return 0.0

    def _forget(self) -> None:
        """Keep the newest: whoever guesses by ever new names fills no disk."""
        kept = select(guesses.c.at).order_by(guesses.c.at.desc()).offset(_REMEMBERED).limit(1).scalar_subquery()
        with self._writing() as connection:
            connection.execute(delete(guesses).where(guesses.c.at <= kept))


def _left(until: float, now: float) -> float:
    """The seconds until a time; none of more than a guess may cost, where a clock was put back."""
    return until - now if now < until <= now + _LONGEST else 0.0


def _key(name: str, address: str) -> str:
    return digest(f"{name}\n{address}")
