"""Sessions: somebody signed in, in a browser."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from runjson_tracker.access.part import Part
from runjson_tracker.access.people import PERSON, demand_person
from runjson_tracker.access.roles import Caller, Person
from runjson_tracker.access.secret import digest, has_public_id, new_secret, public_id
from runjson_tracker.access.tables import people, sessions
from runjson_tracker.errors import AccessRefused


@dataclass(frozen=True, slots=True)
class Session:
    """A session, without its secret.

    Attributes:
        id: by which it is known; the secret does not follow from it.
        created: in seconds since 1970, as are `used`, to the minute, and `expires`.
        current: whether it is the one that asks.
    """

    id: str
    created: float
    used: float
    expires: float
    current: bool


class Sessions(Part):
    """Who is signed in."""

    def begin_session(self, person: Person, seconds: float) -> tuple[str, str]:
        """Begin a session that lasts so long.

        Returns:
            The session's secret, and the one that a page sends with what it changes. The first one's digest is kept.

        Raises:
            AccessRefused: the person is disabled.
        """
        secret, now = new_secret(), time.time()
        row = {"digest": digest(secret), "created": now, "expires": now + seconds, "used": now}
        with self._writing() as connection:
            if demand_person(connection, person.name, lock=True).disabled is not None:
                raise AccessRefused(f'"{person.name}" is disabled: `runjson user enable {person.name}` changes that.')
            connection.execute(insert(sessions), row | {"person": person.id})
        return secret, csrf_of(secret)

    def session(self, secret: str) -> Caller | None:
        """Who asks with the secret of a session; None if it ended, or never began."""
        now = time.time()
        with self._reading() as connection:
            statement = select(*PERSON, sessions.c.used).join(sessions, sessions.c.person == people.c.id)
            valid = (sessions.c.digest == digest(secret), sessions.c.expires > now, people.c.disabled.is_(None))
            found = connection.execute(statement.where(*valid)).one_or_none()
        if found is None:
            return None
        self._stamp(sessions, digest(secret), found.used, now)
        return Caller(Person(*found[: len(PERSON)]), scope="admin")

    def end_session(self, secret: str) -> None:
        """End a session; one that is not there has ended."""
        with self._writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.digest == digest(secret)))

    def sessions(self, person: Person, secret: str | None = None) -> list[Session]:
        """The sessions of somebody that last still, the one that was used last first.

        Args:
            person: whose.
            secret: of the one that asks, if that is one.
        """
        columns = (sessions.c.digest, sessions.c.created, sessions.c.used, sessions.c.expires)
        lasting = (sessions.c.person == person.id, sessions.c.expires > time.time())
        latest = (sessions.c.used.desc(), sessions.c.created.desc(), sessions.c.digest)
        own = None if secret is None else digest(secret)
        with self._reading() as connection:
            rows = connection.execute(select(*columns).where(*lasting).order_by(*latest)).all()
        return [Session(public_id(row[0]), *row[1:], row[0] == own) for row in rows]

    def end_session_of(self, person: Person, id: str) -> bool:  # noqa: A002  as the attribute of a session is called
        """End a session of somebody; False if they have none such that lasts."""
        one = (sessions.c.person == person.id, has_public_id(sessions.c.digest, id), sessions.c.expires > time.time())
        with self._writing() as connection:
            return connection.execute(delete(sessions).where(*one)).rowcount == 1

    def end_other_sessions(self, person: Person, secret: str | None) -> int:
        """End all sessions of somebody but the one of this secret.

        Returns:
            How many of those that ended lasted still.
        """
        others = [sessions.c.person == person.id]
        if secret is not None:
            others.append(sessions.c.digest != digest(secret))
        with self._writing() as connection:
            lasting = delete(sessions).where(*others, sessions.c.expires > time.time())
            ended = connection.execute(lasting).rowcount
            connection.execute(delete(sessions).where(*others))
        return ended


def csrf_of(session_secret: str) -> str:
    """The secret that a page sends with what it changes, and that another site does not know.

    It follows from that of the session, which no script can read, so that a page can ask for it again; the other way
    round nothing follows.
    """
    return hmac.new(session_secret.encode("utf-8", "surrogatepass"), b"csrf", hashlib.sha256).hexdigest()
