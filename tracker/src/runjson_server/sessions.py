"""Where somebody is signed in: `/api/v1/sessions`."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from pydantic import BaseModel, Field

from runjson_server.asking import Asks
from runjson_server.problems import Problem

router: Final = APIRouter(prefix="/sessions", tags=["people"])


class SignedIn(BaseModel):
    """A session: a browser that somebody is signed in with."""

    id: str = Field(description="by which it is ended; its secret does not follow from it")
    created: float = Field(description="since when, in seconds since 1970, as are used and expires")
    used: float = Field(description="when it was used last, to the minute")
    expires: float
    current: bool = Field(description="whether it is the one that asks")


class Sessions(BaseModel):
    """Sessions, the one that was used last first."""

    sessions: list[SignedIn]


class EndedSession(BaseModel):
    """Which sessions are to end."""

    id: str | None = Field(max_length=128, description="of one; null for all but the one that asks")


class EndedSessions(BaseModel):
    """How many sessions ended."""

    ended: int


@router.get("", summary="List where you are signed in")
def sessions(asks: Asks) -> Sessions:
    """List your sessions that last still."""
    found = asks.store.access.sessions(asks.in_person(), asks.session)
    return Sessions(sessions=[SignedIn.model_validate(one, from_attributes=True) for one in found])


@router.post("/end", summary="End sessions of yours")
def end(asks: Asks, old: EndedSession) -> EndedSessions:
    """Sign yourself out of one browser, or of all but the one that asks."""
    person = asks.in_person()
    if old.id is None:
        ended = asks.store.access.end_other_sessions(person, asks.session)
        asks.note("session.revoke", count=ended)
        return EndedSessions(ended=ended)
    if not asks.store.access.end_session_of(person, old.id):
        raise Problem(404, f'You have no session "{old.id}" that lasts.')
    asks.note("session.revoke", id=old.id)
    return EndedSessions(ended=1)
