"""People: who signs in, by a password or elsewhere."""

from __future__ import annotations

import re
import time
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, select, update
from sqlalchemy.exc import IntegrityError

from runjson_tracker.access.part import Part
from runjson_tracker.access.passwords import encode_password, is_outdated, is_password
from runjson_tracker.access.roles import Person
from runjson_tracker.access.tables import people, sessions
from runjson_tracker.commit import inserted
from runjson_tracker.errors import AccessRefused

# A name stands in commands, addresses and tables, and looks like no other one.
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,127}")
# PostgreSQL keeps no longer text in an index.
_SUBJECT_BYTES: Final = 1024
# The columns of a `Person`.
PERSON: Final = (
    people.c.id, people.c.name, people.c.admin, people.c.created, people.c.disabled, people.c.subject,
)  # fmt: skip


class People(Part):
    """Who signs in."""

    def add_person(
        self, name: str, password: str | None = None, *, admin: bool = False, subject: str | None = None
    ) -> Person:
        """Add somebody.

        Args:
            name: letters, digits and `._-@`, 128 at most, the first a letter or a digit.
            password: 8 characters to 1024 bytes; None for who signs in elsewhere.
            admin: whether one is an owner of every project.
            subject: who that is for a provider of OpenID Connect, "issuer subject".

        Raises:
            AccessRefused: the name or the subject is taken, or one of them is not what it must be.
        """
        demand_name(name)
        encoded = None if password is None else encode_password(password)
        with self._writing() as connection:
            return insert_person(connection, name, encoded, admin=admin, subject=subject)

    def people(self) -> list[Person]:
        """All, those who are disabled too, by name."""
        with self._reading() as connection:
            return [Person(*row) for row in connection.execute(select(*PERSON).order_by(people.c.name))]

    def person(self, name: str) -> Person | None:
        """Somebody by name; None if there is nobody of this name."""
        with self._reading() as connection:
            return load_person(connection, name)

    def person_of(self, subject: str) -> Person | None:
        """Somebody by "issuer subject" of OpenID Connect, if one is there and not disabled."""
        if subject_fault(subject):
            return None
        with self._reading() as connection:
            return _person(connection, people.c.subject == subject, people.c.disabled.is_(None))

    def set_password(self, name: str, password: str) -> None:
        """Give somebody another password; whoever is signed in by that name is signed out.

        Raises:
            AccessRefused: there is nobody of this name, or the password is too short or too long.
        """
        encoded = encode_password(password)
        with self._writing() as connection:
            person = demand_person(connection, name)
            connection.execute(update(people).where(people.c.id == person.id).values(password=encoded))
            connection.execute(delete(sessions).where(sessions.c.person == person.id))

    def disable(self, name: str) -> None:
        """Let somebody do nothing any more: sessions end, tokens stop working. The name stays taken.

        Raises:
            AccessRefused: there is nobody of this name.
        """
        with self._writing() as connection:
            person = demand_person(connection, name)
            # This waits for a session that is just beginning, which is removed then.
            still = people.c.disabled.is_(None)
            connection.execute(update(people).where(people.c.id == person.id, still).values(disabled=time.time()))
            connection.execute(delete(sessions).where(sessions.c.person == person.id))

    def enable(self, name: str) -> None:
        """Take somebody back who was disabled; tokens that were not revoked work again.

        Raises:
            AccessRefused: there is nobody of this name.
        """
        with self._writing() as connection:
            person = demand_person(connection, name)
            connection.execute(update(people).where(people.c.id == person.id).values(disabled=None))

    def sign_in(self, name: str, password: str) -> Person | None:
        """Who has this name and this password; None if that is nobody, or somebody who is disabled.

        Names that nobody has take as long as others.
        """
        found = None
        if NAME.fullmatch(name):
            with self._reading() as connection:
                statement = select(*PERSON, people.c.password).where(people.c.name == name)
                found = connection.execute(statement).one_or_none()
        encoded = None if found is None else found.password
        right = is_password(encoded, password)
        if not right or encoded is None or found is None or found.disabled is not None:
            return None
        if is_outdated(encoded):
            again = encode_password(password)
            with self._writing() as connection:
                same = (people.c.id == found.id) & (people.c.password == encoded)
                connection.execute(update(people).where(same).values(password=again))
        return Person(*found[: len(PERSON)])


def demand_name(name: str) -> None:
    """Refuse what can be no name of somebody."""
    if not NAME.fullmatch(name):
        raise AccessRefused(
            f'"{name}" can be no name: it has letters, digits and . _ - @, at most 128, and begins with a letter or a '
            "digit."
        )


def subject_fault(subject: str) -> str | None:
    """What keeps a text from being a subject, as the end of a sentence; None if it is one."""
    try:
        size = len(subject.encode())
    except UnicodeEncodeError:
        return "is no Unicode text"
    if not subject.isprintable() or not subject:
        return "is empty" if not subject else "holds a control character"
    return f"is longer than {_SUBJECT_BYTES:,} bytes of UTF-8" if size > _SUBJECT_BYTES else None


def insert_person(
    connection: Connection, name: str, encoded: str | None, *, admin: bool = False, subject: str | None = None
) -> Person:
    """Add somebody, whose password is encoded already.

    Raises:
        AccessRefused: the name or the subject is taken, or one of them is not what it must be.
    """
    demand_name(name)
    if subject is not None:
        if fault := subject_fault(subject):
            raise AccessRefused(f'The subject "{subject}" {fault}.')
        if _person(connection, people.c.subject == subject) is not None:
            raise AccessRefused(f'Somebody with the subject "{subject}" is there already.')
    now = time.time()
    row = {"name": name, "password": encoded, "subject": subject, "admin": admin, "created": now}
    taken = f'Somebody named "{name}" is there already: take another name.'
    if load_person(connection, name) is not None:
        raise AccessRefused(taken)
    try:
        number = inserted(connection, people, row)
    except IntegrityError as error:  # somebody else took it since
        raise AccessRefused(taken) from error
    return Person(number, name, admin, now, None, subject)


def load_person(connection: Connection, name: str, *, lock: bool = False) -> Person | None:
    """Somebody by name; with `lock` nobody else changes the row until the end of the transaction."""
    return _person(connection, people.c.name == name, lock=lock) if NAME.fullmatch(name) else None


def demand_person(connection: Connection, name: str, *, lock: bool = False) -> Person:
    """Somebody by name.

    Raises:
        AccessRefused: there is nobody of this name.
    """
    found = load_person(connection, name, lock=lock)
    if found is None:
        raise AccessRefused(f'There is nobody named "{name}": `runjson user list` lists who there is.')
    return found


def _person(connection: Connection, *conditions: ColumnElement[bool], lock: bool = False) -> Person | None:
    statement = select(*PERSON).where(*conditions)
    if lock:
        statement = statement.with_for_update(key_share=True)  # rows that refer to the person may be added meanwhile
    row = connection.execute(statement).one_or_none()
    return None if row is None else Person(*row)
