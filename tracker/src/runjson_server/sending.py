"""The bytes of files on their way in: asked for by digest, and sent in parts that go on where they broke off."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, Final

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from fastapi import Path as InPath
from pydantic import BaseModel, Field
from runjson_schema.names import name_fault
from runjson_tracker.access.roles import Role
from runjson_tracker.blobs import digest_of
from starlette.convertors import Convertor, register_url_convertor

from runjson_server.asking import Asking, Asks
from runjson_server.body import spooled
from runjson_server.problems import Problem
from runjson_server.settings import Settings

router: Final = APIRouter(prefix="/blobs", tags=["files"])
_DAY: Final = 86400.0
_PIECE: Final = 1 << 20
# So many digests are asked for at once at most.
_ASKED: Final = 10_000
# What the routes below take, whatever its Content-Type says.
_BYTES: Final = {"requestBody": {"required": True, "content": {"application/octet-stream": {}}}}
_DIGEST: Final = r"^[0-9a-f]{64}$"

Digest = Annotated[str, InPath(pattern=_DIGEST, description="the SHA-256 of the file, in lower-case hexadecimal")]
Project = Annotated[str, Query(description="the project whose run will name the file")]


class _Digests(Convertor[str]):
    """Digests in addresses: whatever else stands there is another address."""

    regex = "[0-9a-f]{64}"

    def convert(self, value: str) -> str:
        return value

    to_string = convert


register_url_convertor("digest", _Digests())


class Asked(BaseModel):
    """Files that a run names."""

    project: str = Field(description="the project of the run")
    sha256: list[str] = Field(max_length=_ASKED, description="of the files, in lower-case hexadecimal")


class Missing(BaseModel):
    """Those of the files that are to be sent."""

    missing: list[str]


class Part(BaseModel):
    """How much of a file has arrived."""

    sha256: str
    offset: int = Field(description="the next part begins there, in bytes")
    whole: bool = Field(description="whether all of it is there")


@router.post("/missing", summary="Ask which files are to be sent")
def missing(asks: Asks, asked: Asked) -> Missing:
    """Say which of some files the tracker does not have for this project."""
    _demand(asks, asked.project)
    wrong = next((one for one in asked.sha256 if not re.match(_DIGEST, one)), None)
    if wrong is not None:
        raise Problem(422, f'"{wrong[:80]}" is no SHA-256 of 64 lower-case hexadecimal digits.')
    known = asks.store.access.may_claim(asked.project, asked.sha256)
    return Missing(missing=[one for one in asked.sha256 if one not in known or not asks.store.blobs.ask_for(one)])


@router.get("/{sha256:digest}", summary="Ask how much of a file has arrived")
def arrived(asks: Asks, sha256: Digest, project: Project) -> Part:
    """Say where the next part of a file begins."""
    _demand(asks, project)
    if asks.store.access.may_claim(project, [sha256]) and asks.store.blobs.ask_for(sha256):
        return Part(sha256=sha256, offset=0, whole=True)
    with _waiting(asks, project, sha256) as part:
        return Part(sha256=sha256, offset=part.seek(0, os.SEEK_END), whole=False)


@router.put("/{sha256:digest}", summary="Send a file, or a part of one", openapi_extra=_BYTES)
async def send(
    request: Request,
    asks: Asks,
    sha256: Digest,
    project: Project,
    offset: Annotated[int, Query(ge=0, description="where the part begins, in bytes")] = 0,
    size: Annotated[int | None, Query(ge=0, description="of the file; that of the body by default")] = None,
) -> Part:
    """Keep a part of a file, which may be all of it.

    Parts come one behind the other. One that begins elsewhere is answered 409, with the place where the next one is to
    begin. With the last the digest is compared, and the file is there.
    """
    await to_thread.run_sync(_demand, asks, project)
    body = await spooled(request, asks.settings, asks.settings.file)
    try:
        return await to_thread.run_sync(_keep, asks, project, sha256, body, offset, size)
    finally:
        body.close()


class Stored(BaseModel):
    """A file that is there."""

    sha256: str
    bytes: int


@router.post("", summary="Send a file whose digest is not known", openapi_extra=_BYTES)
@router.put("", summary="Send a file whose digest is not known, as curl -T does", openapi_extra=_BYTES)
async def store(request: Request, asks: Asks, project: Project) -> Stored:
    """Keep a file, and say its SHA-256, which a record then gives beside its path."""
    await to_thread.run_sync(_demand, asks, project)
    with await spooled(request, asks.settings, asks.settings.file) as body:
        sha256, size = await to_thread.run_sync(asks.store.blobs.add, body)
    await to_thread.run_sync(asks.store.access.receive, project, sha256)
    return Stored(sha256=sha256, bytes=size)


def _demand(asks: Asking, project: str) -> None:
    """See that the caller may write a project; one that is not there is made, and theirs."""
    caller = asks.signed_in()
    if fault := name_fault(project):
        raise Problem(422, f'The project "{project}" {fault}.')
    if asks.role(project) is None and caller.scope != "read" and caller.project in {None, project}:
        asks.store.access.make_project(project, owner=caller.person)
    asks.demand(project, Role.CONTRIBUTOR)


def _keep(asks: Asking, project: str, sha256: str, body: BinaryIO, offset: int, size: int | None) -> Part:
    length = body.seek(0, os.SEEK_END)
    body.seek(0)
    if offset == 0 and size in {None, length}:
        _store(asks, project, sha256, body)
        return Part(sha256=sha256, offset=length, whole=True)
    if size is not None and size > asks.settings.file:
        raise Problem(413, f"The file is larger than the {asks.settings.file:,} bytes that this server takes.")
    with _waiting(asks, project, sha256) as part:
        there = part.seek(0, os.SEEK_END)
        if offset != there:
            raise Problem(409, f"The next part begins at {there}, not at {offset}.", offset=there)
        while piece := body.read(_PIECE):
            part.write(piece)
        there += length
        if size is not None and there < size:
            return Part(sha256=sha256, offset=there, whole=False)
        try:
            _store(asks, project, sha256, part)
        finally:
            # Of parts that do not make up the file nobody knows which one is wrong.
            Path(part.name).unlink(missing_ok=True)
    return Part(sha256=sha256, offset=there, whole=True)


def _store(asks: Asking, project: str, sha256: str, source: BinaryIO) -> None:
    digest = digest_of(source)
    if digest != sha256:
        raise Problem(
            422, f"The SHA-256 of what was sent is {digest}, not {sha256}: it changed on the way. Send it again."
        )
    asks.store.blobs.add(source)
    asks.store.access.receive(project, sha256)


@contextmanager
def _waiting(asks: Asking, project: str, sha256: str) -> Iterator[BinaryIO]:
    """The file of the parts that have come, which nobody else has meanwhile; it is each sender's own."""
    person = asks.caller.person
    key = hashlib.sha256(f"{person.id if person else 0}\0{project}\0{sha256}".encode()).hexdigest()
    folder = parts_folder(asks.settings)
    with (folder / key).open("a+b") as part:
        fcntl.flock(part, fcntl.LOCK_EX)
        yield part
        if not part.seek(0, os.SEEK_END):
            Path(part.name).unlink(missing_ok=True)


def parts_folder(settings: Settings) -> Path:
    """The folder in which parts wait, which is made if it is not there."""
    folder = Path(settings.spool or tempfile.gettempdir()) / f"runjson-parts-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise Problem(503, "The folder in which parts of files wait belongs to somebody else; say --spool.")
    return folder


def sweep(settings: Settings) -> None:
    """Remove parts to which nothing came for a day."""
    for left in parts_folder(settings).iterdir():
        try:
            if left.stat().st_mtime < time.time() - _DAY:
                left.unlink()
        except OSError:  # another process of this server sweeps too
            continue
