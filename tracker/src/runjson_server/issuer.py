"""What is asked of an issuer of OpenID Connect, and what is believed of its answers.

The authorization code flow with PKCE (RFC 7636), as OpenID Connect Core 1.0, section 3.1, and RFC 9700 have it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import quote_plus, urlencode, urlsplit

import requests
from anyio import CapacityLimiter, to_thread
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, KeySet
from pydantic import BaseModel, ValidationError

from runjson_server.problems import Problem
from runjson_server.settings import OpenId

_T = TypeVar("_T")
_log: Final = logging.getLogger("runjson")
# With a secret that both sides know, or none at all, anybody who knows a public key could sign.
_ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
_KINDS: Final = frozenset({"RSA", "EC", "OKP"})
# Seconds: to wait for an answer, that clocks may differ, that a configuration stays known, and between two questions
# for the keys, or after one that failed.
_PATIENCE: Final = 10.0
_LEEWAY: Final = 60
_KNOWN: Final = 3600.0
_PAUSE: Final = 10.0
# Bytes of an answer at most.
_MOST: Final = 1 << 20
# So many ask at once, and so many wait for that.
_AT_ONCE: Final = 8
_WAITING: Final = 100


class Configuration(BaseModel):
    """What an issuer says of itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]


class Begun(BaseModel):
    """What a browser keeps while somebody signs in elsewhere."""

    state: str
    nonce: str
    verifier: str
    next: str


@dataclass(frozen=True, slots=True)
class Known:
    """Who somebody is for an issuer.

    Attributes:
        subject: the issuer, a space, and its name for them, which never changes.
        name: that they go by there; None if the issuer does not say.
    """

    subject: str
    name: str | None


