"""The command `login`: a token for a server, kept where its owner alone reads it."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from runjson_tracker.cli.opening import fail, failures


def login(
    address: Annotated[str, typer.Argument(help="Of the server, such as https://runs.example.org.")],
    logout: Annotated[bool, typer.Option("--logout", help="Forget the token instead.")] = False,
) -> None:
    """Keep a token for a server.

    It is asked for on a terminal, and is one line of standard input elsewhere. A token is made in the browser, or by
    `runjson token add`. RUNJSON_TOKEN, if it is set, is used in place of one that is kept.
    """
    from runjson_tracker.remote.address import keep_token, server_address

    with failures():
        server = server_address(address)
        if server is None:
            fail(f"{address} is no address of a server: https://HOST.", code=2)
        if logout:
            keep_token(server, None)
            print(f"forgot the token for {server}")
            return
        token = _token(server)
        who = _who(server, token)
        path = keep_token(server, token)
    print(f"signed in at {server} as {who}; the token is kept in {path}")


def _token(server: str) -> str:
    try:
        line = getpass.getpass(f"Token for {server}: ") if sys.stdin.isatty() else sys.stdin.readline()
    except (EOFError, UnicodeDecodeError):
        line = ""
    token = line.strip()
    if not token:
        fail("No token was given; nothing was kept.", code=2)
    if not token.isascii() or not token.isprintable() or " " in token:
        fail("This is no token: it begins with rj_, and has letters and digits.", code=2)
    return token


def _who(server: str, token: str) -> str:
    """Whose a token is, as the server says, which may refuse it."""
    from runjson_tracker.remote.http import Http

    http = Http(server, token)
    http.patience = 15.0
    session = http.get("/session").json()
    if session["person"] is None and not session["admin"]:
        fail("This is a link to shared runs, and no token of a person; open it in a browser, or set RUNJSON_TOKEN.")
    return str(session["person"] or "its only user")
