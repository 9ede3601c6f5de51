"""What every request passes before it is looked at, and every response on its way out."""

from __future__ import annotations

import asyncio
import re
import time
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runjson_server.asking import KEY, same
from runjson_server.keyless import keyless_page
from runjson_server.problems import Problem, failed
from runjson_server.settings import Settings

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# Bodies of any size come here, and go to disk; what is below /api/v1/runs asks in JSON.
_LARGE: Final = re.compile(r"/api/v1/(runs|blobs(/[0-9a-f]{64})?)\Z")
# Bytes of a body that is read into memory.
_JSON: Final = 8 << 20
# Bytes a second that a client must reach, on average, once it has had its time to stall.
_SLOWEST: Final = 100.0
# Nothing of ours needs a script of another place, a frame, or a plug-in; what a route says itself is kept.
_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}


class Gate:
    """Refuses requests that another site had a browser make, and says of each response how it may be used.

    A page of another site can make a browser ask a server on the same machine, or under a name that suddenly means it
    (DNS rebinding). So a request must name a host that is ours, and a change must not come from another origin.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._ticket = settings.ticket

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                out = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    out.setdefault(name, value)
            await send(message)

        problem = self._fault(scope, headers)
        if problem is not None:
            refusal = keyless_page() if problem.status_code == 401 and _is_page(scope, headers) else problem.response()
            await refusal(scope, receive, sending)
        elif (entry := self._entry(scope)) is not None:
            await entry(scope, receive, sending)
        else:
            try:
                await self._app(scope, self._patient(scope, receive), sending)
            except ClientDisconnect:
                return  # nobody is there to be told
            except Exception as error:  # the one place where a fault becomes an answer
                problem = error if isinstance(error, Problem) else failed(error)
                if begun:
                    raise
                await problem.response()(scope, receive, sending)

    def _patient(self, scope: Scope, receive: Receive) -> Receive:
        """Receive a body from a client that may be slow, and not for ever; JSON of ours has a bounded size."""
        begun, size, whole = time.monotonic(), 0, False
        stall = self._settings.stall
        most = None if _LARGE.match(scope["path"]) else _JSON

        async def receiving() -> Message:
            nonlocal size, whole
            if whole:
                return await receive()
            try:
                async with asyncio.timeout(stall):
                    message = await receive()
            except TimeoutError:
                raise _slow(stall) from None
            size += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if most is not None and size > most:
                raise Problem(
                    413, f"The body is larger than the {most:,} bytes that are read here.", {"Connection": "close"}
                )
            late = time.monotonic() - begun - stall
            if not whole and late > 0 and size < late * _SLOWEST:
                raise _slow(stall)
            return message

        return receiving

    def _fault(self, scope: Scope, headers: Headers) -> Problem | None:
        host = headers.get("host", "").lower()
        if self._settings.hosts and host not in self._settings.hosts:
            return Problem(421, f'This server is not asked under the name "{host[:100]}".')
        if scope["method"] not in _SAFE:
            origin = headers.get("origin")
            if origin is not None and not self._is_ours(origin.lower(), host):
                return Problem(403, "A change does not come from a page of another site.")
            if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
                return Problem(403, "A change does not come from a page of another site.")
        if self._settings.key and not self._has_key(scope, headers):
            return Problem(401, "Open the address that `runjson ui` printed: it holds the key.")
        return None

    def _is_ours(self, origin: str, host: str) -> bool:
        scheme, _, place = origin.partition("://")
        if self._settings.address:
            return origin == self._settings.address.rstrip("/").lower()
        return scheme in {"http", "https"} and place == host

    def _has_key(self, scope: Scope, headers: Headers) -> bool:
        given = headers.get("authorization", "").removeprefix("Bearer ")
        # A key in the address counts alone: with a wrong one nobody is sent on.
        asked = _asked(scope)
        if self._ticket and any(same(one, self._ticket) for one in asked):
            self._ticket = ""
            return True
        shown = asked or [given, _cookie(headers, self._name(scope))]
        return any(same(one, self._settings.key) for one in shown)

    def _entry(self, scope: Scope) -> RedirectResponse | None:
        """The answer to who comes with the key in the address: a cookie in its place."""
        if not self._settings.key or not _asked(scope):
            return None
        rest = {
            name: values for name, values in parse_qs(scope["query_string"].decode("latin-1")).items() if name != "key"
        }
        query = urlencode(rest, doseq=True)
        # A path of //host would lead to another one.
        path = "/" + scope["path"].lstrip("/\\")
        answer = RedirectResponse(path + (f"?{query}" if query else ""), status_code=303)
        answer.set_cookie(self._name(scope), self._settings.key, httponly=True, samesite="strict", path="/")
        return answer

    @staticmethod
    def _name(scope: Scope) -> str:
        """The cookie's name: browsers share cookies between the ports of a host."""
        server = scope.get("server") or ("", 0)
        return f"{KEY}_{server[1]}"


def _is_page(scope: Scope, headers: Headers) -> bool:
    """Whether a browser asks for a page that somebody is to read, and no program for an answer."""
    beside = not re.match(r"/api(/|\Z)", scope["path"])
    return scope["method"] == "GET" and beside and "text/html" in headers.get("accept", "")


def _asked(scope: Scope) -> list[str]:
    """The key that stands in the address."""
    return parse_qs(scope["query_string"].decode("latin-1")).get("key", [])


def _cookie(headers: Headers, name: str) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found is not None else ""


def _slow(stall: float) -> Problem:
    return Problem(408, f"The body stopped for {stall:g} seconds, and nothing was done.", {"Connection": "close"})
