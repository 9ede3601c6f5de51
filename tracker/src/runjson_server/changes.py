"""Live changes as server-sent events: `/api/v1/changes`."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Final, TypeAlias

from anyio import to_thread
from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from runjson_tracker.store import Store
from runjson_tracker.watching import Changed, Watch

from runjson_server.asking import Asks, asking
from runjson_server.problems import Problem
from runjson_server.seeing import demand_project, demand_runs

router: Final = APIRouter(tags=["runs"])
# Seconds between looks at the store, and at least so many times what a look takes.
_LOOK: Final = 0.5
_REST: Final = 10
# Seconds after which a silent connection is told that it is alive, and who listens is asked anew what they may see.
_ALIVE: Final = 5.0
# So many changes wait for one listener. The connection of who is slower ends behind them; with the next one, which says
# what was seen last, what came since is told.
_WAITING: Final = 10_000


# None stands for the end.
Waiting: TypeAlias = asyncio.Queue[Changed | None]


class Changes:
    """Looks at the store for all who listen, while somebody does."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._listeners: set[Waiting] = set()
        self._looking: asyncio.Task[None] | None = None
        self.watch: Watch | None = None

    async def listen(self) -> Waiting:
        """A queue that gets what changes from now on, and None where it gets no more."""
        queue: Waiting = asyncio.Queue()
        if self._looking is None or self._looking.done():
            self.watch = await to_thread.run_sync(Watch, self._store.engine)
            self._looking = asyncio.create_task(self._look())
        self._listeners.add(queue)
        return queue

    def leave(self, queue: Waiting) -> None:
        """Listen no more."""
        self._listeners.discard(queue)

    async def end(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    async def _look(self) -> None:
        idle = time.monotonic()
        while self._listeners or time.monotonic() - idle < _ALIVE:
            if self._listeners:
                idle = time.monotonic()
            begun = time.monotonic()
            assert self.watch is not None
            for change in await to_thread.run_sync(self.watch.news):
                for queue in list(self._listeners):
                    if queue.qsize() < _WAITING:
                        queue.put_nowait(change)
                    else:
                        self._listeners.discard(queue)
                        queue.put_nowait(None)
            await asyncio.sleep(max(_LOOK, _REST * (time.monotonic() - begun)))


@router.get(
    "/changes", summary="Follow what changes", response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "an event for each run that was changed"}},
)  # fmt: skip
async def changes(
    request: Request,
    asks: Asks,
    project: Annotated[str | None, Query(description="whose runs; all that may be read by default")] = None,
    run: Annotated[str | None, Query(description="with project: the id of the one run")] = None,
    last_event_id: Annotated[str, Header(description="of the event that was seen last: what came since is told")] = "",
) -> StreamingResponse:
    """Tell, as long as the connection is open, which runs were changed, within a second.

    An event is `{"project", "run", "changed", "trashed"}`; its id is the time of the change.
    """
    if run is not None and project is not None:
        await to_thread.run_sync(demand_runs, asks, [(project, run)])
    elif project is not None and all(share.project != project for share in asks.shares):
        await to_thread.run_sync(demand_project, asks, project)
    try:
        since = float(last_event_id) if last_event_id else None
    except ValueError:
        raise Problem(422, "Last-Event-ID is the id of an event, which is a number.") from None
    told = _told(request, project, run, since)
    return StreamingResponse(told, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _told(request: Request, project: str | None, run: str | None, since: float | None) -> AsyncIterator[str]:
    all_of_them: Changes = request.app.state.changes
    queue = await all_of_them.listen()
    try:
        yield "retry: 1000\n\n"
        sees = _Sees(request, project, run)
        if since is not None and all_of_them.watch is not None:
            for missed in await to_thread.run_sync(all_of_them.watch.since, since):
                if await sees.it(missed):
                    yield _event(missed)
        while True:
            try:
                change = await asyncio.wait_for(queue.get(), _ALIVE)
            except TimeoutError:
                yield ": alive\n\n"
                continue
            if change is None:
                return
            if await sees.it(change):
                yield _event(change)
    except Problem:
        return  # who listens may no longer: the next connection is told so
    finally:
        all_of_them.leave(queue)


class _Sees:
    """What one listener may see, asked anew from time to time: a token may be revoked while they listen."""

    def __init__(self, request: Request, project: str | None, run: str | None) -> None:
        self._request = request
        self._wanted = project, run
        self._asked = 0.0
        self._readable: list[str] | None = []
        self._shared: frozenset[tuple[str, str]] = frozenset()

    async def it(self, change: Changed) -> bool:
        """Whether the listener wants a change, and may see it."""
        project, run = self._wanted
        if project not in {None, change.project} or run not in {None, change.id}:
            return False
        if time.monotonic() - self._asked > _ALIVE:
            await to_thread.run_sync(self._ask)
        shown = self._readable is None or change.project in self._readable
        return shown or (change.project, change.id) in self._shared

    def _ask(self) -> None:
        asks = asking(self._request)
        self._readable = asks.readable()
        self._shared = frozenset((share.project, run) for share in asks.shares for run in share.runs)
        self._asked = time.monotonic()


def _event(change: Changed) -> str:
    told = {"project": change.project, "run": change.id, "changed": change.changed, "trashed": change.trashed}
    return f"id: {change.changed!r}\nevent: run\ndata: {json.dumps(told)}\n\n"
