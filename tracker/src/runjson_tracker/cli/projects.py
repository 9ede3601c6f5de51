"""The commands about projects, and about what was done in them: `project` and `audit`."""

from __future__ import annotations

from typing import Annotated

import typer

from runjson_tracker.access.roles import Role
from runjson_tracker.cli.listing import As, Format
from runjson_tracker.cli.opening import Location, Origin, fail
from runjson_tracker.cli.rights import moment, note, opened, print_rows

Name = Annotated[str, typer.Argument(help="The project.", metavar="PROJECT")]

project = typer.Typer(help="Make projects, and say who may read and change them.", no_args_is_help=True)


@project.command("list")
def list_projects(fmt: As = Format.TABLE, tracker: Origin = None) -> None:
    """List the projects of a tracker, those without runs too."""
    with opened(tracker) as access:
        rows = [
            (one.name, "public" if one.public else "private", one.members, moment(one.created))
            for one in access.projects()
        ]
    nothing = "This tracker has no projects yet. `runjson upload FILE` and `runjson project create` make them."
    print_rows(("project", "access", "members", "created"), rows, fmt, nothing)


@project.command()
def create(
    name: Name,
    owner: Annotated[str | None, typer.Option(help="Who becomes its owner.", metavar="NAME")] = None,
    public: Annotated[bool, typer.Option("--public", help="Let everybody read it.")] = False,
    tracker: Location = None,
) -> None:
    """Make a project; one that is there stays as it is."""
    with opened(tracker) as access:
        person = None if owner is None else access.person(owner)
        if owner is not None and person is None:
            fail(f'There is nobody named "{owner}": `runjson user list` lists who there is.')
        made = access.make_project(name, owner=person, public=public)
        if made:
            note(access, "project.make", name, owner=owner, public=public)
    print(f"made {name}" if made else f"{name} is there already")


@project.command("public")
def make_public(name: Name, tracker: Location = None) -> None:
    """Let everybody read a project, those too who did not sign in."""
    _set_public(name, tracker, public=True)


@project.command("private")
def make_private(name: Name, tracker: Location = None) -> None:
    """Let nobody but its members read a project."""
    _set_public(name, tracker, public=False)


@project.command()
def members(name: Name, fmt: As = Format.TABLE, tracker: Origin = None) -> None:
    """List the members of a project by name."""
    with opened(tracker) as access:
        if access.project_settings(name) is None:
            fail(f'There is no project "{name}": `runjson project list` lists what there is.')
        rows = [
            (one.name, one.role.value, moment(one.added), "disabled" if one.disabled else "")
            for one in access.members(name)
        ]
    nothing = f"It has no members. `runjson project member {name} NAME ROLE` makes one."
    print_rows(("name", "role", "since", "state"), rows, fmt, nothing)


@project.command()
def member(
    name: Name,
    person: Annotated[str, typer.Argument(help="The person.", metavar="NAME")],
    role: Annotated[
        Role | None, typer.Argument(help="owner, contributor or viewer.", metavar="ROLE", show_choices=False)
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Make this person a member no more.")] = False,
    tracker: Location = None,
) -> None:
    """Give somebody a role in a project, or take it away.

    A viewer reads runs, a contributor also tracks and edits them, an owner also says who is a member.
    """
    if (role is None) != remove:
        fail(f"Say what {person} is to be: owner, contributor or viewer; or --remove.", code=2)
    with opened(tracker) as access:
        if role is None:
            access.remove_member(name, person)
            note(access, "member.remove", name, name=person)
        else:
            access.set_member(name, person, role.value)
            note(access, "member.set", name, name=person, role=role.value)
    print(f"{person} is no member of {name}" if role is None else f"{person} is {role.value} of {name}")


def audit(
    name: Annotated[str | None, typer.Argument(help="In this one alone.", metavar="PROJECT")] = None,
    person: Annotated[str | None, typer.Option("--user", help="What this person did alone.", metavar="NAME")] = None,
    action: Annotated[
        str | None, typer.Option(help="What is called so alone, such as token.make.", metavar="ACTION")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="So many rows at most.")] = 100,
    fmt: As = Format.TABLE,
    tracker: Origin = None,
) -> None:
    """Show what was done in a tracker, and by whom, the last first."""
    with opened(tracker) as access:
        rows = [
            (moment(one.at), one.person, one.token, one.address, one.action, one.project, one.detail)
            for one in access.audit(project=name, person=person, action=action, limit=limit)
        ]
    names = ("at", "user", "token", "from", "action", "project", "detail")
    print_rows(names, rows, fmt, "Nothing is written down yet.")


def _set_public(name: str, tracker: str | None, *, public: bool) -> None:
    word = "public" if public else "private"
    with opened(tracker) as access:
        access.set_public(name, public)
        note(access, f"project.{word}", name)
    print(f"{name} is {word}")