class Issuer:
    """Says who somebody is.

    Args:
        settings: which issuer.
        redirect: the address to which it sends people back.
    """

    def __init__(self, settings: OpenId, redirect: str) -> None:
        self._settings = settings
        self._redirect = redirect
        self._limiter = CapacityLimiter(_AT_ONCE)
        self._asking = threading.Lock()
        self._configuration: tuple[float, Configuration] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._failed = self._renewed = -_PAUSE

    async def take(self, work: Callable[[], _T]) -> _T:
        """Do what asks the issuer, in a thread.

        Raises:
            Problem: too many wait for that already.
        """
        if self._limiter.statistics().tasks_waiting >= _WAITING:
            raise Problem(503, "Too many sign in at this moment: try again.", {"Retry-After": "2"})
        return await to_thread.run_sync(work, limiter=self._limiter)

    def begin(self, to: str) -> tuple[str, Begun]:
        """The address at which somebody signs in, and what their browser is to keep; `to` is where they go then."""
        begun = Begun(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            next=to,
        )
        challenge = base64.urlsafe_b64encode(hashlib.sha256(begun.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code", "client_id": self._settings.client, "redirect_uri": self._redirect,
            "scope": self._settings.scopes, "state": begun.state, "nonce": begun.nonce,
            "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        place = self._known().authorization_endpoint
        return f"{place}{'&' if urlsplit(place).query else '?'}{urlencode(asked)}", begun

    @staticmethod
    def begun(kept: bytes) -> Begun:
        """What a browser kept.

        Raises:
            ValueError: it is nothing of `begin`, as JSON.
        """
        return Begun.model_validate_json(kept)

    def finish(self, code: str, begun: Begun, issuer: str | None) -> Known:
        """Who signed in.

        Args:
            code: with which they came back.
            begun: what their browser kept.
            issuer: who sent them, if that was said (RFC 9207).

        Raises:
            Problem: the issuer does not say who, or what it says is not to be believed.
        """
        known = self._known()
        if issuer is not None and issuer != known.issuer:
            raise _refused("another issuer sent you back")
        told = self._traded(known, code, begun.verifier)
        claims = self._claims(known, told.get("id_token"), begun.nonce)
        name = claims.get(self._settings.name)
        access = told.get("access_token")
        if name is None and known.userinfo_endpoint and isinstance(access, str):
            more = self._ask("GET", known.userinfo_endpoint, headers={"Authorization": f"Bearer {access}"})
            if more.get("sub") != claims["sub"]:
                raise _refused("its answers speak of different people")
            name = more.get(self._settings.name)
        return Known(f"{known.issuer} {claims['sub']}", name if isinstance(name, str) else None)

    def _traded(self, known: Configuration, code: str, verifier: str) -> dict[str, Any]:  # Any: the issuer's JSON
        client, secret = self._settings.client, self._settings.secret
        given = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self._redirect,
            "code_verifier": verifier,
        }  # fmt: skip
        auth = None
        if not secret:
            given["client_id"] = client
        elif "client_secret_basic" in known.token_endpoint_auth_methods_supported:
            auth = quote_plus(client), quote_plus(secret)
        else:
            given |= {"client_id": client, "client_secret": secret}
        return self._ask("POST", known.token_endpoint, data=given, auth=auth, code=True)

    def _claims(self, known: Configuration, token: object, nonce: str) -> dict[str, Any]:  # Any: the issuer's JSON
        if not isinstance(token, str):
            raise _refused("it gave no id_token")
        client = self._settings.client
        wanted = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY,
            iss={"essential": True, "value": known.issuer}, aud={"essential": True, "value": client},
            sub={"essential": True}, exp={"essential": True}, iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )  # fmt: skip
        try:
            claims = self._decoded(known, token)
            wanted.validate(claims)
        except (JoseError, ValueError) as fault:
            # The reason names a claim or a key; the token itself is in no log.
            raise _refused(f"its id_token is not to be believed ({type(fault).__name__})") from fault
        audience = claims["aud"]
        if claims.get("azp", client if audience in (client, [client]) else None) != client:
            raise _refused("its id_token is for somebody else")
        return claims

    def _decoded(self, known: Configuration, token: str) -> dict[str, Any]:  # Any: the issuer's JSON
        keys = self._keys_of(known)
        try:
            return jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
        except InvalidKeyIdError:
            # An issuer takes new keys from time to time.
            return jwt.decode(token, self._keys_of(known, anew=True), algorithms=_ALGORITHMS).claims

    def _keys_of(self, known: Configuration, *, anew: bool = False) -> KeySet:
        with self._asking:
            now = time.monotonic()
            until = self._renewed + _PAUSE if anew else (0.0 if self._keys is None else self._keys[0] + _KNOWN)
            if self._keys is not None and now < until:
                return self._keys[1]
            if anew:
                self._renewed = now
            found = []
            listed = self._ask("GET", known.jwks_uri).get("keys")
            for one in listed if isinstance(listed, list) else []:
                if isinstance(one, dict) and one.get("kty") in _KINDS and one.get("use", "sig") == "sig":
                    try:
                        found.append(JWKRegistry.import_key(one))
                    except (JoseError, ValueError):
                        continue  # a kind that we do not know, among those that we do
            self._keys = now, KeySet(found)
            return self._keys[1]

    def _known(self) -> Configuration:
        """What the issuer says of itself, asked for once an hour; a failure stands for some seconds."""
        with self._asking:
            now = time.monotonic()
            if self._configuration is not None and now - self._configuration[0] < _KNOWN:
                return self._configuration[1]
            if now - self._failed < _PAUSE:
                raise _absent()
            self._failed = now
            found = self._discovered()
            self._failed = -_PAUSE
            self._configuration = now, found
            return found

    def _discovered(self) -> Configuration:
        issuer = self._settings.issuer
        try:
            found = Configuration.model_validate(
                self._ask("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            )
        except ValidationError as fault:
            raise _absent() from fault
        places = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri, found.userinfo_endpoint)
        # Who could speak for another issuer, or listen in between, could say anything.
        wrong = [
            one for one in places if one is not None and urlsplit(one).scheme not in {"https", urlsplit(issuer).scheme}
        ]
        if found.issuer.rstrip("/") != issuer.rstrip("/") or wrong:
            _log.error("the issuer %s calls itself %s, and has the addresses %s", issuer, found.issuer, places)
            raise _absent()
        return found

    def _ask(
        self, method: str, place: str, *, code: bool = False, auth: tuple[str, str] | None = None, **more: Any
    ) -> dict[str, Any]:  # Any: what requests takes, and the issuer's JSON
        """A JSON object of the issuer; with `code` its refusal is that of what somebody came back with."""
        try:
            with requests.request(
                method, place, timeout=_PATIENCE, allow_redirects=False, stream=True, auth=auth or _no_auth,
                **{"headers": {}, **more},
            ) as answer:  # fmt: skip
                body = answer.raw.read(_MOST, decode_content=True)
                if code and answer.status_code in {400, 401}:
                    raise _refused("it does not know what you came back with")
                if answer.status_code != requests.codes.ok:
                    raise ValueError(f"status {answer.status_code}")
                found = json.loads(body)
        except (requests.RequestException, OSError, ValueError) as fault:
            _log.error("the issuer can not be asked at %s: %s", place, fault)
            raise _absent() from fault
        return found if isinstance(found, dict) else {}


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Send no name and password of somebody's .netrc, which requests does by itself."""
    return request


def _refused(why: str) -> Problem:
    return Problem(403, f"You are not signed in: {why}. Begin again: /api/v1/openid/start.")


def _absent() -> Problem:
    return Problem(502, "The place where you sign in can not be asked now, and the server's log says why; try again.")
