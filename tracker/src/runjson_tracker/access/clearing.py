"""What `runjson store gc` removes of sessions, wrong passwords, invitations and blobs on their way."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, delete

from runjson_tracker.access.tables import guesses, invitations, received, sessions

_DAY: Final = 86400.0
# So long it can be seen that an invitation was used, or that it expired.
_INVITATIONS_KEPT: Final = 30 * _DAY


def clear(connection: Connection, now: float, before: float) -> None:
    """Remove sessions that expired, wrong passwords and invitations of long ago, and blobs' names that nobody claimed.

    Args:
        connection: in a transaction that writes.
        now: the time, in seconds since 1970.
        before: blobs that were received before it are not waited for any more.
    """
    connection.execute(delete(sessions).where(sessions.c.expires <= now))
    connection.execute(delete(guesses).where(guesses.c.until <= now - _DAY))
    old = now - _INVITATIONS_KEPT
    connection.execute(delete(invitations).where((invitations.c.used <= old) | (invitations.c.expires <= old)))
    connection.execute(delete(received).where(received.c.added < before))
