"""What the parts of `Access` have in common: the store that they ask and change."""

from __future__ import annotations

from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Table, or_, update

from runjson_tracker.errors import StoreError

if TYPE_CHECKING:
    from runjson_tracker.store import Store

# Seconds: when something was last used is written no oftener, as reading would else be writing.
_STAMPED: Final = 60.0


class Part:
    """A part of `Access`.

    Args:
        store: whose people, tokens and so on it has.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def _reading(self) -> AbstractContextManager[Connection]:
        return self._store.asking.connect()

    def _writing(self) -> AbstractContextManager[Connection]:
        return self._store.transaction()

    def _stamp(self, table: Table, digest: str, used: float | None, now: float) -> None:
        """Write down when a token or a session was used, unless that was done within the last minute."""
        if used is not None and used > now - _STAMPED:
            return
        old = or_(table.c.used.is_(None), table.c.used <= now - _STAMPED)
        # A full disk refuses nobody who reads: the next use is written down.
        with suppress(StoreError), self._writing() as connection:
            connection.execute(update(table).where(table.c.digest == digest, old).values(used=now))
