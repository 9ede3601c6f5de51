"""A folder of artifacts as one file: `/api/v1/folder`, a .zip that is made while it is sent."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from pydantic import Field
from runjson_schema.names import name_fault
from runjson_tracker.files import files_below
from runjson_tracker.store import Store

from runjson_server.asking import Asks
from runjson_server.file import HEADERS, PIECE, file_name
from runjson_server.problems import Problem
from runjson_server.seeing import WRITER, OfProject, OfRun, demand_runs
from runjson_server.streaming import Streamed

router: Final = APIRouter(tags=["files"])
_TYPE: Final = "application/zip"
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {_TYPE: {}}, "description": "the files, stored one behind the other"}
}
# What no name of a file may hold somewhere: in the names of Windows, or where it would show another name than it is.
_ODD: Final = re.compile(r'[<>:"|?*\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]')
_DEVICE: Final = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|\Z)", re.IGNORECASE)


@router.get("/folder", summary="Get a folder of artifacts as a .zip", response_class=Response, responses=_ANSWERS)
def folder(
    asks: Asks, project: OfProject, id: OfRun,  # noqa: A002  as the record calls it
    name: Annotated[str, Query(description="what the names of the artifacts' files begin with, up to a slash; "
                                           "empty for all of them")] = "",
    writer: Annotated[
        Annotated[str, Field(pattern=WRITER)] | None,
        Query(description="of the source; empty for none, those of all by default")
    ] = None,
) -> Streamed:  # fmt: skip
    """Get the files below a name as one .zip, which is made while it is sent.

    Names in it are made harmless, and no two are alike. A connection that breaks off leaves a file that is no .zip.
    """
    demand_runs(asks, [(project, id)])
    below = "" if name == "" else f"{name.removesuffix('/')}/"
    if below and name_fault(below[:-1]):
        raise Problem(404, f'The run "{id}" of "{project}" has no such folder; GET /run lists what it has.')
    last = PurePosixPath(below).name or id
    headers = HEADERS | {"Content-Disposition": f"attachment; {file_name(f'{last}.zip')}", "Accept-Ranges": "none"}
    # The folder itself is in it, and not those that it is in.
    skipped = len(below) - len(last) - 1 if below else 0
    return Streamed(_zipped(_files(asks.store, project, id, below, writer), skipped), _TYPE, headers=headers)


@dataclass(frozen=True, slots=True)
class _File:
    """A file to send: its bytes, or the digest of those in the store."""

    store: Store
    name: str
    size: int
    content: bytes | str

    def open(self) -> IO[bytes]:
        if isinstance(self.content, bytes):
            return io.BytesIO(self.content)
        try:
            return self.store.blobs.open(self.content)
        except OSError:
            raise Problem(
                404, f'The tracker has "{self.name}" no more: `runjson store check` tells what it lacks.'
            ) from None


def _files(store: Store, project: str, run: str, below: str, writer: str | None) -> Iterator[_File]:
    """The files below a name that the tracker has, those that stand in the records of the run last.

    Raises:
        Problem: there are none.
    """
    records = store.records(project, run)
    wanted = {one: record for one, record in records.items() if writer in {None, one}}
    # What another writer took back is gone for whoever looks at all of them.
    merged = _taken_back(store.run(project, run).record) if writer is None else set()
    gone = {one: merged | _taken_back(record) for one, record in wanted.items()}
    found = False
    for of, stored in files_below(store.engine, project, run, below):
        if of in wanted and not _is_gone(stored.name, gone[of]):
            found = True
            yield _File(store, stored.name, stored.bytes, stored.sha256)
    for of, record in wanted.items():
        for name, content in _inside(record):
            if name.startswith(below) and not _is_gone(name, gone[of]):
                found = True
                yield _File(store, name, len(content), content)
    if not found:
        raise Problem(404, f'The run "{run}" of "{project}" has no files there; GET /run lists what it has.')


def _inside(record: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:  # Any: any JSON
    for name, said in record.get("artifacts", {}).items():
        if said is not None and "data" in said:
            yield name, base64.b64decode(said["data"])


def _taken_back(record: Mapping[str, Any]) -> set[str]:  # Any: any JSON
    return {name for name, said in record.get("artifacts", {}).items() if said is None}


def _is_gone(name: str, gone: set[str]) -> bool:
    """Whether an artifact was taken back, or the directory that it is in."""
    return bool(gone) and (name in gone or any(str(above) in gone for above in PurePosixPath(name).parents))


class _Waiting(io.RawIOBase):
    """What was written and is not sent yet. It can not seek, so that sizes and digests follow behind each file."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        self.size += len(piece)
        return len(piece)

    def taken(self) -> bytes:
        pieces, self._pieces, self.size = self._pieces, [], 0
        return b"".join(pieces)


def _zipped(files: Iterator[_File], skipped: int) -> Generator[bytes, None, None]:
    """Files as a .zip, of whose names so many letters are left out."""
    waiting = _Waiting()
    names = _Names()
    with zipfile.ZipFile(waiting, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for one in files:
            info = zipfile.ZipInfo(names.of(one.name[skipped:]))
            # With the size it is known before a file whether it needs the greater numbers of zip64.
            info.file_size = one.size
            info.external_attr = 0o644 << 16
            with one.open() as opened, archive.open(info, "w") as entry:
                left = one.size
                while left:
                    piece = opened.read(min(PIECE, left))
                    if not piece:
                        raise EOFError(
                            "a blob is shorter than it was"
                        )  # the connection breaks off, and the client sees it
                    left -= len(piece)
                    entry.write(piece)
                    if waiting.size >= PIECE:
                        yield waiting.taken()
    yield waiting.taken()


class _Names:
    """Names for the files of an archive: relative, harmless on every system, and no two alike."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def of(self, name: str) -> str:
        """The name of a file that a stranger called so."""
        safe = PurePosixPath(*(_part(one) for one in re.split(r"[/\\]", name)))
        found = safe
        # Many systems tell small letters from great ones no better than this.
        while self._given[str(found).casefold()]:
            self._given[str(safe).casefold()] += 1
            found = safe.with_name(f"{safe.stem} ({self._given[str(safe).casefold()]}){safe.suffix}")
        self._given[str(found).casefold()] += 1
        return str(found)


def _part(text: str) -> str:
    """A part of a name; those that lead elsewhere become harmless ones."""
    safe = _ODD.sub("_", text).rstrip(" .") or "_"
    return f"_{safe}" if _DEVICE.match(safe) else safe
