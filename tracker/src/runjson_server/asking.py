"""Who asks: a token, a session, a share link, a proxy's word, or nobody."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Annotated, Final

from fastapi import Depends, Request
from runjson_tracker.access.members import Standing
from runjson_tracker.access.roles import ALONE, ANYONE, Caller, Person, Role, Share
from runjson_tracker.access.sessions import csrf_of
from runjson_tracker.errors import AccessRefused
from runjson_tracker.store import Store

from runjson_server.problems import Problem
from runjson_server.proxies import client_address, person_named
from runjson_server.settings import Settings

SESSION: Final = "runjson_session"
_SHARE: Final = "runjson_share"
KEY: Final = "runjson_key"
CSRF: Final = "x-csrf-token"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_SIGN_IN: Final = "Sign in, or send a token: Authorization: Bearer rj_..."


@dataclass(frozen=True, slots=True)
class Asking:
    """A request's caller, and what they may do in the store.

    Attributes:
        store: the tracker.
        settings: of the server.
        caller: who asks.
        address: of the client, for the audit log.
        base: the address of the server, for links.
        session: the secret of the session by which the caller is signed in; None for other ways.
        beside: what was shared by a link that the browser opened, whose cookie comes with what carries no header.
        known: a project, and what the caller may do there, where that was asked along with who they are.
    """

    store: Store
    settings: Settings
    caller: Caller
    address: str | None
    base: str
    session: str | None = field(default=None, repr=False)
    beside: Share | None = None
    known: tuple[str, Role] | None = None

    @property
    def shares(self) -> list[Share]:
        """What was shared with the caller."""
        return [one for one in (self.caller.share, self.beside) if one is not None]

    @property
    def is_nobody(self) -> bool:
        """Whether the caller has not said who they are."""
        return self.caller.person is None and not self.caller.all and self.caller.share is None

    def role(self, project: str) -> Role | None:
        """What the caller may do in a project; None also if there is no such project."""
        if self.known is not None and self.known[0] == project:
            return self.known[1]
        if self.is_nobody and not self.settings.anyone:
            return None
        return self.store.access.role(self.caller, project)

    def demand(self, project: str, least: Role) -> None:
        """See that the caller has a role in a project, or a higher one.

        Raises:
            Problem: they have not. Who may not even read it is not told that it is there.
        """
        role = self.role(project)
        if role is None:
            raise self.hidden(f'There is no project "{project}", or none that you may see.')
        self.demand_as(role, project, least)

    @staticmethod
    def demand_as(role: Role, project: str, least: Role) -> None:
        """See that a role in a project is another one, or a higher one."""
        if role < least:
            raise Problem(
                403, f'In the project "{project}" you are {role.name.lower()}; this needs {least.name.lower()}.'
            )

    def demand_run(self, project: str, run: str) -> None:
        """See that the caller may read a run."""
        if any(self.store.access.shared(share, project, run) for share in self.shares):
            return
        if self.role(project) is None:
            raise self.hidden(f'There is no run "{run}" in a project "{project}" that you may see.')

    def readable(self) -> list[str] | None:
        """The projects that the caller may read; None for all."""
        if self.is_nobody and not self.settings.anyone:
            return []
        return self.store.access.readable(self.caller)

    def standings(self) -> dict[str, Standing]:
        """What the caller may do, by the names of the projects that may be read."""
        if self.is_nobody and not self.settings.anyone:
            return {}
        return self.store.access.standings(self.caller)

    def signed_in(self) -> Caller:
        """The caller, who must be somebody."""
        if self.caller.share is not None:
            raise Problem(403, "A link to shared runs shows these, and nothing else.")
        if self.is_nobody:
            raise self.hidden("")
        return self.caller

    def person(self) -> Person:
        """The person who asks."""
        person = self.signed_in().person
        if person is None:
            raise Problem(
                409, "This tracker is served to you alone, and nobody has an account. `runjson serve` is for a team."
            )
        return person

    def in_person(self) -> Person:
        """The person who asks, with all their rights: signed in, or with a token of the scope admin and no limit.

        What gives rights to others, or lets somebody sign in, is not for tokens that have fewer.
        """
        person = self.person()
        if self.caller.scope != "admin" or self.caller.project is not None:
            raise Problem(403, "This token may not do that: sign in, or send one of the scope admin for all projects.")
        return person

    def demand_admin(self) -> None:
        """See that the caller is an admin of the server."""
        if not self.signed_in().all and not self.in_person().admin:
            raise Problem(403, "Only an admin of this server may do that.")

    def hidden(self, detail: str) -> Problem:
        """The problem of what a caller may not see: not there, or not before they have signed in."""
        if self.is_nobody:
            return Problem(401, f"{detail} {_SIGN_IN}".strip(), {"WWW-Authenticate": "Bearer"})
        return Problem(404, detail)

    def note(self, action: str, project: str | None = None, **detail: object) -> None:
        """Write what was done into the audit log."""
        self.store.access.note(self.caller, action, project=project, address=self.address, **detail)


def store_of(request: Request) -> Store:
    """The store of a request's server."""
    store: Store = request.app.state.store
    return store


