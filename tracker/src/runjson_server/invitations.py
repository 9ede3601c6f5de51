"""Invitations: `/api/v1/invitations`. Their secret stands in no address that is asked for: logs have addresses."""

from __future__ import annotations

import time
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from runjson_tracker.access import invitations as access_invitations
from runjson_tracker.access.roles import Role
from runjson_tracker.access.secret import digest, public_id

from runjson_server.asking import Asks
from runjson_server.passwords import passwords_of
from runjson_server.people import Name, NewPassword
from runjson_server.problems import Problem, also
from runjson_server.session import begin

router: Final = APIRouter(prefix="/invitations", tags=["people"])
_WEEK: Final = 7 * 86400.0
_YEAR: Final = 366 * 86400.0

Secret = Annotated[str, Field(max_length=128, description="what stands behind the # of the link")]


class NewInvitation(BaseModel):
    """Somebody is to be invited."""

    project: str | None = Field(default=None, max_length=1024, description="of which they become a member, with `role`")
    role: Role | None = Field(default=None, description="what they may do there")
    expires_in: float = Field(
        default=_WEEK, gt=0, le=_YEAR, strict=True, allow_inf_nan=False, description="how long it stands, in seconds"
    )


class Invited(BaseModel):
    """An invitation that was made. Nobody can ask for its link again."""

    link: str = Field(description="for the guest; it can be used once")
    secret: str = Field(description="what stands behind the # of the link")
    expires: float = Field(description="in seconds since 1970")


class Asked(BaseModel):
    """The secret of an invitation."""

    secret: Secret


class Invitation(BaseModel):
    """What somebody is invited to."""

    by: str | None = Field(description="who invites; null for whoever runs the server")
    project: str | None = Field(description="of which one becomes a member; null for none")
    role: Role | None
    expires: float = Field(description="in seconds since 1970")


class StandingInvitation(Invitation):
    """An invitation that somebody may still accept, without its link."""

    id: str = Field(description="by which it is withdrawn; the link does not follow from it")
    created: float = Field(description="in seconds since 1970")

    @classmethod
    def of(cls, invitation: access_invitations.Invitation) -> StandingInvitation:
        """An invitation of the store."""
        return cls.model_validate(invitation, from_attributes=True)


class Invitations(BaseModel):
    """Invitations, the newest first."""

    invitations: list[StandingInvitation]


class Withdrawn(BaseModel):
    """The invitation that is to end."""

    id: str = Field(max_length=128)
    project: str | None = Field(default=None, max_length=1024, description="to which it is; null for none")


class Joining(BaseModel):
    """Somebody who is signed in accepts an invitation."""

    model_config = ConfigDict(extra="forbid")  # who gives a name alone is somebody new, who forgot the password

    secret: Secret


class Coming(BaseModel):
    """Somebody new accepts an invitation."""

    secret: Secret
    name: Name
    password: NewPassword


class Accepted(BaseModel):
    """Who came, and where they are a member now."""

    person: str
    project: str | None


@router.post("", summary="Invite somebody", status_code=201, responses=also(409))
def invite(asks: Asks, new: NewInvitation) -> Invited:
    """Make a link by which one person comes in. For admins, and for owners of the project that it names."""
    by = None if asks.signed_in().all else asks.in_person()
    if new.project is None:
        asks.demand_admin()
    else:
        asks.demand(new.project, Role.OWNER)
    role = None if new.role is None else new.role.value
    secret = asks.store.access.invite(by, project=new.project, role=role, seconds=new.expires_in)
    asks.note("person.invite", new.project, id=public_id(digest(secret)), role=role)
    return Invited(
        link=f"{asks.base}/invitation#{secret}", secret=secret, expires=time.time() + new.expires_in
    )  # fmt: skip


@router.get("", summary="List the invitations that stand")
def invitations(
    asks: Asks,
    project: Annotated[
        str | None, Query(min_length=1, max_length=1024, description="to this one alone; for admins all by default")
    ] = None,
) -> Invitations:
    """List the invitations that nobody used yet, without their links. For owners of the project, and for admins."""
    if project is None:
        asks.demand_admin()
    else:
        asks.demand(project, Role.OWNER)
    found = asks.store.access.invitations(project)
    return Invitations(invitations=[StandingInvitation.of(one) for one in found])


@router.post("/withdraw", summary="Withdraw an invitation", status_code=204, responses=also(409))
def withdraw(asks: Asks, old: Withdrawn) -> None:
    """Let nobody come by a link any more. For owners of the project that it names, and for admins."""
    if old.project is None:
        asks.demand_admin()
    else:
        asks.demand(old.project, Role.OWNER)
    found = next((one for one in asks.store.access.invitations(old.project) if one.id == old.id), None)
    if found is None or found.project != old.project:
        raise Problem(404, f'There is no invitation "{old.id}" here that stands.')
    asks.store.access.withdraw_invitation(found.id)
    asks.note("invitation.withdraw", old.project, id=found.id, by=found.by, role=found.role)


@router.post("/asked", summary="Ask what an invitation is to")
def asked(asks: Asks, given: Asked) -> Invitation:
    """Say what somebody is invited to; whoever has the secret may ask."""
    found = asks.store.access.invitation(given.secret)
    if found is None:
        raise Problem(404, "This invitation was used, has expired, or never was: ask for another one.")
    return Invitation(by=found.by, project=found.project, role=found.role, expires=found.expires)


@router.post("/accept", summary="Accept an invitation", responses=also(409, 503))
async def accept(request: Request, response: Response, asks: Asks, given: Coming | Joining) -> Accepted:
    """Come in: with a name and a password as somebody new, who is signed in by that, or else as who is signed in."""
    access, passwords = asks.store.access, passwords_of(request)
    if isinstance(given, Joining):
        person = asks.in_person()

        def joined() -> Accepted:
            project = access.accept_as(given.secret, person)
            asks.note("member.accept", project)
            return Accepted(person=person.name, project=project)

        return await passwords.take(joined)
    name, password = given.name, given.password

    def came() -> Accepted:
        invitation = access.invitation(given.secret)
        new = access.accept(given.secret, name, password)
        project = None if invitation is None else invitation.project
        begin(request, response, asks, new).note("person.accept", project, name=name)
        return Accepted(person=new.name, project=project)

    return await passwords.take(came)
