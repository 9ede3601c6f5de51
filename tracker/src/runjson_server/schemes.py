"""How a caller says who they are, as the OpenAPI document tells it of each route."""

from __future__ import annotations

from typing import Any, Final

from runjson_server.asking import CSRF, SESSION

_SCHEMES: Final = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "a token, rj_...; or the secret of a share, for the runs that were shared",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION,
        "description": f"what POST /session gives a browser; under https the cookie is called __Host-{SESSION}",
    },
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": CSRF,
        "description": "what GET /session gives, with each change that a browser makes",
    },
}
# Whoever comes asks these, and no token makes a difference.
_NOBODY: Final = frozenset({
    "POST /session",
    "GET /openid/start",
    "GET /openid/done",
    "POST /invitations/asked",
})  # fmt: skip
# Whoever comes may ask these, too: those who have not said who they are see what is public.
_ANYBODY: Final = frozenset({
    "GET /session", "DELETE /session", "GET /projects", "GET /projects/size", "GET /dashboards", "GET /dashboards/one",
    "GET /source", "GET /changes", "GET /trash", "GET /find", "POST /find", "GET /runs", "POST /runs/search",
    "GET /groups", "POST /groups/search", "GET /best", "POST /best/search", "GET /fields", "GET /run",
    "POST /runs/read", "GET /status", "GET /files", "GET /export", "POST /series", "GET /points", "POST /points/ends",
    "GET /texts/find", "GET /folder", "GET /file", "HEAD /file", "POST /invitations/accept",
})  # fmt: skip
_SAFE: Final = frozenset({"GET", "HEAD"})


def add_security(document: dict[str, Any], prefix: str) -> None:  # Any: JSON
    """Say in an OpenAPI document, of each operation, how its caller says who they are.

    Args:
        document: that of the routes.
        prefix: of their paths.
    """
    document["components"]["securitySchemes"] = _SCHEMES
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            name = f"{method.upper()} {path.removeprefix(prefix)}"
            session = ["session"] if method.upper() in _SAFE else ["session", "csrf"]
            ways: list[dict[str, list[str]]] = [{"token": []}, {scheme: [] for scheme in session}]
            operation["security"] = [] if name in _NOBODY else [{}, *ways] if name in _ANYBODY else ways
