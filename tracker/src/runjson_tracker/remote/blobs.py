"""The bytes of files on their way to a server, ahead of the record that names them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from runjson_tracker.blobs import Source, digest_of, opened
from runjson_tracker.remote.http import Http

_PIECE: Final = 1 << 20
# A file is sent in parts of so many bytes.
_PART: Final = 64 << 20


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
        StoreError: the server does not take it: it changes while it is sent, perhaps.
    """
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    sha256 = sha256 or digest_of(source)
    path, offset = f"/blobs/{sha256}", 0
    if size > _PART:
        answer = http.get(path, {"project": project}).json()
        if answer["whole"]:
            return sha256
        offset = int(answer["offset"])
    while True:
        answer = http.send(
            "PUT", path, params={"project": project, "offset": offset, "size": size}, body=_part(source, offset),
            expected=(409,),
        ).json()  # fmt: skip
        if answer.get("whole"):
            return sha256
        offset = int(answer["offset"])


def _part(source: Source, offset: int) -> Callable[[], Iterator[bytes]]:
    def body() -> Iterator[bytes]:
        with opened(source) as bytes_in:
            bytes_in.seek(offset)
            left = _PART
            while left and (piece := bytes_in.read(min(left, _PIECE))):
                left -= len(piece)
                yield piece

    return body
