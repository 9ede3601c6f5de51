"""Tokens: what programs have instead of a password."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, bindparam, or_, select, update

from runjson_tracker.access.members import demand_project, named, role_in
from runjson_tracker.access.part import Part
from runjson_tracker.access.people import PERSON, demand_person, load_person
from runjson_tracker.access.roles import Caller, Person, Role, Scope, scope_named
from runjson_tracker.access.secret import TOKEN, digest, new_secret
from runjson_tracker.access.tables import members, people, tokens
from runjson_tracker.commit import inserted
from runjson_tracker.direct import first
from runjson_tracker.errors import AccessRefused
from runjson_tracker.tables import projects

# Asked with each request of a program: to make a statement anew takes longer than to execute it.
_wanted: Final = projects.alias("wanted")
_find_caller: Final = (
    select(
        *PERSON, tokens.c.name.label("token"), tokens.c.scope, tokens.c.used, projects.c.name.label("limit"),
        _wanted.c.name.label("wanted"), _wanted.c.public, members.c.role, people.c.id.label("person"),
    )
    .join(tokens, tokens.c.person == people.c.id)
    .outerjoin(projects, tokens.c.project == projects.c.id)
    .outerjoin(_wanted, _wanted.c.name == bindparam("wanted_name"))
    .outerjoin(members, (members.c.project == _wanted.c.id) & (members.c.person == people.c.id))
    .where(
        tokens.c.digest == bindparam("of_secret"),
        tokens.c.revoked.is_(None),
        or_(tokens.c.expires.is_(None), tokens.c.expires > bindparam("now")),
        people.c.disabled.is_(None),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """A token, without its secret.

    Attributes:
        id: the number in this store.
        person: the name of whose it is.
        name: what its person calls it.
        scope: the most that it may be used for.
        project: the one that it is limited to; None for no limit.
        created: in seconds since 1970, as are `expires`, `used`, to the minute, and `revoked`; None for never.
    """

    id: int
    person: str
    name: str
    scope: Scope
    project: str | None
    created: float
    expires: float | None = None
    used: float | None = None
    revoked: float | None = None


class Tokens(Part):
    """What programs have instead of a password."""

    def make_token(
        self, person_name: str, name: str, scope: str, *, project: str | None = None, expires: float | None = None
    ) -> tuple[Token, str]:
        """Make a token.

        Args:
            person_name: whose it is; it may do no more than its person may.
            name: what it is called; no other token of this person that works is called so.
            scope: `read`, `write` or `admin`.
            project: the one that it is limited to.
            expires: until when it works, in seconds since 1970.

        Returns:
            The token, and its secret, which nobody can ask for again.

        Raises:
            AccessRefused: there is no such person or project, or the name is taken.
        """
        if not named(name) or len(name) > 128:
            raise AccessRefused(f'"{name}" can be no name of a token: it has 128 characters at most, and no controls.')
        of_scope, now, secret = scope_named(scope), time.time(), new_secret(TOKEN)
        with self._writing() as connection:
            person = demand_person(connection, person_name, lock=True)
            if person.disabled is not None:
                raise AccessRefused(f'"{person_name}" is disabled: `runjson user enable {person_name}` changes that.')
            limit = None if project is None else demand_project(connection, project)
            works = tokens.c.revoked.is_(None) & or_(tokens.c.expires.is_(None), tokens.c.expires > now)
            taken = select(tokens.c.id).where(tokens.c.person == person.id, tokens.c.name == name, works)
            if connection.execute(taken).first() is not None:
                raise AccessRefused(f'{person_name} has a token "{name}": revoke it, or give the new one another name.')
            row = {"person": person.id, "name": name, "digest": digest(secret), "scope": of_scope, "project": limit}
            number = inserted(connection, tokens, row | {"created": now, "expires": expires})
        return Token(number, person_name, name, of_scope, project, now, expires), secret

    def token(self, secret: str) -> Caller | None:
        """Who asks with the secret of a token; None if it ended, is of somebody who is disabled, or never was."""
        found = self.token_in(secret, None)
        return None if found is None else found[0]

    def token_in(self, secret: str, project: str | None) -> tuple[Caller, Role | None] | None:
        """Who asks with the secret of a token, and what they may do in a project, as `role` says it."""
        now, of_secret = time.time(), digest(secret)
        wanted = project if project is not None and named(project) else None
        with self._reading() as connection:
            found = first(connection, _find_caller, {"of_secret": of_secret, "now": now, "wanted_name": wanted})
        if found is None:
            return None
        self._stamp(tokens, of_secret, found.used, now)
        caller = Caller(Person(*found[: len(PERSON)]), scope=found.scope, project=found.limit, token=found.token)
        return caller, None if found.wanted is None else role_in(caller, found.wanted, found)

    def tokens(self, person_name: str | None = None) -> list[Token]:
        """The tokens of somebody, or of all, in the order in which they were made; those that ended too."""
        with self._reading() as connection:
            statement = _tokens()
            if person_name is not None:
                person = load_person(connection, person_name)
                if person is None:
                    return []
                statement = statement.where(tokens.c.person == person.id)
            return [Token(*row) for row in connection.execute(statement.order_by(tokens.c.id))]

    def revoke(self, person_name: str, name_or_id: str | int) -> Token:
        """Let a token work no more.

        Args:
            person_name: whose it is.
            name_or_id: its name, or else its number.

        Raises:
            AccessRefused: this person has none such that works.
        """
        with self._writing() as connection:
            person = demand_person(connection, person_name, lock=True)
            statement = _tokens().where(tokens.c.person == person.id, tokens.c.revoked.is_(None))
            rows = [Token(*row) for row in connection.execute(statement.order_by(tokens.c.id.desc()))]
            # Of one name there may be some that expired, which are older.
            found = next((one for one in rows if one.name == name_or_id), None)
            found = found or next((one for one in rows if str(one.id) == str(name_or_id)), None)
            if found is None:
                raise AccessRefused(
                    f'{person_name} has no token "{name_or_id}": `runjson token list --user {person_name}` lists them.'
                )
            connection.execute(update(tokens).where(tokens.c.id == found.id).values(revoked=time.time()))
        return found


def _tokens() -> Select[Any]:  # Any: columns of several types
    """Selects the columns of a `Token`."""
    columns = (
        tokens.c.id, people.c.name, tokens.c.name, tokens.c.scope, projects.c.name,
        tokens.c.created, tokens.c.expires, tokens.c.used, tokens.c.revoked,
    )  # fmt: skip
    of_person = select(*columns).join(people, tokens.c.person == people.c.id)
    return of_person.outerjoin(projects, tokens.c.project == projects.c.id)
