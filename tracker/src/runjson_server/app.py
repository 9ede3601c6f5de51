"""The application: the store, who may ask it what, and the routes."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI
from runjson import __version__
from runjson_tracker.store import Store
from starlette.routing import Route

from runjson_server import (
    arriving,
    audit,
    changes,
    dashboards,
    editing,
    file,
    folder,
    invitations,
    openid,
    pages,
    people,
    points,
    projects,
    reference,
    run,
    sending,
    series,
    session,
    sessions,
    shares,
    tables,
    texts,
    tokens,
)
from runjson_server.gate import Gate
from runjson_server.gathering import Gathering
from runjson_server.passwords import Passwords
from runjson_server.problems import PROBLEM, ProblemDetails, add_problems, also
from runjson_server.schemes import add_security
from runjson_server.settings import Settings

API = "/api/v1"
# How many objects more than before, and how often, let Python look for those that nobody needs.
_COLLECTING: Final = (20_000, 20, 50)
# So many small uploads are under way at once to a database that another process is.
_BESIDE = 4
_ABOUT = """Runs, as RunJSON's specification describes them, over HTTP.

Send a token with each request: `Authorization: Bearer rj_...`. Names that contain `/` stand in the query or the body.
What goes wrong is told as `application/problem+json`, with a `detail` that says what to do."""


def make_app(settings: Settings) -> FastAPI:
    """The application of a server."""
    app = _Described(
        title="RunJSON", version=__version__, summary="Tracked runs over HTTP", description=_ABOUT,
        openapi_url=f"{API}/openapi.json", docs_url=None, redoc_url=None, lifespan=_lifespan,
        separate_input_output_schemas=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )  # fmt: skip
    app.state.settings = settings
    problems = also(400, 401, 403, 404, 422) | {
        414: {"description": "the address is too long: ask with a body"},
        431: {"description": "the head is too long: ask with a body"},
        "default": {"model": ProblemDetails, "content": {PROBLEM: {}}, "description": "it was not granted"},
    }
    # `track` stands before the route that describes it.
    app.router.routes.append(Route(f"{API}/runs", arriving.track, methods=["POST", "PUT"], include_in_schema=False))
    for part in (
        session, sessions, openid, people, invitations, tokens, projects, dashboards, shares, audit, arriving, sending,
        changes, tables, run, series, points, texts, file, folder, editing, reference,
    ):  # fmt: skip
        app.include_router(part.router, prefix=API, responses=problems)
    app.include_router(pages.router)
    add_problems(app)
    app.add_middleware(Gate, settings=settings)
    return app


class _Described(FastAPI):
    def openapi(self) -> dict[str, Any]:  # Any: JSON
        """The document of the routes, made once."""
        if self.openapi_schema is None:
            add_security(super().openapi(), API)
        return super().openapi()


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    store = await to_thread.run_sync(Store.open, settings.tracker)
    store.gather_commits()
    app.state.store = store
    app.state.changes = changes.Changes(store)
    app.state.passwords = Passwords()
    app.state.issuer = openid.make_issuer(settings)
    app.state.uploads = CapacityLimiter(settings.uploads)
    # Small ones come one after another where nothing is waited for: threads that each do a little hinder each other.
    app.state.appends = CapacityLimiter(1 if isinstance(store.location, Path) else _BESIDE)
    app.state.gathering = Gathering[arriving.Tracked](store, app.state.appends)
    await to_thread.run_sync(sending.sweep, settings)
    try:
        yield
    finally:
        await app.state.gathering.end()
        await app.state.changes.end()
        store.close()


def handed_on() -> FastAPI:
    """The application of a process that the server starts."""
    app = make_app(Settings.handed_on())
    # What is loaded stays, and of what comes most is gone after a request: to look for what may go takes a tenth of
    # the time of small requests.
    gc.freeze()
    gc.set_threshold(*_COLLECTING)
    return app
