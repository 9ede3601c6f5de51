"""What the tests of people and their rights share."""

from __future__ import annotations

import threading
from contextlib import suppress

from sqlalchemy import event

PASSWORD = "correct horse battery"


def change(store, statement):
    """Change rows behind the back of the store."""
    with store.transaction() as connection:
        assert connection.execute(statement).rowcount >= 1


def meet(store, words):
    """Have two threads wait for each other before a statement that begins so, unless one of them never comes."""
    barrier = threading.Barrier(2)

    def wait(connection, cursor, statement, *others):
        if statement.startswith(words):
            with suppress(threading.BrokenBarrierError):
                barrier.wait(1)

    event.listen(store.engine, "before_cursor_execute", wait)
