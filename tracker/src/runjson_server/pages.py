"""The pages of the viewer: whatever lies beside the API."""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Header
from fastapi.responses import FileResponse, PlainTextResponse, Response
from starlette.convertors import PathConvertor, register_url_convertor

from runjson_server.problems import Problem

router: Final = APIRouter(include_in_schema=False)
WEB: Final = Path(__file__).parent / "web"
# Nothing of another host, and nothing that stands in line: what a run says never becomes a script or a style.
_POLICY: Final = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:", "font-src 'self'",
        "connect-src 'self'", "worker-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)  # fmt: skip
# Their names hold digests of their bytes.
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASSET: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
MISSING: Final = """\
This installation of RunJSON has no pages to look at: it was built without them.

Install a release, `pip install --upgrade "runjson[all]"`, or build it where there is Node 20.19 or newer,
without RUNJSON_NO_WEB. `runjson runs` and `runjson show` look at runs in a terminal; /api/v1/docs describes the API.
"""


class _PagePath(PathConvertor):
    """The path of a page: any but those of the API, which answers itself where it has nothing."""

    regex = r"(?!api(?:/|\Z)).*"


register_url_convertor("page", _PagePath())


def there() -> bool:
    """Whether this installation has the pages."""
    return (WEB / "index.html").is_file()


@router.get("/assets/{name}")
def asset(name: str, accept_encoding: Annotated[str, Header()] = "") -> Response:
    """A script, a style or a picture of the pages."""
    kind = _TYPES.get(Path(name).suffix)
    path = WEB / "assets" / name
    if kind is None or not _ASSET.fullmatch(name) or not path.is_file():
        raise Problem(404, "There is no such part of a page. Load the page again.")
    headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
    if "gzip" not in accept_encoding:
        return FileResponse(path, media_type=kind, headers=headers)
    return Response(_compressed(path), media_type=kind, headers={**headers, "Content-Encoding": "gzip"})


@lru_cache
def _compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 9)


@router.get("/favicon.svg")
@router.get("/favicon.ico")
def favicon() -> Response:
    """The mark."""
    path = WEB / "favicon.svg"
    if not path.is_file():
        raise Problem(404, "This installation has no pages, and no mark.")
    return FileResponse(path, media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})


@router.get("/{path:page}")
def page() -> Response:
    """The one page, which shows what the address says."""
    if not there():
        return PlainTextResponse(MISSING, 404)
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": _POLICY}
    return FileResponse(WEB / "index.html", media_type="text/html", headers=headers)
