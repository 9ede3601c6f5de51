"""Invitations: a link by which somebody becomes a person of the tracker, a member of a project, or both."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, insert, select, update

from runjson_tracker.access.members import demand_project, named, role_of, set_role
from runjson_tracker.access.part import Part
from runjson_tracker.access.passwords import encode_password
from runjson_tracker.access.people import demand_name, insert_person
from runjson_tracker.access.roles import Person, Role, role_named
from runjson_tracker.access.secret import digest, has_public_id, new_secret, public_id
from runjson_tracker.access.tables import invitations, people
from runjson_tracker.errors import AccessRefused
from runjson_tracker.tables import projects

_ENDED: Final = "This invitation was used, has expired, or never was: ask for another one."
# The columns of an `Invitation`.
_told: Final = (
    select(
        invitations.c.digest, people.c.name.label("by"), projects.c.name.label("project"), invitations.c.role,
        invitations.c.created, invitations.c.expires,
    )
    .select_from(invitations)
    .outerjoin(people, invitations.c.person == people.c.id)
    .outerjoin(projects, invitations.c.project == projects.c.id)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Invitation:
    """What somebody is invited to.

    Attributes:
        id: by which it is known; the secret does not follow from it.
        by: the name of who invites; None on the command line.
        project: of which one becomes a member, and `role` as what; None for none.
        created: in seconds since 1970, as is `expires`.
    """

    id: str
    by: str | None
    project: str | None
    role: Role | None
    created: float
    expires: float


class Invitations(Part):
    """Who may come."""

    def invite(
        self, by: Person | None, *, project: str | None = None, role: str | None = None, seconds: float
    ) -> str:  # fmt: skip
        """Invite somebody; whoever has the secret first may come.

        Args:
            by: who invites, who can give no greater role than one has when the invitation is accepted; None on the
                command line.
            project: of which the guest becomes a member, with `role`; both or none.
            role: what the guest may do there.
            seconds: how long the invitation stands.

        Returns:
            The secret of the invitation.

        Raises:
            AccessRefused: there is no such project or role, or one is given without the other.
        """
        if (project is None) != (role is None):
            raise AccessRefused("An invitation names a project and a role, or neither.")
        wanted = None if role is None else role_named(role)
        secret, now = new_secret(), time.time()
        with self._writing() as connection:
            number = None if project is None else demand_project(connection, project)
            row = {
                "digest": digest(secret), "person": None if by is None else by.id, "project": number,
                "role": None if wanted is None else wanted.value, "created": now, "expires": now + seconds,
            }  # fmt: skip
            connection.execute(insert(invitations), row)
        return secret

    def invitation(self, secret: str) -> Invitation | None:
        """What somebody is invited to; None if the invitation was used, has expired, or never was."""
        with self._reading() as connection:
            found = connection.execute(_told.where(*_stands(secret))).one_or_none()
        return None if found is None else _invitation(found)

    def invitations(self, project: str | None = None) -> list[Invitation]:
        """The invitations that were neither used nor withdrawn, and have not expired, the newest first.

        Those of somebody who is disabled are among them: they stand again when that person is taken back.

        Args:
            project: those to this one alone; all by default.
        """
        if project is not None and not named(project):
            return []
        statement = _told.where(invitations.c.used.is_(None), invitations.c.expires > time.time())
        if project is not None:
            statement = statement.where(projects.c.name == project)
        with self._reading() as connection:
            rows = connection.execute(statement.order_by(invitations.c.created.desc(), invitations.c.digest))
            return [_invitation(row) for row in rows]

    def withdraw_invitation(self, id: str) -> Invitation:  # noqa: A002  as the attribute of an invitation is called
        """Let nobody come by an invitation any more.

        Raises:
            AccessRefused: there is none such that was neither used nor withdrawn.
        """
        one = has_public_id(invitations.c.digest, id) & invitations.c.used.is_(None)
        with self._writing() as connection:
            found = connection.execute(_told.where(one)).one_or_none()
            # Of two at once, or of one who just accepts it, one waits here, and finds nothing to remove.
            if found is None or connection.execute(delete(invitations).where(one)).rowcount == 0:
                raise AccessRefused(f'There is no invitation "{id}": it was used, was withdrawn, or never was.')
        return _invitation(found)

    def accept(self, secret: str, name: str, password: str | None, *, subject: str | None = None) -> Person:
        """Become a person of the tracker, and a member if the invitation says so. It can be used once.

        Args:
            secret: of the invitation.
            name: as of `add_person`, as are `password` and `subject`.
            password: None for who signs in elsewhere.
            subject: who that is there.

        Raises:
            AccessRefused: the invitation was used, has expired or never was, or the name or the password can not be
                taken; the invitation stands then.
        """
        demand_name(name)
        with self._reading() as connection:
            _demand(connection, secret)  # a password is encoded for those who are invited alone: it takes long
        encoded = None if password is None else encode_password(password)
        with self._writing() as connection:
            invitation = _use(connection, secret)
            person = insert_person(connection, name, encoded, subject=subject)
            if invitation["project"] is not None:
                set_role(connection, invitation["project"], person.id, _given(connection, invitation))
        return person

    def accept_as(self, secret: str, person: Person) -> str:
        """Become a member of a project, as somebody who is there already. It can be used once.

        A member keeps a role that is greater.

        Returns:
            The name of the project.

        Raises:
            AccessRefused: the invitation was used, has expired or never was, or is to no project; it stands then.
        """
        with self._writing() as connection:
            invitation = _use(connection, secret)
            if invitation["project"] is None:
                raise AccessRefused(f'This invitation is for somebody new, and "{person.name}" is there already.')
            # Locked as it is for those who set members.
            name = select(projects.c.name).where(projects.c.id == invitation["project"])
            project = str(connection.execute(name.with_for_update(key_share=True)).scalar_one())
            role, old = _given(connection, invitation), role_of(connection, invitation["project"], person.id)
            if old is None or old < role:
                set_role(connection, invitation["project"], person.id, role)
        return project


def _stands(secret: str) -> tuple[ColumnElement[bool], ...]:
    """Whether an invitation, beside who gave it, is the one of a secret, and can be accepted."""
    return (
        invitations.c.digest == digest(secret), invitations.c.used.is_(None), invitations.c.expires > time.time(),
        people.c.disabled.is_(None),  # what somebody gave who is disabled since is given no more
    )  # fmt: skip


def _invitation(row: Any) -> Invitation:  # Any: a row of `_told`
    return Invitation(
        public_id(row.digest), row.by, row.project, None if row.role is None else Role(row.role), row.created,
        row.expires,
    )  # fmt: skip


def _demand(connection: Connection, secret: str) -> RowMapping:
    """An invitation that stands.

    Raises:
        AccessRefused: it does not.
    """
    statement = select(invitations).outerjoin(people, invitations.c.person == people.c.id)
    found = connection.execute(statement.where(*_stands(secret))).mappings().one_or_none()
    if found is None:
        raise AccessRefused(_ENDED)
    return found


def _use(connection: Connection, secret: str) -> RowMapping:
    """An invitation that stands, which is used by that."""
    found = _demand(connection, secret)
    one = (invitations.c.digest == found["digest"]) & invitations.c.used.is_(None)
    # Of two at once one waits here, and finds it used.
    if connection.execute(update(invitations).where(one).values(used=time.time())).rowcount == 0:
        raise AccessRefused(_ENDED)
    return found


def _given(connection: Connection, invitation: RowMapping) -> Role:
    """The role that an invitation gives.

    Raises:
        AccessRefused: who invited could not give it any more.
    """
    role = Role(invitation["role"])
    if invitation["person"] is not None:
        own = role_of(connection, invitation["project"], invitation["person"])
        if own is None or own < role:
            raise AccessRefused("Who invited may not give this role any more: ask an owner of the project.")
    return role
