"""One file of a run: `/api/v1/file`, in ranges, and never as something that a browser runs."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
from collections.abc import Generator
from pathlib import PurePosixPath
from typing import IO, Annotated, Any, Final, Literal
from urllib.parse import quote

from fastapi import APIRouter, Header, Query, Request, Response
from runjson_schema.names import name_fault
from runjson_tracker.files import load_file
from runjson_tracker.store import Store

from runjson_server.asking import Asks
from runjson_server.problems import Problem
from runjson_server.seeing import OfProject, OfRun, OfWriter, demand_runs
from runjson_server.streaming import Streamed

router: Final = APIRouter(tags=["files"])
PIECE: Final = 1 << 20
# Greater indices are none of a row.
_FAR: Final = 2**53
_TEXT: Final = "text/plain; charset=utf-8"
# What a browser shows and does not run. SVG and HTML are programs; all that is not here is saved, never shown.
_SHOWN: Final = {
    "image/png": "image/png", "image/jpeg": "image/jpeg", "image/gif": "image/gif", "image/webp": "image/webp",
    "text/plain": _TEXT, "text/csv": _TEXT, "text/markdown": _TEXT, "application/json": _TEXT,
    "application/jsonl": _TEXT,
}  # fmt: skip
# By the end of a name, of a file whose type the run does not say.
_BY_NAME: Final = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
    ".txt": "text/plain", ".log": "text/plain", ".csv": "text/csv", ".md": "text/markdown",
    ".json": "application/json", ".jsonl": "application/jsonl",
}  # fmt: skip
_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\s*\Z", re.ASCII)
HEADERS: Final = {
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Accept-Ranges": "bytes",
    # The bytes of a digest never change; a file of a name may become another one, whose ETag is another.
    "Cache-Control": "private, no-cache",
}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "the bytes of the file"},
    206: {"content": {"application/octet-stream": {}}, "description": "those of the range that was asked for"},
    304: {"description": "it is as it was"},
    416: {"description": "the file has no such range"},
}

Kind = Annotated[Literal["images", "artifacts"], Query(description="what it is of")]
Name = Annotated[str, Query(description="of the images, or of the artifact's file")]
Index = Annotated[int, Query(ge=0, le=_FAR, description="of the image")]
Digest = Annotated[
    str | None, Query(pattern="^[0-9a-f]{64}$", description="the SHA-256 that it has: the answer may be kept for good")
]


@router.get("/file", summary="Get a file of a run", response_class=Response, responses=_ANSWERS)
@router.head("/file", summary="Ask about a file of a run", response_class=Response, responses=_ANSWERS)
def file(
    request: Request, asks: Asks, project: OfProject, id: OfRun, kind: Kind, name: Name,  # noqa: A002  as in a record
    index: Index = 0, writer: OfWriter = "", sha256: Digest = None,
    range_: Annotated[str, Header(alias="range", description="one range of bytes; others are not looked at")] = "",
    if_range: Annotated[str, Header(description="an ETag: of another file all bytes come")] = "",
    if_none_match: Annotated[str, Header(description="the ETag of the answer before")] = "",
) -> Response:  # fmt: skip
    """Get an image or an artifact's file, or a range of it.

    Pictures and texts are shown by a browser; all else is saved, and nothing is run.
    """
    demand_runs(asks, [(project, id)])
    found = _find(asks.store, project, id, writer, kind, name, index)
    if sha256 not in {None, found.sha256}:
        raise Problem(404, f"The file is another one now; its SHA-256 is {found.sha256}.")
    etag = f'"{found.sha256}"'
    headers = {**HEADERS, "ETag": etag, **found.headers}
    if sha256 is not None:
        headers["Cache-Control"] = "private, max-age=31536000, immutable"
    if etag in {one.strip().removeprefix("W/") for one in if_none_match.split(",")} or if_none_match.strip() == "*":
        return Response(status_code=304, headers=headers)
    wanted = _asked_range(range_, found.size) if if_range.strip() in {"", etag} and request.method == "GET" else None
    first, last = wanted or (0, found.size)
    if wanted is not None:
        if first >= last:
            return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{found.size}"})
        headers["Content-Range"] = f"bytes {first}-{last - 1}/{found.size}"
    headers["Content-Length"] = str(last - first)
    status = 200 if wanted is None else 206
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=found.type)
    return Streamed(_pieces(found, first, last), found.type, status=status, headers=headers)


class _Found:
    """A file, wherever its bytes are."""

    def __init__(self, store: Store, name: str, said: str | None, bytes_of: bytes | tuple[str, int]) -> None:
        self._store = store
        self._bytes = bytes_of
        if isinstance(bytes_of, bytes):
            self.sha256, self.size = hashlib.sha256(bytes_of).hexdigest(), len(bytes_of)
        else:
            self.sha256, self.size = bytes_of
        said = (said or _BY_NAME.get(PurePosixPath(name).suffix.lower(), "")).partition(";")[0].strip().lower()
        self.type = _SHOWN.get(said, "application/octet-stream")
        how = "inline" if said in _SHOWN else "attachment"
        self.headers = {"Content-Disposition": f"{how}; {file_name(name)}"}

    def open(self) -> IO[bytes]:
        if isinstance(self._bytes, bytes):
            return io.BytesIO(self._bytes)
        try:
            return self._store.blobs.open(self.sha256)
        except OSError:
            raise Problem(404, "The tracker has the file no more: `runjson store check` tells what it lacks.") from None


def _find(
    store: Store, project: str, run: str, writer: str, kind: Literal["images", "artifacts"], name: str, index: int
) -> _Found:
    """The file of a run: what it is called is looked up in the database alone, and is no path anywhere."""
    if not name_fault(name):
        stored = load_file(store.engine, project, run, writer, kind, name, index)
        if stored is not None:
            return _Found(store, stored.path or stored.name, stored.media_type, (stored.sha256, stored.bytes))
        said = _said(store, project, run, writer, kind, name, index)
        if "data" in said:
            data = base64.b64decode(said["data"])
            return _Found(store, name, said.get("media_type"), data)
    raise Problem(404, f'The run "{run}" of "{project}" has no such file of {kind}; GET /run lists what it has.')


def _said(
    store: Store, project: str, run: str, writer: str, kind: str, name: str, index: int
) -> dict[str, Any]:  # Any: any JSON
    """What the run says of a file whose bytes are nowhere else."""
    source = store.source(project, run, writer)
    if source is None:
        return {}
    if kind == "artifacts":
        return source.record.get("artifacts", {}).get(name) or {}
    if index >= source.counts.get(("images", name), 0):
        return {}
    image: Any = source.points("images", name, index, index + 1).values[0]
    return dict(image)


def _asked_range(text: str, size: int) -> tuple[int, int] | None:
    """The first byte of a range (RFC 9110, 14.1.2), and the one behind its last; None for what is no single range.

    Where the first one is not less than the other, the file has no such range.
    """
    found = _RANGE.match(text.strip())
    if found is None or found[0].strip() == "bytes=-":
        return None
    first, last = found[1], found[2]
    if not first:
        return max(size - int(last), 0), size
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, size) if last else size


def _pieces(found: _Found, first: int, last: int) -> Generator[bytes, None, None]:
    with found.open() as opened:
        opened.seek(first, os.SEEK_SET)
        left = last - first
        while left:
            piece = opened.read(min(PIECE, left))
            if not piece:
                raise EOFError("a blob is shorter than it was")  # the connection breaks off, and the client sees it
            left -= len(piece)
            yield piece


def file_name(name: str) -> str:
    """The name under which a file is saved (RFC 6266): the last part of what a stranger called it, made harmless."""
    last = re.split(r"[/\\]", name)[-1]
    last = re.sub(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", "_", last)[-150:]
    last = f"_{last[1:]}" if last.startswith(".") else last or "file"
    plain = re.sub(r"[^ !#$&+\-.0-9A-Z^_`a-z|~()@,=]", "_", last)
    return f"filename=\"{plain}\"; filename*=UTF-8''{quote(last, safe='')}"
