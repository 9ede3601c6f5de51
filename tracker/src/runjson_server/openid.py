"""Signing in elsewhere, by OpenID Connect: `/api/v1/openid`."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from runjson_tracker.access.roles import Caller, Person
from runjson_tracker.errors import AccessRefused

from runjson_server.asking import Asking, Asks, cookie_name, is_secure, same
from runjson_server.problems import Problem, also
from runjson_server.session import begin
from runjson_server.settings import Settings

if TYPE_CHECKING:
    from runjson_server.issuer import Begun, Issuer, Known

router: Final = APIRouter(prefix="/openid", tags=["people"])
DONE: Final = "/api/v1/openid/done"
_COOKIE: Final = "runjson_openid"
# Seconds that somebody has to sign in elsewhere.
_PATIENCE: Final = 600
# Browsers take \ for /, and leave out tabs and line breaks.
_LOCAL: Final = re.compile(r"/(?![/\\])[!-\[\]-~]*")
_ERROR: Final = re.compile(r"[a-z_]{1,64}")

# Any: what FastAPI asks for.
_AWAY: Final[dict[int | str, dict[str, Any]]] = {
    303: {"description": "to where one signs in, or back to a page of this server"}
}


def make_issuer(settings: Settings) -> Issuer | None:
    """The issuer at which people sign in; None for none."""
    if settings.openid is None or settings.alone:
        return None
    from runjson_server.issuer import Issuer  # noqa: PLC0415  servers without it begin in a sixth less time

    return Issuer(settings.openid, settings.address + DONE)


@router.get(
    "/start", summary="Sign in elsewhere", status_code=303, response_class=RedirectResponse,
    responses=_AWAY | also(502, 503),
)  # fmt: skip
async def start(
    request: Request,
    asks: Asks,
    to: Annotated[str, Query(alias="next", max_length=1024, description="the path of the page to go to then")] = "/",
) -> RedirectResponse:
    """Send a browser to the issuer of OpenID Connect."""
    issuer = _issuer(request)
    place, begun = await issuer.take(lambda: issuer.begin(to))
    answer = RedirectResponse(place, 303)
    answer.set_cookie(
        cookie_name(request, _COOKIE), base64.urlsafe_b64encode(begun.model_dump_json().encode()).decode(),
        max_age=_PATIENCE, path="/", httponly=True, secure=is_secure(request), samesite="lax",
    )  # fmt: skip
    return answer


@router.get(
    "/done", summary="Come back from signing in elsewhere", status_code=303, response_class=RedirectResponse,
    responses=_AWAY | also(409, 502, 503),
)  # fmt: skip
async def done(
    request: Request,
    asks: Asks,
    state: Annotated[str, Query(max_length=1024, description="as it was sent to the issuer")] = "",
    code: Annotated[str, Query(max_length=4096, description="of the issuer")] = "",
    error: Annotated[str, Query(max_length=1024, description="why the issuer does not say who somebody is")] = "",
    iss: Annotated[str | None, Query(max_length=1024, description="who sends the browser back")] = None,
) -> RedirectResponse:
    """Begin a session for whom the issuer names, and go on to the page that was asked for."""
    issuer = _issuer(request)
    begun = _begun(request, issuer)
    if begun is None or not same(begun.state, state):
        raise Problem(403, "This browser did not ask to sign in, or too long ago. Begin again: /api/v1/openid/start.")
    if error or not code:
        why = f" ({error})" if _ERROR.fullmatch(error) else ""
        raise Problem(403, f"The place where you sign in refused{why}. Begin again: /api/v1/openid/start.")

    def signed_in() -> RedirectResponse:
        known = issuer.finish(code, begun, iss)
        answer = RedirectResponse(begun.next if _LOCAL.fullmatch(begun.next) else "/", 303)
        begin(request, answer, asks, _person(asks, known))
        answer.delete_cookie(
            cookie_name(request, _COOKIE), path="/", httponly=True, secure=is_secure(request), samesite="lax"
        )
        return answer

    return await issuer.take(signed_in)


def _issuer(request: Request) -> Issuer:
    issuer: Issuer | None = request.app.state.issuer
    if issuer is None:
        raise Problem(404, "Nobody signs in elsewhere here: `runjson serve --openid-issuer` lets them.")
    return issuer


def _begun(request: Request, issuer: Issuer) -> Begun | None:
    kept = request.cookies.get(cookie_name(request, _COOKIE), "")
    try:
        return issuer.begun(base64.urlsafe_b64decode(kept.encode()))
    except ValueError:
        return None


def _person(asks: Asking, known: Known) -> Person:
    """Who somebody is here: known by the subject alone, as the issuer lets people choose and change their names."""
    access = asks.store.access
    person = access.person_of(known.subject)
    if person is not None:
        return person
    if asks.settings.invited_only:
        raise Problem(403, f'You have no account here; tell an admin that you are "{known.subject}".')
    if known.name is None:
        raise Problem(403, f'The place where you sign in gives no name; tell an admin that you are "{known.subject}".')
    try:
        person = access.add_person(known.name, subject=known.subject)
    except AccessRefused as fault:
        # Another request of theirs may just have added them. A name that somebody has is not theirs to take over.
        person = access.person_of(known.subject)
        if person is None:
            raise Problem(403, f'{fault} An admin can help; you are "{known.subject}".') from None
        return person
    access.note(Caller(person=person), "person.add", address=asks.address, name=person.name, by="openid")
    return person
