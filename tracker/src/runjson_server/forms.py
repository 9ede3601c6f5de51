"""What comes with a run file: the file itself, and those that it names, in one form or sent ahead."""

from __future__ import annotations

import io
import os
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, cast

from fastapi import Request
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from runjson_schema.names import path_fault
from runjson_tracker.access.roles import Role
from runjson_tracker.blobs import Blob
from runjson_tracker.store import Store
from runjson_uploader.attached import Sent
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from runjson_server.asking import Asking
from runjson_server.body import pieces, spooled
from runjson_server.problems import Problem
from runjson_server.settings import Settings

# So many files come in one form at most; those of more are sent ahead as blobs.
_PARTS: Final = 1000
_RUN: Final = "run"
_FILES: Final = "files"
# Bytes of what is said of files that were sent ahead.
_TOLD: Final = 64 << 20


class Ahead(BaseModel):
    """A file that was sent ahead of the run file that names it."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    bytes: int = Field(ge=0)


_ahead: Final = TypeAdapter(dict[str, Ahead | None])


@dataclass(slots=True)
class Brought:
    """What came in a body.

    Attributes:
        run: the run file.
        files: those that came with it, by path.
        told: those that were sent ahead, by path; None of a directory without files.
    """

    run: BinaryIO
    files: dict[str, BinaryIO]
    told: dict[str, Ahead | None]


async def brought(request: Request, settings: Settings, opened: ExitStack) -> Brought:
    """What comes in the body of a request; `opened` closes it.

    Raises:
        Problem: it can not be read.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        run = await spooled(request, settings)
        opened.callback(run.close)
        return Brought(run, {}, {})
    form = await _form(request.headers, pieces(request, settings), settings.spool)
    for part in form.values():
        if isinstance(part, UploadFile):
            opened.callback(part.file.close)
    told = await _told(form.pop(_FILES, None))
    run_part = form.pop(_RUN, None)
    if run_part is None:
        raise Problem(422, 'The form has no part "run": curl -F run=@run.json ...')
    wrong = next((name for name in form if path_fault(name)), None)
    if wrong is not None:
        raise Problem(
            422, f'The part "{wrong[:200]}": {path_fault(wrong)}. A part is named by the path in the run file.'
        )
    return Brought(_file(run_part), {name: _file(part) for name, part in form.items()}, told)


async def _form(headers: Headers, stream: AsyncIterator[bytes], spool: str) -> dict[str, UploadFile | str]:
    parser = MultiPartParser(
        headers, cast("Any", stream), max_files=_PARTS, max_fields=_PARTS
    )  # Any: it asks for a generator
    try:
        found = await parser.parse()
    except (MultiPartException, KeyError) as fault:
        raise Problem(400, f"The form can not be read: {getattr(fault, 'message', fault)}") from None
    return dict(found.multi_items())


def _file(part: UploadFile | str) -> BinaryIO:
    return part.file if isinstance(part, UploadFile) else io.BytesIO(part.encode())


async def _told(part: UploadFile | str | None) -> dict[str, Ahead | None]:
    """The files that were sent ahead, by path; None for a directory without files."""
    if part is None:
        return {}
    try:
        told = _ahead.validate_json(part if isinstance(part, str) else await part.read(_TOLD))
    except ValidationError as fault:
        raise Problem(
            422, 'The part "files" is JSON, files by path: {"model.bin": {"sha256": "d2f4...", "bytes": 8}}. '
            f"{fault.errors()[0]['msg']}."
        ) from None  # fmt: skip
    wrong = next((path for path in told if path_fault(path.rstrip("/"))), None)
    if wrong is not None:
        raise Problem(422, f'The path "{wrong[:200]}" in the part "files": {path_fault(wrong)}.')
    return told


def sent(asks: Asking, project: str, brought: Brought, *, dry_run: bool) -> Sent:
    """The files that came with a run file, or ahead of it for its project; of a trial, those that are to come."""
    store = asks.store

    def claim(*wanted: str) -> dict[str, Blob]:
        role = asks.role(project) if wanted else None
        # What others keep in a project is nobody's who may not write there, even if they know its digest.
        known = role is not None and role >= Role.CONTRIBUTOR
        claimed = store.access.may_claim(project, wanted) if known else ()
        return {sha256: blob_of(store, sha256) for sha256 in claimed if store.blobs.ask_for(sha256)}

    told = {path: one for path, one in brought.told.items() if one is not None}
    claimed = claim(*{one.sha256 for one in told.values()})
    here = {path: Blob(*store.blobs.add(file), store.blobs) for path, file in brought.files.items()}
    here |= {path: claimed[one.sha256] for path, one in told.items() if one.sha256 in claimed}
    coming = told if dry_run else {}
    ahead = {path: Blob(one.sha256, one.bytes, store.blobs) for path, one in coming.items() if path not in here}
    empty = [path.rstrip("/") for path, one in brought.told.items() if one is None]
    return Sent(here | ahead, lambda sha256: claim(sha256).get(sha256), empty, ahead=ahead)


def blob_of(store: Store, sha256: str) -> Blob:
    """A blob that is there, with its size."""
    with store.blobs.open(sha256) as stored:
        return Blob(sha256, stored.seek(0, os.SEEK_END), store.blobs)