def settings_of(request: Request) -> Settings:
    """The settings of a request's server."""
    settings: Settings = request.app.state.settings
    return settings


def asking(request: Request) -> Asking:
    """Who asks."""
    return asking_in(request, None)


def asking_in(request: Request, project: str | None) -> Asking:
    """Who asks, and what they may do in a project: a token is asked for both at once."""
    store, settings = store_of(request), settings_of(request)
    caller, session, role = _caller(request, store, settings, project)
    base = settings.address or str(request.base_url).rstrip("/")
    cookie = request.cookies.get(share_cookie(request)) if request.method in _SAFE else None
    beside = store.access.share_of(cookie) if cookie else None
    known = None if project is None or role is None else (project, role)
    return Asking(store, settings, caller, client_address(request, settings), base, session, beside, known)


Asks = Annotated[Asking, Depends(asking)]


def is_secure(request: Request) -> bool:
    """Whether a request came by https, so that cookies may demand it."""
    return settings_of(request).secure or request.url.scheme == "https"


def cookie_name(request: Request, name: str) -> str:
    """The name of a cookie: where there is https, a browser takes it from no other host, and from no path of one."""
    return f"__Host-{name}" if is_secure(request) else name


def session_cookie(request: Request) -> str:
    """The name of the cookie of a session."""
    return cookie_name(request, SESSION)


def share_cookie(request: Request) -> str:
    """The name of the cookie of a share; it has paths of its own, which a `__Host-` cookie can not have."""
    return f"__Secure-{_SHARE}" if is_secure(request) else _SHARE


def _caller(
    request: Request, store: Store, settings: Settings, project: str | None
) -> tuple[Caller, str | None, Role | None]:
    """Who asks, the secret of their session, and what they may do in a project, if that is known already."""
    if settings.alone:
        return ALONE, None, None  # the gate in front has seen the key
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        caller, role = _bearer(store, secret.strip(), project)
        return caller, None, role
    # A proxy that asked for a password hands it on.
    if name := person_named(request, settings):
        return _named(store, settings, name), None, None
    if scheme:
        raise Problem(401, _SIGN_IN, {"WWW-Authenticate": "Bearer"})
    session = request.cookies.get(session_cookie(request))
    signed_in = store.access.session(session) if session else None
    if session is None or signed_in is None:
        return ANYONE, None, None
    if request.method not in _SAFE and not same(csrf_of(session), request.headers.get(CSRF, "")):
        raise Problem(403, f"A change from a browser carries the header {CSRF}, as GET /api/v1/session gives it.")
    return signed_in, session, None


def _bearer(store: Store, secret: str, project: str | None) -> tuple[Caller, Role | None]:
    found = store.access.token_in(secret, project)
    if found is not None:
        return found
    share = store.access.share_of(secret)
    if share is not None:
        return Caller(share=share), None
    raise Problem(
        401, "This token is not known, or it expired or was withdrawn. `runjson token add` makes another.",
        {"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )  # fmt: skip


def _named(store: Store, settings: Settings, name: str) -> Caller:
    """The person whom a trusted proxy names."""
    person = store.access.person(name)
    if person is None and not settings.invited_only:
        person = _added(store, name)
    if person is None or person.disabled is not None:
        raise Problem(403, f'"{name[:128]}" has no account here; ask an admin for one.')
    return Caller(person=person, scope="admin")


def _added(store: Store, name: str) -> Person | None:
    try:
        person = store.access.add_person(name)
    except AccessRefused as fault:
        found = store.access.person(name)  # another request of theirs may just have added them
        if found is None:
            raise Problem(403, str(fault)) from None
        return found
    store.access.note(Caller(person=person), "person.add", name=name, by="proxy")
    return person


def same(one: str, other: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())
