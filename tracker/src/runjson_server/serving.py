"""Beginning and ending the processes of a server."""

from __future__ import annotations

import gc
import importlib
import multiprocessing
import os
import socket
from pathlib import Path
from typing import Final

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from runjson_server.settings import Settings

_APPLICATION: Final = "runjson_server.app"
# One process of Python keeps one processor busy; more of them, and nothing is left for a database beside them.
_PROCESSES: Final = 2
# Seconds in which a client must have sent the head of its request, if it may not stall for less.
_HEAD: Final = 10.0
# Connections that wait to be taken, and requests that one process handles at once.
_BACKLOG: Final = 2048
_AT_ONCE: Final = 1024


def serve(
    settings: Settings, host: str, port: int, *,
    workers: int | None = None, certificate: Path | None = None, key: Path | None = None, access_log: bool = False,
) -> None:  # fmt: skip
    """Serve until SIGINT or SIGTERM; requests at hand come to their end.

    Args:
        settings: of the server.
        host: the address to listen at.
        port: of it.
        workers: how many processes answer; by default two, or one on a machine of one processor.
        certificate: of TLS, with its `key`; without them it is plain HTTP.
        key: of the certificate.
        access_log: whether each request is written to the standard error.

    Raises:
        OSError: the address can not be listened at.
    """
    _try(host, port)
    settings.hand_on()
    if multiprocessing.get_start_method() == "fork":
        # The processes have it from the beginning then, and share the memory that it takes.
        importlib.import_module(_APPLICATION)
        gc.freeze()
    Granian(
        f"{_APPLICATION}:handed_on",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=workers or min(len(os.sched_getaffinity(0)), _PROCESSES),
        runtime_threads=1,
        # HTTP/2 has no limit on the time of a head; a proxy in front speaks it with browsers.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=int(min(_HEAD, settings.stall) * 1000)),
        websockets=False,
        backlog=_BACKLOG,
        backpressure=_AT_ONCE,
        ssl_cert=certificate,
        ssl_key=key,
        log_level=LogLevels.warning,
        log_access=access_log,
        respawn_failed_workers=True,
        workers_kill_timeout=30,
    ).serve()


def free_port(host: str) -> int:
    """A port of an address at which nobody listens."""
    with socket.socket(_family(host)) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _try(host: str, port: int) -> None:
    with socket.socket(_family(host)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
