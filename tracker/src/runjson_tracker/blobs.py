"""The bytes of files, each stored once under its SHA-256."""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from runjson_tracker.posix import sync_folder

_PIECE: Final = 1 << 20
_DAY: Final = 86400.0


class Blobs:
    """A folder of immutable files: `ab/abcd...`, named after the SHA-256 of what they hold."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._incoming = folder / "incoming"

    def add(self, source: Path | bytes) -> tuple[str, int]:
        """Copy bytes, or those of a file, into the folder, so that they survive a loss of power.

        The digest is that of the bytes copied, even if somebody changes the file meanwhile. A blob appears under its
        name whole or not at all.

        Returns:
            The SHA-256 in lower-case hexadecimal, and the size in bytes.

        Raises:
            OSError: the source cannot be read, or the folder cannot be written.
        """
        digest, size = hashlib.sha256(), 0
        with _opened(source) as bytes_in, self._temporary() as temporary:
            with temporary.open("xb") as bytes_out:
                while piece := bytes_in.read(_PIECE):
                    digest.update(piece)
                    bytes_out.write(piece)
                    size += len(piece)
                name = digest.hexdigest()
                if self._reuse(name):
                    return name, size
                bytes_out.flush()
                os.fsync(bytes_out.fileno())
            target = self.path(name)
            if not target.parent.is_dir():
                target.parent.mkdir(exist_ok=True)
                sync_folder(self.folder)
            temporary.replace(target)
            sync_folder(target.parent)
        return name, size

    def path(self, sha256: str) -> Path:
        """Where the blob of a digest is, or would be."""
        return self.folder / sha256[:2] / sha256

    def __contains__(self, sha256: str) -> bool:
        return self.path(sha256).is_file()

    def all(self) -> Iterator[tuple[str, int]]:
        """The digests of all blobs, and their sizes in bytes."""
        if not self.folder.is_dir():
            return
        for below in self.folder.iterdir():
            if len(below.name) == 2 and below.is_dir():
                for blob in below.iterdir():
                    yield blob.name, blob.stat().st_size

    def is_older(self, sha256: str, moment: float) -> bool:
        """Whether a blob was added, and last asked for by an upload, before a moment in seconds since 1970."""
        return self.path(sha256).stat().st_mtime < moment

    def remove(self, sha256: str, before: float) -> bool:
        """Remove a blob that no run needs, unless it was added, or asked for by an upload, after a moment.

        It is put aside first and looked at again: an upload that asks for it meanwhile finds nothing, and adds it anew.

        Returns:
            Whether it was removed.
        """
        path = self.path(sha256)
        self._incoming.mkdir(parents=True, exist_ok=True)
        aside = self._incoming / secrets.token_hex(16)
        try:
            if not self.is_older(sha256, before):
                return False
            path.replace(aside)
            if aside.stat().st_mtime >= before:
                aside.replace(path)
                return False
        except FileNotFoundError:
            return False
        aside.unlink()
        return True

    def _reuse(self, sha256: str) -> bool:
        """Whether a blob is there already; it counts as new again, so that nobody removes it before it is needed."""
        try:
            os.utime(self.path(sha256))
        except FileNotFoundError:
            return False
        except PermissionError:  # another user's: it is there
            return sha256 in self
        return True

    def sweep(self) -> None:
        """Remove what writers that were killed left half-written, once it is a day old."""
        if not self._incoming.is_dir():
            return
        for left in self._incoming.iterdir():
            try:
                if left.stat().st_mtime < time.time() - _DAY:
                    left.unlink()
            except OSError:  # its writer has just finished, somebody else sweeps, or it is another user's
                continue

    @contextmanager
    def _temporary(self) -> Iterator[Path]:
        self._incoming.mkdir(parents=True, exist_ok=True)
        path = self._incoming / secrets.token_hex(16)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)


def digest_of(source: Path | bytes) -> str:
    """The SHA-256 of bytes, or of those of a file, in lower-case hexadecimal."""
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    with source.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _opened(source: Path | bytes) -> BinaryIO:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
