"""The bytes of files on their way to a server, ahead of the record that names them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from runjson_tracker.blobs import Source, digest_of, opened
from runjson_tracker.errors import StoreError
from runjson_tracker.remote.http import Http

_PIECE: Final = 1 << 20
# A file is sent in parts of so many bytes.
_PART: Final = 64 << 20
# A sender of the same file beside this one may make a part begin elsewhere, once; copies of a server that each know
# other parts do so again and again.
_REFUSED: Final = 5


def send_blob(http: Http, project: str, source: Path | bytes, sha256: str | None = None) -> str:
    """Send the bytes of a file of a run of a project, behind those of its parts that have arrived.

    Args:
        http: the server.
        project: of the run.
        source: the file, or its bytes.
        sha256: of these, if it is known.

    Returns:
        Their SHA-256 in lower-case hexadecimal.

    Raises:
        OSError: the file can not be read.
        StoreError: the server does not take it: it changes while it is sent, perhaps, or each copy of the server keeps
            parts of its own.
    """
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    sha256 = sha256 or digest_of(source)
    path, offset = f"/blobs/{sha256}", 0
    if size > _PART:
        answer = http.get(path, {"project": project}).json()
        if answer["whole"]:
            return sha256
        offset = int(answer["offset"])
    furthest, refused = offset, 0
    while refused < _REFUSED:
        answer = http.send(
            "PUT", path, params={"project": project, "offset": offset, "size": size}, body=_part(source, offset),
            expected=(409,),
        )  # fmt: skip
        told = answer.json()
        if told.get("whole"):
            return sha256
        offset = int(told["offset"])
        if offset > furthest:
            furthest, refused = offset, 0
        else:
            refused += answer.status_code == 409
    raise StoreError(
        f"The server at {http.address} does not get beyond {furthest:,} of {size:,} bytes of a file: its copies do not "
        "share the folder in which parts wait. Start each with the same --spool FOLDER, or have the proxy keep a "
        "client at one copy."
    )


def _part(source: Source, offset: int) -> Callable[[], Iterator[bytes]]:
    def body() -> Iterator[bytes]:
        with opened(source) as bytes_in:
            bytes_in.seek(offset)
            left = _PART
            while left and (piece := bytes_in.read(min(left, _PIECE))):
                left -= len(piece)
                yield piece

    return body
