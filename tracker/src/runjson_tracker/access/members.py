"""Projects, who is a member of them, and what who asks may do in them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final

from runjson_schema.names import name_fault
from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, or_, select, true, update

from runjson_tracker.access.part import Part
from runjson_tracker.access.people import demand_person
from runjson_tracker.access.roles import MOST, Caller, Person, Role, Share, role_named
from runjson_tracker.access.tables import members, people
from runjson_tracker.database import insert_new
from runjson_tracker.direct import first
from runjson_tracker.errors import AccessRefused
from runjson_tracker.tables import projects

# Of an insert SQLAlchemy forgets the count of rows unless it is asked for.
_add_project: Final = insert_new(projects).execution_options(preserve_rowcount=True)
# Projects, and what who asks is in them.
_memberships: Final = select(
    projects.c.name, projects.c.created, projects.c.public,
    members.c.role, people.c.admin, people.c.disabled, people.c.id.label("person"),
).select_from(
    projects.outerjoin(people, people.c.id == bindparam("of_person", type_=people.c.id.type)).outerjoin(
        members, (members.c.project == projects.c.id) & (members.c.person == people.c.id)
    )
)  # fmt: skip
# Asked with each request: to make a statement anew takes longer than to execute it.
_find_membership: Final = _memberships.where(projects.c.name == bindparam("project_name"))


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a project: the name, what one may do, since when, and whether one is disabled."""

    name: str
    role: Role
    added: float
    disabled: bool


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """A project: its name, since when it is there, whether everybody may read it, and how many members it has."""

    name: str
    created: float
    public: bool
    members: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What who asks may do in a project, since when that is there, and whether everybody may read it."""

    role: Role
    created: float
    public: bool


class Members(Part):
    """Projects and their members."""

    # -- what who asks may do ----------------------------------------------------------------------------------------

    def role(self, caller: Caller, project: str) -> Role | None:
        """What who asks may do in a project; None for nothing, and where there is no such project.

        People who are admins are owners of every project, with the scope `admin`; others have the role of a member;
        everybody reads what is public. The scope of a token lowers that, and its project hides all others but public
        ones. A share gives no role: `shared` says what may be read with it.
        """
        if caller.share is not None or not named(project):
            return None
        with self._reading() as connection:
            row = first(connection, _find_membership, {"of_person": _number(caller), "project_name": project})
        return None if row is None else role_in(caller, project, row)

    def standings(self, caller: Caller) -> dict[str, Standing]:
        """What who asks may do, by the names of the projects that may be read, those without runs too."""
        if caller.share is not None:
            return {}
        with self._reading() as connection:
            found = connection.execute(_memberships.order_by(projects.c.name), {"of_person": _number(caller)})
            rows = found.all()
        roles = [(row, role_in(caller, row.name, row)) for row in rows]
        return {row.name: Standing(role, row.created, row.public) for row, role in roles if role is not None}

    def readable(self, caller: Caller) -> list[str] | None:
        """The names of the projects that who asks may read; None for all there are."""
        if caller.all:
            return None
        if caller.share is not None:
            return []
        person = _number(caller)
        with self._reading() as connection:
            who = connection.execute(select(people.c.admin, people.c.disabled).where(people.c.id == person)).first()
            statement = select(projects.c.name).order_by(projects.c.name)
            may: ColumnElement[bool] = projects.c.public
            if who is not None and who.disabled is None:
                everywhere = who.admin and caller.scope == "admin"
                if everywhere and caller.project is None:
                    return None
                own = select(members.c.project).where(members.c.person == person)
                here = true() if everywhere else projects.c.id.in_(own)
                limit = true() if caller.project is None else projects.c.name == caller.project
                may = or_(projects.c.public, here & limit)
            return list(connection.execute(statement.where(may)).scalars())

    @staticmethod
    def shared(share: Share, project: str, run: str) -> bool:
        """Whether a run may be read with a share."""
        if share.withdrawn is not None or (share.expires is not None and share.expires <= time.time()):
            return False
        return share.project == project and run in share.runs

    # -- projects ----------------------------------------------------------------------------------------------------

    def make_project(self, name: str, *, owner: Person | None, public: bool = False) -> bool:
        """Make a project, unless it is there; one that is there stays as it is.

        Args:
            name: of the project.
            owner: who becomes its owner if this call makes it; None for nobody.
            public: whether everybody may read it.

        Returns:
            Whether this call made it.

        Raises:
            AccessRefused: it can be no name.
        """
        if fault := _fault(name):
            raise AccessRefused(f'The project "{name}" {fault}.')
        now = time.time()
        with self._writing() as connection:
            # One transaction, so that no project is made whose owner is not: of two at once one waits for the other.
            made = connection.execute(_add_project, {"name": name, "created": now, "public": public}).rowcount
            if not made:
                return False
            if owner is not None:
                project = demand_project(connection, name)
                row = {"project": project, "person": owner.id, "role": Role.OWNER.value, "added": now}
                connection.execute(insert(members), row)
        return True

    def set_public(self, project: str, public: bool) -> None:
        """Let everybody read a project, or its members alone.

        Raises:
            AccessRefused: there is no such project.
        """
        with self._writing() as connection:
            number = demand_project(connection, project)
            connection.execute(update(projects).where(projects.c.id == number).values(public=public))

    def project_settings(self, project: str) -> ProjectSettings | None:
        """A project; None if it is not there."""
        return next(iter(self._settings(project)), None) if named(project) else None

    def projects(self) -> list[ProjectSettings]:
        """All projects, those without runs too, by name."""
        return self._settings(None)

    def _settings(self, project: str | None) -> list[ProjectSettings]:
        columns = (projects.c.name, projects.c.created, projects.c.public)
        statement = select(*columns, func.count(members.c.person))
        statement = statement.outerjoin(members, members.c.project == projects.c.id)
        if project is not None:
            statement = statement.where(projects.c.name == project)
        with self._reading() as connection:
            rows = connection.execute(statement.group_by(*columns).order_by(projects.c.name))
            return [ProjectSettings(*row) for row in rows]

    # -- members -----------------------------------------------------------------------------------------------------

    def set_member(self, project: str, name: str, role: str) -> None:
        """Make somebody a member of a project, or give a member another role.

        Raises:
            AccessRefused: there is no such project, person or role, or the project would have no owner any more.
        """
        wanted = role_named(role)
        with self._writing() as connection:
            number = demand_project(connection, project, lock=True)
            person = demand_person(connection, name)
            if wanted < Role.OWNER:
                _keep_an_owner(connection, project, number, person)
            set_role(connection, number, person.id, wanted)

    def remove_member(self, project: str, name: str) -> None:
        """Make somebody a member no more.

        Raises:
            AccessRefused: there is no such project or member, or the project would have no owner any more.
        """
        with self._writing() as connection:
            number = demand_project(connection, project, lock=True)
            person = demand_person(connection, name)
            _keep_an_owner(connection, project, number, person)
            one = (members.c.project == number) & (members.c.person == person.id)
            if connection.execute(delete(members).where(one)).rowcount == 0:
                raise AccessRefused(f'"{name}" is no member of the project "{project}".')

    def members(self, project: str) -> list[Member]:
        """The members of a project by name; none if there is no such project."""
        if not named(project):
            return []
        statement = (
            select(people.c.name, members.c.role, members.c.added, people.c.disabled)
            .join(members, members.c.person == people.c.id)
            .join(projects, members.c.project == projects.c.id)
            .where(projects.c.name == project)
            .order_by(people.c.name)
        )
        with self._reading() as connection:
            rows = connection.execute(statement).all()
        return [Member(name, Role(role), added, disabled is not None) for name, role, added, disabled in rows]


def named(name: str) -> bool:
    """Whether a text may be the name of a project; no other is looked for, as PostgreSQL refuses U+0000."""
    return _fault(name) is None


def _fault(name: str) -> str | None:
    try:
        name.encode()
    except UnicodeEncodeError:
        return "holds half of a pair of surrogates"
    return name_fault(name)


def demand_project(connection: Connection, name: str, *, lock: bool = False) -> int:
    """The number of a project; with `lock` nobody else changes who is a member until the end of the transaction.

    Raises:
        AccessRefused: there is no such project.
    """
    statement = select(projects.c.id).where(projects.c.name == name)
    if lock:
        statement = statement.with_for_update(key_share=True)  # runs may be added meanwhile
    found = connection.execute(statement).scalar() if named(name) else None
    if found is None:
        raise AccessRefused(f'There is no project "{name}": `runjson project create` makes one.')
    return int(found)


def set_role(connection: Connection, project: int, person: int, role: Role) -> None:
    """Write down the role of a member, who may be one already."""
    one = (members.c.project == project) & (members.c.person == person)
    if connection.execute(update(members).where(one).values(role=role.value)).rowcount == 0:
        row = {"project": project, "person": person, "role": role.value, "added": time.time()}
        connection.execute(insert(members), row)


def role_of(connection: Connection, project: int, person: int) -> Role | None:
    """What somebody may do in a project, by their numbers; None for nothing."""
    statement = select(people.c.admin, people.c.disabled, members.c.role)
    membership = (members.c.person == people.c.id) & (members.c.project == project)
    row = connection.execute(statement.outerjoin(members, membership).where(people.c.id == person)).one()
    if row.disabled is not None:
        return None
    if row.admin:
        return Role.OWNER
    return None if row.role is None else Role(row.role)


def _keep_an_owner(connection: Connection, project: str, number: int, person: Person) -> None:
    """Refuse that the last owner of a project is one no more."""
    owners = select(members.c.person, people.c.disabled).join(people, members.c.person == people.c.id)
    rows = connection.execute(owners.where(members.c.project == number, members.c.role == Role.OWNER.value)).all()
    others = [row for row in rows if row.person != person.id and row.disabled is None]
    if any(row.person == person.id for row in rows) and not others:
        raise AccessRefused(
            f'"{person.name}" is the last owner of the project "{project}": make somebody else one first, '
            f"`runjson project member {project} NAME owner`."
        )


def _number(caller: Caller) -> int | None:
    """The number of the person who asks."""
    return None if caller.person is None else caller.person.id


def role_in(caller: Caller, project: str, row: Any) -> Role | None:  # Any: a row with the columns of `_memberships`
    """What who asks may do in a project that is there."""
    if caller.all:
        return Role.OWNER
    if row.person is not None and row.disabled is None and caller.project in {None, project}:
        if row.admin and caller.scope == "admin":
            return Role.OWNER
        if row.role is not None:
            return min(Role(row.role), MOST[caller.scope])
    return Role.VIEWER if row.public else None
