"""The server's application on loopback, in a thread of the tests' own process: it is there in a moment."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server
from runjson_server.app import make_app
from runjson_server.settings import Settings

from tests.storage import free_port

DEADLINE = 60.0


@contextmanager
def served(place: object, **settings: Any) -> Iterator[str]:
    """The address of a server over a store, for one person alone unless `settings` say otherwise."""
    port, began = free_port(), threading.Event()
    app = make_app(Settings(tracker=str(place), **{"alone": True, **settings}))
    running: dict[str, Any] = {}

    async def answer() -> None:
        running["server"] = Server(
            app, "127.0.0.1", port, interface=Interfaces.ASGI, http=HTTPModes.http1, websockets=False, log_enabled=False
        )
        running["loop"] = asyncio.get_running_loop()
        began.set()
        await running["server"].serve()

    thread = threading.Thread(target=lambda: asyncio.run(answer()))
    thread.start()
    assert began.wait(DEADLINE)
    try:
        _wait(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        running["loop"].call_soon_threadsafe(running["server"].stop)
        thread.join(DEADLINE)


def _wait(port: int) -> None:
    end = time.monotonic() + DEADLINE
    while True:
        try:
            requests.get(f"http://127.0.0.1:{port}/api/v1/session", timeout=10)
        except requests.ConnectionError:
            assert time.monotonic() < end
            time.sleep(0.005)
        else:
            return
