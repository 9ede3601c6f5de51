"""People: `/api/v1/people`."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, StrictBool
from runjson_tracker.access import roles

from runjson_server.asking import Asks
from runjson_server.passwords import passwords_of
from runjson_server.problems import Problem, also
from runjson_server.session import forget

router: Final = APIRouter(prefix="/people", tags=["people"])

_NAME: Final = "^[A-Za-z0-9][A-Za-z0-9._@-]*$"
Name = Annotated[
    str, Field(max_length=128, pattern=_NAME, description="letters, digits and . _ - @, a letter or a digit first")
]
NewPassword = Annotated[str, Field(min_length=8, max_length=1024)]


class Person(BaseModel):
    """Somebody who signs in."""

    name: str
    admin: bool = Field(description="whether they are an owner of every project")
    created: float = Field(description="in seconds since 1970")
    disabled: float | None = Field(description="since when they may do nothing any more; null if they may")
    subject: str | None = Field(description="who they are for OpenID Connect: the issuer, a space, the subject")

    @classmethod
    def of(cls, person: roles.Person) -> Person:
        """Somebody of the store."""
        return cls.model_validate(person, from_attributes=True)


class People(BaseModel):
    """Who may sign in."""

    people: list[Person]


class NewPerson(BaseModel):
    """Somebody who is to be added."""

    name: Name
    password: NewPassword | None = Field(default=None, description="null for who signs in elsewhere")
    admin: StrictBool = False
    subject: str | None = Field(
        default=None, max_length=1024, description="who they are for OpenID Connect: the issuer, a space, the subject"
    )


class Named(BaseModel):
    """Somebody, by name."""

    name: Name


class Password(BaseModel):
    """Another password for somebody."""

    name: Name
    password: NewPassword
    old: str | None = Field(default=None, max_length=1024, description="your own one so far, if it is yours")


@router.get("", summary="List people")
def people(asks: Asks) -> People:
    """List all people, by name, those who are disabled too. For admins."""
    asks.demand_admin()
    return People(people=[Person.of(one) for one in asks.store.access.people()])


@router.post("", summary="Add somebody", status_code=201, responses=also(409, 503))
async def add(request: Request, asks: Asks, new: NewPerson) -> Person:
    """Add somebody. For admins; an invitation lets guests choose their name and password."""
    asks.demand_admin()

    def added() -> Person:
        person = asks.store.access.add_person(new.name, new.password, admin=new.admin, subject=new.subject)
        asks.note("person.add", name=new.name, admin=new.admin)
        return Person.of(person)

    return await passwords_of(request).take(added)


@router.post("/disable", summary="Disable somebody", status_code=204, responses=also(409))
def disable(asks: Asks, who: Named) -> None:
    """Let somebody do nothing any more: they are signed out, and their tokens stop. For admins."""
    asks.demand_admin()
    if asks.caller.person is not None and asks.caller.person.name == who.name:
        raise Problem(409, "You would shut yourself out: another admin can disable you.")
    asks.store.access.disable(who.name)
    asks.note("person.disable", name=who.name)


@router.post("/enable", summary="Take somebody back", status_code=204, responses=also(409))
def enable(asks: Asks, who: Named) -> None:
    """Take somebody back who was disabled; tokens that were not revoked work again. For admins."""
    asks.demand_admin()
    asks.store.access.enable(who.name)
    asks.note("person.enable", name=who.name)


@router.post("/password", summary="Change a password", status_code=204, responses=also(409, 429, 503))
async def password(request: Request, response: Response, asks: Asks, change: Password) -> None:
    """Give yourself another password, or as an admin somebody else.

    Whoever is signed in by that name is signed out, you too. Tokens go on working.
    """
    access, passwords = asks.store.access, passwords_of(request)
    own = not asks.signed_in().all and asks.in_person().name == change.name
    if not own:
        asks.demand_admin()
    elif not await passwords.compare(asks, change.name, lambda: access.sign_in(change.name, change.old or "")):
        raise Problem(403, "The old password is wrong.")

    def changed() -> None:
        access.set_password(change.name, change.password)
        asks.note("person.password", name=change.name)

    await passwords.take(changed)
    if own and asks.session is not None:
        forget(request, response)
