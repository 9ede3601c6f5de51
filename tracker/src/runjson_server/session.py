"""Who asks, and signing in and out: `/api/v1/session`."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from runjson_tracker.access.roles import Caller, Person
from runjson_tracker.access.sessions import csrf_of

from runjson_server.asking import Asking, Asks, is_secure, session_cookie, share_cookie
from runjson_server.passwords import passwords_of
from runjson_server.problems import Problem, also

router: Final = APIRouter(prefix="/session", tags=["people"])
# What a page asks for without a header. No other route is sent the cookie of a share.
_WITHOUT_HEADER: Final = ("/api/v1/file", "/api/v1/export", "/api/v1/changes")


class Shared(BaseModel):
    """What somebody sees who has the link of a share."""

    person: str = Field(description="who shares")
    project: str
    runs: list[str] = Field(description="their ids, in the order in which they are compared")
    expires: float | None = Field(description="in seconds since 1970")


class Session(BaseModel):
    """Who asks."""

    person: str | None = Field(description="their name; null for nobody in particular")
    admin: bool = Field(description="whether they may do everything")
    reads: bool = Field(description="whether they may read anything at all")
    writes: bool = Field(description="whether they may track runs, in projects where they have that right")
    token: str | None = Field(description="the name of the token that was sent")
    csrf: str | None = Field(
        description="what a page sends with each change, in the header X-CSRF-Token; null where nobody signed in here"
    )
    share: Shared | None = Field(description="what was shared, where the secret of a share was sent")
    openid: bool = Field(description="whether GET /api/v1/openid/start leads to another place to sign in at")


class SignIn(BaseModel):
    """Somebody's name and password."""

    name: str = Field(max_length=128)
    password: str = Field(max_length=1024)


@router.get("", summary="Ask who you are")
def session(request: Request, response: Response, asks: Asks) -> Session:
    """Say who the caller is.

    Who asks with the secret of a share gets it as a cookie, too: pictures, downloads and live changes of a
    page carry no header.
    """
    if asks.caller.share is not None:
        secret = request.headers.get("authorization", "").partition(" ")[2].strip()
        for path in _WITHOUT_HEADER:
            response.set_cookie(
                share_cookie(request), secret, path=path, httponly=True, secure=is_secure(request), samesite="strict"
            )
    return _told(asks)


@router.post("", summary="Sign in", responses=also(409, 429, 503))
async def sign_in(request: Request, response: Response, asks: Asks, given: SignIn) -> Session:
    """Begin a session, whose secret is kept by the browser in a cookie that no script can read.

    Who gives wrong passwords waits longer each time (429, with Retry-After). Each that was compared is in the log, as
    sign-in.fail, with the name and the address; 600 of an hour at most.
    """
    if asks.settings.alone:
        raise Problem(409, "This tracker is served to you alone: nobody signs in.")
    access, passwords = asks.store.access, passwords_of(request)
    person = await passwords.compare(asks, given.name, lambda: access.sign_in(given.name, given.password))
    if person is None:
        if passwords.noting.take():
            await to_thread.run_sync(lambda: asks.note("sign-in.fail", name=given.name))
        raise Problem(401, "The name or the password is wrong.", {"WWW-Authenticate": "Bearer"})
    return _told(await passwords.take(lambda: begin(request, response, asks, person)))


@router.delete("", summary="Sign out", status_code=204)
def sign_out(request: Request, response: Response, asks: Asks) -> None:
    """End the session of the cookie, and what the browser sees by the link of a share."""
    if asks.session is not None:
        asks.store.access.end_session(asks.session)
        asks.note("session.end")
    if asks.caller.share is None:
        forget(request, response)  # who leaves a share stays signed in beside it
    for path in _WITHOUT_HEADER:
        response.delete_cookie(
            share_cookie(request), path=path, httponly=True, secure=is_secure(request), samesite="strict"
        )


def begin(request: Request, response: Response, asks: Asking, person: Person) -> Asking:
    """Sign somebody in, in place of whoever was.

    Returns:
        Who asks from now on.
    """
    access, seconds = asks.store.access, asks.settings.session
    secret, _ = access.begin_session(person, seconds)
    if asks.session is not None:
        access.end_session(asks.session)
    response.set_cookie(
        session_cookie(request), secret, max_age=int(seconds), path="/", httponly=True, secure=is_secure(request),
        samesite="lax",  # strict would leave out those who come back from signing in elsewhere; no GET changes anything
    )  # fmt: skip
    now = replace(asks, caller=Caller(person=person, scope="admin"), session=secret)
    now.note("session.begin")
    return now


def forget(request: Request, response: Response) -> None:
    """Take the cookie of a session back."""
    response.delete_cookie(session_cookie(request), path="/", httponly=True, secure=is_secure(request), samesite="lax")


def _told(asks: Asking) -> Session:
    caller = asks.caller
    somebody = caller.person is not None or caller.all
    return Session(
        person=caller.person.name if caller.person else None,
        admin=caller.all or bool(caller.person and caller.person.admin and caller.scope == "admin"),
        reads=somebody or caller.share is not None or asks.settings.anyone,
        writes=somebody and caller.scope != "read",
        token=caller.token,
        csrf=None if asks.session is None else csrf_of(asks.session),
        share=None if caller.share is None else Shared.model_validate(caller.share, from_attributes=True),
        openid=asks.settings.openid is not None,
    )
