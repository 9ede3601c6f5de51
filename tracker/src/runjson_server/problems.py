"""What a client is told of a request that was not granted: RFC 9457, with the next step."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from runjson_tracker.database import reason
from runjson_tracker.errors import AccessRefused, DashboardRefused, RunMissing, RunTrashed, SourceChanged, StoreError
from runjson_tracker.query.errors import QueryError
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

_log: Final = logging.getLogger("runjson")
PROBLEM: Final = "application/problem+json"
# In words of our own: Python's differ from version to version.
_SAID: Final = {
    400: "it can not be understood",
    401: "nobody is signed in, or the token is no good",
    403: "it is not the caller's to do",
    404: "there is none, or none that the caller may see",
    409: "it does not go with what is there",
    422: "something in it is not as it must be",
    429: "too often: try again in a while",
    502: "somebody else's server failed",
    503: "it can not be done now: try again",
}
_SECRET: Final = frozenset({"password", "old", "secret"})


class ProblemDetails(BaseModel):
    """Why a request was not granted (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    title: str = Field(description="the kind of problem, in a few words")
    status: int = Field(description="the status of HTTP")
    detail: str = Field(description="what is wrong, in a sentence, and what to do")


def also(*codes: int) -> dict[int | str, dict[str, Any]]:  # Any: what FastAPI asks for
    """What an OpenAPI document says of problems with these codes."""
    return {code: {"model": ProblemDetails, "content": {PROBLEM: {}}, "description": _SAID[code]} for code in codes}


class Problem(HTTPException):
    """A request that is not granted.

    Attributes:
        status_code: the status of HTTP.
        detail: what is wrong, in a sentence, and what to do.
        headers: that go with it.
        more: members beside those of every problem.
    """

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(status, detail, headers)
        self.more = more

    def response(self) -> JSONResponse:
        """What the client gets."""
        # Names from outside may hold half of a pair of surrogates.
        detail = self.detail.encode("utf-8", "replace").decode()
        content = {
            "title": HTTPStatus(self.status_code).phrase,
            "status": self.status_code,
            "detail": detail,
            **self.more,
        }
        return JSONResponse(content, self.status_code, self.headers, PROBLEM)


def add_problems(app: FastAPI) -> None:
    """Let an application answer with problems, whatever goes wrong in it."""

    @app.exception_handler(Problem)
    async def on_problem(_: Request, problem: Problem) -> JSONResponse:
        return problem.response()

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> JSONResponse:
        detail, headers = str(error.detail), dict(error.headers or {})
        if error.status_code == HTTPStatus.NOT_FOUND:
            detail = "There is nothing at this address. /api/v1/docs lists what there is."
        elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = ", ".join(_methods(app, request.url.path))
            detail = f"{request.method} is not what this address takes; {headers['Allow']} is."
        return Problem(error.status_code, detail, headers).response()

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        found = [
            {
                "where": ".".join(map(str, one["loc"])),
                "message": one["msg"],
                "given": _shown(one["loc"], one.get("input")),
            }
            for one in error.errors()
        ]
        first = found[0]
        return Problem(
            422, f"{first['where']}: {first['message']}. /api/v1/docs describes it.", errors=found
        ).response()

    @app.exception_handler(QueryError)
    async def on_query(_: Request, error: QueryError) -> JSONResponse:
        place = {"query": error.query, "start": error.start, "end": error.end, "pointed": error.pointed()}
        return Problem(400, error.message, None, **place, hint=error.hint, unknown=error.unknown).response()

    @app.exception_handler(StoreError)
    async def on_store(_: Request, error: StoreError) -> JSONResponse:
        return of_store(error).response()

    @app.exception_handler(DBAPIError)
    async def on_database(_: Request, error: DBAPIError) -> JSONResponse:
        _log.warning("the database: %s", reason(error))
        return Problem(503, "The tracker's database can not be used now; try again.", {"Retry-After": "1"}).response()


def failed(error: Exception) -> Problem:
    """The problem that a fault of ours is: the log has its trace, the client what finds it there."""
    mark = secrets.token_hex(4)
    _log.error("fault %s", mark, exc_info=error)
    return Problem(500, f"The server failed; its log says why, under {mark}.")


def _methods(app: FastAPI, path: str) -> list[str]:
    """The methods that an address takes, of all of its routes."""
    for template, methods in app.openapi()["paths"].items():
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path):
            return [method.upper() for method in methods]
    return ["GET"]


def of_store(error: StoreError) -> Problem:
    """The problem that an error of the store is."""
    if isinstance(error, RunMissing):
        return Problem(404, str(error))
    if isinstance(error, RunTrashed):
        return Problem(410, str(error))
    if isinstance(error, SourceChanged):
        return Problem(409, f"{error} Ask again.")
    if isinstance(error, AccessRefused | DashboardRefused):
        return Problem(409, str(error))
    status = getattr(error, "status", None)
    if status is not None:
        return Problem(int(status), str(error))
    return Problem(503, str(error), {"Retry-After": "1"})


def _shown(place: Sequence[str | int], value: object) -> str | None:
    """What was given, save what may hold a password: whoever looks over a shoulder, or at a report, reads it."""
    if value is None or isinstance(value, dict | list) or _SECRET.intersection(place):
        return None
    return str(value)[:200].encode("utf-8", "replace").decode()
