"""The commands about who uses a tracker: `user` and `token`."""

from __future__ import annotations

import getpass
import sys
import time
from enum import StrEnum
from typing import Annotated

import typer

from runjson_tracker.access.roles import Role
from runjson_tracker.cli.listing import As, Format
from runjson_tracker.cli.opening import Location, Origin, fail
from runjson_tracker.cli.rights import moment, note, opened, print_rows, seconds


class ScopeOption(StrEnum):
    """What a token is for."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


Name = Annotated[str, typer.Argument(help="Of the person.", metavar="NAME")]
Stdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")]

user = typer.Typer(help="Add people to a tracker, invite them, and say who may sign in.", no_args_is_help=True)
token = typer.Typer(help="Make tokens for programs, list them, and revoke them.", no_args_is_help=True)


@user.command()
def add(
    name: Name,
    admin: Annotated[bool, typer.Option("--admin", help="Make this person an owner of every project.")] = False,
    password_stdin: Stdin = False,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="Set none: for who has tokens only, or signs in elsewhere.")
    ] = False,
    tracker: Location = None,
) -> None:
    """Add somebody, and ask for a password, twice.

    A name has letters, digits and . _ - @. Where there is no terminal, the password is one line of standard input.
    """
    from runjson_tracker.access.people import demand_name

    with opened(tracker) as access:
        demand_name(name)  # before anybody types a password
        if access.person(name) is not None:
            fail(f'Somebody named "{name}" is there already: `runjson user passwd {name}` sets a password.')
        password = None if no_password else _password(name, from_stdin=password_stdin)
        access.add_person(name, password, admin=admin)
        note(access, "person.add", name=name, admin=admin)
    print(f"added {name}{', an admin' if admin else ''}")


@user.command()
def passwd(name: Name, password_stdin: Stdin = False, tracker: Location = None) -> None:
    """Set another password for somebody; all sessions of that person end."""
    with opened(tracker) as access:
        if access.person(name) is None:
            fail(f'There is nobody named "{name}": `runjson user list` lists who there is.')
        access.set_password(name, _password(name, from_stdin=password_stdin))
        note(access, "person.password", name=name)
    print(f"changed the password of {name}")


@user.command("list")
def list_people(fmt: As = Format.TABLE, tracker: Origin = None) -> None:
    """List the people of a tracker by name."""
    with opened(tracker) as access:
        rows = [
            (one.name, "admin" if one.admin else "", one.subject or "", moment(one.created), moment(one.disabled))
            for one in access.people()
        ]
    nothing = "This tracker has no people yet. `runjson user add NAME` adds one."
    print_rows(("name", "rights", "subject", "created", "disabled"), rows, fmt, nothing)


@user.command()
def disable(name: Name, tracker: Location = None) -> None:
    """Let somebody do nothing any more: sessions end, and tokens stop working."""
    with opened(tracker) as access:
        access.disable(name)
        note(access, "person.disable", name=name)
    print(f"disabled {name}")


@user.command()
def enable(name: Name, tracker: Location = None) -> None:
    """Take somebody back who was disabled; tokens work again."""
    with opened(tracker) as access:
        access.enable(name)
        note(access, "person.enable", name=name)
    print(f"enabled {name}")


@user.command()
def invite(
    project: Annotated[str | None, typer.Option(help="The project of which the guest becomes a member.")] = None,
    role: Annotated[Role | None, typer.Option(help="What the guest may do there.")] = None,
    lasts: Annotated[str, typer.Option("--for", help="How long: days, hours or minutes.", metavar="TIME")] = "7d",
    address: Annotated[str, typer.Option(help="Of the server, such as https://runs.example.org.")] = "",
    tracker: Location = None,
) -> None:
    """Print a link by which one new person comes in, with a name and a password of one's own choice.

    The secret stands behind the #, which browsers do not send: no log has it.
    """
    from runjson_tracker.access.secret import digest, public_id

    with opened(tracker) as access:
        secret = access.invite(None, project=project, role=role, seconds=seconds(lasts))
        note(access, "person.invite", project, id=public_id(digest(secret)), role=role)
    print(f"{address.rstrip('/')}/invitation#{secret}")


@user.command()
def invitations(
    project: Annotated[str | None, typer.Option(help="Those to this project alone.")] = None,
    withdraw: Annotated[
        str | None, typer.Option(help="Let nobody come by the one of this id any more.", metavar="ID")
    ] = None,
    fmt: As = Format.TABLE,
    tracker: Origin = None,
) -> None:
    """List the invitations that nobody used yet, or withdraw one. Their links can not be shown again."""
    with opened(tracker) as access:
        if withdraw is not None:
            ended = access.withdraw_invitation(withdraw)
            note(access, "invitation.withdraw", ended.project, id=ended.id, by=ended.by, role=ended.role)
            print(f"withdrew the invitation {ended.id}")
            return
        rows = [
            (one.id, one.by, one.project or "", one.role or "", moment(one.created), moment(one.expires))
            for one in access.invitations(project)
        ]
    names = ("id", "by", "project", "role", "created", "expires")
    print_rows(names, rows, fmt, "No invitation stands. `runjson user invite` makes one.")


@token.command("add")
def add_token(
    name: Annotated[str, typer.Argument(help="What the token is called.", metavar="NAME")],
    person: Annotated[str, typer.Option("--user", help="Whose it is: it may do no more than this person.")],
    scope: Annotated[ScopeOption, typer.Option(help="What it is for.")] = ScopeOption.WRITE,
    project: Annotated[str | None, typer.Option(help="The one project that it is limited to.")] = None,
    lasts: Annotated[
        str | None, typer.Option("--for", help="How long: days, hours or minutes; for good by default.", metavar="TIME")
    ] = None,
    tracker: Location = None,
) -> None:
    """Make a token, and print its secret, this once.

    A token with the scope read looks, with write it also tracks and edits, with admin it does all that its person may.
    """
    expires = None if lasts is None else time.time() + seconds(lasts)
    with opened(tracker) as access:
        made, secret = access.make_token(person, name, scope.value, project=project, expires=expires)
        note(access, "token.make", project, name=name, of=person, scope=made.scope, expires=expires)
    print(f"token {name} of {person}, scope {made.scope}; nobody can show it again:", file=sys.stderr)
    print(secret)


@token.command("list")
def list_tokens(
    person: Annotated[str | None, typer.Option("--user", help="Those of this person alone.")] = None,
    fmt: As = Format.TABLE,
    tracker: Origin = None,
) -> None:
    """List tokens, those that ended too."""
    with opened(tracker) as access:
        rows = [
            (
                one.id,
                one.person,
                one.name,
                one.scope,
                one.project or "",
                *map(moment, (one.created, one.used, one.expires, one.revoked)),
            )
            for one in access.tokens(person)
        ]
    names = ("id", "user", "name", "scope", "project", "created", "used", "expires", "revoked")
    print_rows(names, rows, fmt, "There are no tokens. `runjson token add NAME --user U` makes one.")


@token.command()
def revoke(
    name: Annotated[str, typer.Argument(help="Of the token, or its number.", metavar="NAME")],
    person: Annotated[str, typer.Option("--user", help="Whose it is.")],
    tracker: Location = None,
) -> None:
    """Let a token work no more."""
    with opened(tracker) as access:
        revoked = access.revoke(person, name)
        note(access, "token.revoke", revoked.project, name=revoked.name, of=person)
    print(f"revoked the token {revoked.name} of {person}")


def _password(name: str, *, from_stdin: bool) -> str:
    """A password, asked for twice on a terminal, or else one line of standard input."""
    try:
        if from_stdin or not sys.stdin.isatty():
            line = sys.stdin.readline()
            if not line:
                fail("Standard input has no line with a password.", code=2)
            return line.rstrip("\r\n")
        first = getpass.getpass(f"Password of {name}: ")
        if first != getpass.getpass("Again: "):
            fail("The two are not the same; nothing was changed.")
    except UnicodeDecodeError:
        fail("The password is no text of this terminal's encoding.", code=2)
    except EOFError:
        fail("No password was given; nothing was changed.", code=2)
    return first
