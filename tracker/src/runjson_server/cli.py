"""The commands `runjson serve` and `runjson ui`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from runjson_tracker.cli.opening import Location

if TYPE_CHECKING:
    from runjson_server.settings import Settings

_PORT = 8765
# How often it is looked whether the server listens, and the seconds in between.
_LOOKS = 300
_PAUSE = 0.1
# What the extra `serve` brings.
_PARTS = ("fastapi", "granian", "joserfc", "python_multipart", "requests", "argon2")


def serve(
    tracker: Location = None,
    host: Annotated[str, typer.Option(help="The address to listen at; 0.0.0.0 for all of this machine.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 for any that is free.")] = _PORT,
    address: Annotated[
        str, typer.Option(help="Under which people reach it, such as https://runs.example.org.", metavar="URL")
    ] = "",
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="How many processes answer.", show_default="two, or one on one processor"),
    ] = None,
    certificate: Annotated[Path | None, typer.Option(help="A certificate for TLS, as PEM; --key goes with it.")] = None,
    key: Annotated[Path | None, typer.Option(help="The key of the certificate, as PEM.")] = None,
    proxy: Annotated[
        list[str] | None,
        typer.Option(help="A proxy that is believed in X-Forwarded-For: an address or a network.", metavar="ADDRESS"),
    ] = None,
    person_header: Annotated[
        str, typer.Option(help="With --proxy: the header in which it says who asks.", metavar="HEADER")
    ] = "",
    openid_issuer: Annotated[str, typer.Option(help="Sign in by OpenID Connect, at this issuer.", metavar="URL")] = "",
    openid_client: Annotated[
        str,
        typer.Option(help="What the issuer calls this server; its secret is in RUNJSON_OPENID_SECRET.", metavar="ID"),
    ] = "",
    invited_only: Annotated[
        bool, typer.Option("--invited-only", help="A proxy or issuer names only people who were added before.")
    ] = False,
    members_only: Annotated[
        bool, typer.Option("--members-only", help="Public projects, too, only for people who signed in.")
    ] = False,
    spool: Annotated[
        str,
        typer.Option(help="The folder where uploads wait; the system's temporary one by default.", metavar="FOLDER"),
    ] = "",
    largest: Annotated[
        int, typer.Option(min=1, help="The most MiB of one request; larger files come in parts.", metavar="MIB")
    ] = 20 << 10,
    stall: Annotated[
        float, typer.Option(min=0.1, help="For how many seconds a client may send nothing in the middle of a request.")
    ] = 30.0,
    access_log: Annotated[bool, typer.Option("--access-log", help="Write each request to the standard error.")] = False,
) -> None:
    """Serve a tracker to a team over HTTP.

    `runjson user add NAME --admin` makes the first account, `runjson token add` the token of a program.
    """
    import os

    from pydantic import ValidationError

    from runjson_server.settings import OpenId, Settings

    if (certificate is None) != (key is None):
        _fail("--certificate and --key go together.")
    if person_header and not proxy:
        _fail("--person-header needs --proxy: from others the header could say anything.")
    if bool(openid_issuer) != bool(openid_client) or (openid_issuer and not address):
        _fail("--openid-issuer, --openid-client and --address go together.")
    try:
        openid = None
        if openid_issuer:
            secret = os.environ.get("RUNJSON_OPENID_SECRET", "")
            openid = OpenId(issuer=openid_issuer, client=openid_client, secret=secret)
        settings = Settings(
            tracker=_place(tracker), address=address.rstrip("/"), proxies=tuple(proxy or ()),
            person_header=person_header, openid=openid, invited_only=invited_only, anyone=not members_only,
            spool=spool, body=largest << 20, stall=stall,
        )  # fmt: skip
    except ValidationError as fault:
        _fail(f"{fault.errors()[0]['msg'].removeprefix('Value error, ')}.")
    place = _check(settings)
    port = port or _free(host)
    scheme = "https" if certificate else "http"
    print(f"runjson: serving {place} at {address or f'{scheme}://{_shown(host)}:{port}'}", flush=True)
    _serve(settings, host, port, workers=workers, certificate=certificate, key=key, access_log=access_log)


def ui(
    tracker: Location = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 for any that is free.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open it in the browser.")] = True,
) -> None:
    """Look at your tracked runs in the browser, on this machine alone."""
    import secrets

    from runjson_server import pages
    from runjson_server.settings import Settings

    host = "127.0.0.1"
    port = port or _free(host)
    key, ticket = secrets.token_urlsafe(24), secrets.token_urlsafe(24) if browser else ""
    settings = Settings(
        tracker=_place(tracker), alone=True, key=key, ticket=ticket,
        hosts=(f"127.0.0.1:{port}", f"localhost:{port}"),
    )  # fmt: skip
    _check(settings)
    if not pages.there():
        print(f"runjson: {pages.MISSING}", file=sys.stderr)
        browser = False
    print(f"runjson: your runs are at http://127.0.0.1:{port}/?key={key}\nCtrl-C ends it.", flush=True)
    if browser:
        from multiprocessing import Process

        Process(target=_browse, args=(host, port, ticket), daemon=True).start()
    _serve(settings, host, port, workers=1)


def _browse(host: str, port: int, ticket: str) -> None:
    """Open the browser as soon as the server listens."""
    import signal
    import socket
    import time
    import webbrowser

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for _ in range(_LOOKS):
        try:
            socket.create_connection((host, port), 1).close()
        except OSError:
            time.sleep(_PAUSE)
        else:
            webbrowser.open(f"http://{host}:{port}/?key={ticket}")
            return


def _place(tracker: str | None) -> str:
    """The store's place, with the password, for the processes that are started."""
    from runjson_tracker.errors import StoreError
    from runjson_tracker.location import Server, find_location

    try:
        place = find_location(tracker)
    except StoreError as fault:
        _fail(str(fault))
    return place.whole if isinstance(place, Server) else str(place)


def _check(settings: Settings) -> str:
    """See that the store can be used before anything listens; where it is, without a password."""
    from importlib.util import find_spec

    from runjson_tracker.errors import StoreError
    from runjson_tracker.store import Store

    # The processes that answer would begin, fail, and begin again.
    missing = next((name for name in _PARTS if find_spec(name) is None), None)
    if missing is not None:
        raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)
    try:
        with Store.open(settings.tracker) as store:
            if store.notice:
                print(f"runjson: {store.notice}", file=sys.stderr)
            return str(store.location)
    except StoreError as fault:
        _fail(str(fault))


def _free(host: str) -> int:
    from runjson_server.serving import free_port

    return free_port(host)


def _serve(
    settings: Settings, host: str, port: int, *,
    workers: int | None = None, certificate: Path | None = None, key: Path | None = None, access_log: bool = False,
) -> None:  # fmt: skip
    from runjson_server.serving import serve as serve_it

    try:
        serve_it(settings, host, port, workers=workers, certificate=certificate, key=key, access_log=access_log)
    except OSError as fault:
        _fail(f"{host}:{port} can not be listened at: {fault.strerror or fault}.")


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _fail(message: str) -> NoReturn:
    print(f"runjson: {message}", file=sys.stderr)
    raise typer.Exit(2)
