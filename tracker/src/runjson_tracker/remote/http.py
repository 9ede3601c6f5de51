"""Requests to a server: kept alive, tried again where that helps, and refused in words."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeAlias

import requests
from requests.adapters import HTTPAdapter

from runjson_tracker.errors import AccessRefused, RunMissing, RunTrashed, StoreError
from runjson_tracker.query.errors import QueryError
from runjson_tracker.remote.address import kept_token

API: Final = "/api/v1"
# Seconds: to be connected with, and of silence while the server works.
_CONNECT: Final = 10.0
_SILENCE: Final = 900.0
# For how many seconds a request is tried again that the server did not take, and the pauses between.
_PATIENCE: Final = 120.0
_FIRST_PAUSE: Final = 0.25
_LONGEST_PAUSE: Final = 5.0
# What may be otherwise in a moment.
_BUSY: Final = frozenset({408, 425, 429, 502, 503, 504})
# The body of a request, made anew for each time it is tried.
Body: TypeAlias = Callable[[], bytes | Iterable[bytes]]
Params: TypeAlias = Mapping[str, Any]  # Any: texts, numbers, lists of them; none are left out


class Unreachable(StoreError):
    """The server can not be reached, or does not answer as one."""


class Http:
    """A server, with a token for it.

    Each thread has connections of its own.

    Attributes:
        address: of the server.
        patience: how many seconds a request that is not taken is tried again for.
    """

    def __init__(self, address: str, token: str | None = None) -> None:
        self.address = address
        self.patience = _PATIENCE
        self._token = token if token is not None else kept_token(address)
        self._threads = threading.local()

    def get(
        self, path: str, params: Params | None = None, **more: Any
    ) -> requests.Response:  # Any: as `requests` has it
        """Ask for something; what is refused is raised, as `send` says."""
        return self.send("GET", path, params=params, **more)

    def post(self, path: str, json: Any, **more: Any) -> requests.Response:  # Any: JSON, and as `requests` has it
        """Ask for something with a body of JSON."""
        return self.send("POST", path, json=json, **more)

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: Body | None = None,
        expected: Iterable[int] = (),
        **more: Any,
    ) -> requests.Response:  # Any: as `requests` has it
        """Send a request, again while the server is not there or busy. Every request may come twice without harm.

        Args:
            method: of HTTP.
            path: below `/api/v1`.
            params: of the query.
            body: makes the body.
            expected: statuses beside those of success that are answers.
            more: as `requests` has it: headers, json, stream.

        Raises:
            Unreachable: the server was not there for long, or is none.
            AccessRefused: it asks for another token, or for more rights.
            RunMissing, RunTrashed, QueryError, StoreError: as an embedded store raises them.
        """
        begun, pause = time.monotonic(), _FIRST_PAUSE
        while True:
            last = time.monotonic() - begun >= self.patience
            try:
                data = body() if body is not None else None
                answer = self._session.request(
                    method, f"{self.address}{API}{path}", params=_given(params), data=data,
                    timeout=(_CONNECT, _SILENCE), allow_redirects=False, **more,
                )  # fmt: skip
            except requests.RequestException as fault:
                if last or isinstance(fault, requests.exceptions.SSLError | requests.exceptions.InvalidURL):
                    raise Unreachable(f"The server at {self.address} can not be reached: {_reason(fault)}.") from None
                wait = None
            else:
                if answer.ok or answer.status_code in expected:
                    return answer
                if answer.status_code not in _BUSY or last:
                    raise refusal(answer, self.address)
                wait = _asked_pause(answer)
                answer.close()
            time.sleep(min(random.uniform(pause / 2, pause) if wait is None else wait, self.patience))  # noqa: S311  nothing secret
            pause = min(pause * 2, _LONGEST_PAUSE)

    @property
    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._threads, "session", None)
        if session is None:
            session = requests.Session()
            session.mount("http://", HTTPAdapter())
            session.mount("https://", HTTPAdapter())
            # A token of ours, and none that a .netrc keeps for the host.
            session.auth = _Token(self._token)
            session.headers["User-Agent"] = "runjson"
            self._threads.session = session
        return session

    def close(self) -> None:
        """Close the connections of this thread."""
        session: requests.Session | None = getattr(self._threads, "session", None)
        if session is not None:
            session.close()


class _Token(requests.auth.AuthBase):
    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def refusal(answer: requests.Response, address: str) -> StoreError | QueryError:
    """The error that an answer of a server is."""
    try:
        told = answer.json()
        detail = str(told["detail"])
    except (ValueError, KeyError, TypeError):
        return Unreachable(
            f"What answers at {address} is no RunJSON server: it said {answer.status_code} {answer.reason} to "
            f"{answer.request.path_url.partition('?')[0]}."
        )
    if answer.status_code == 401:
        return AccessRefused(f"{detail} `runjson login {address}` keeps one; RUNJSON_TOKEN gives one.")
    if answer.status_code == 403:
        return AccessRefused(detail)
    if answer.status_code == 404:
        return RunMissing(detail)
    if answer.status_code == 410:
        return RunTrashed(detail)
    if "query" in told:
        return QueryError(
            detail, told["query"], told["start"], told["end"], told.get("hint", ""), tuple(told.get("unknown", ()))
        )
    return StoreError(detail)


def _given(params: Params | None) -> dict[str, Any]:  # Any: as they were
    found = {name: value for name, value in (params or {}).items() if value is not None}
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in found.items()}


def _asked_pause(answer: requests.Response) -> float | None:
    """How many seconds a server asks to be left alone: so many, or until a moment of its clock (RFC 9110, 10.2.3)."""
    asked = answer.headers.get("Retry-After", "")
    try:
        return max(0.0, float(asked))
    except ValueError:
        until, now = _moment(asked), _moment(answer.headers.get("Date", ""))
        return None if until is None else max(0.0, until - (time.time() if now is None else now))


def _moment(date: str) -> float | None:
    """The moment that a date of HTTP is, in seconds since 1970; None for what is none."""
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def _reason(fault: requests.RequestException) -> str:
    if isinstance(fault, requests.exceptions.SSLError):
        return "its certificate is not trusted here; REQUESTS_CA_BUNDLE names those that are"
    if isinstance(fault, requests.Timeout):
        return "it does not answer"
    inner = fault.args[0] if fault.args else fault
    cause = getattr(inner, "reason", inner)
    text = str(cause).partition(": ")[2] or str(cause)
    return text.rstrip(".") or type(fault).__name__
