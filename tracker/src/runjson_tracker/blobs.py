"""The bytes of files, each stored once under its SHA-256: in a folder, or in object storage."""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Protocol, TypeAlias

from runjson_tracker.errors import StoreError
from runjson_tracker.posix import sync_folder

_PIECE: Final = 1 << 20
_DAY: Final = 86400.0
# What the addresses of object storage begin with.
OBJECTS: Final = ("s3://", "s3a://", "gs://", "az://", "azure://", "abfs://", "abfss://")
# What is stored: a file, bytes, or a file that is open and can seek.
Source: TypeAlias = Path | bytes | IO[bytes]


class Blobs(Protocol):
    """Where the bytes of files are. A blob is there whole or not at all, and never changes."""

    @property
    def place(self) -> str:
        """What tells it from others: two that have the same are one."""

    def add(self, source: Source) -> tuple[str, int]:
        """Store bytes, or those of a file, so that they survive a loss of power.

        The digest is that of the bytes stored, even if somebody changes the file meanwhile.

        Returns:
            The SHA-256 in lower-case hexadecimal, and the size in bytes.

        Raises:
            OSError: the source cannot be read, or the blob not be written.
        """

    def open(self, sha256: str) -> IO[bytes]:
        """Open a blob to read it.

        Raises:
            OSError: it is not there, or cannot be read.
        """

    def __contains__(self, sha256: str) -> bool: ...

    def ask_for(self, sha256: str) -> bool:
        """Whether a blob is there already; it counts as new again, so that nobody removes it before it is needed."""

    def all(self) -> Iterator[tuple[str, int]]:
        """The digests of all blobs, and their sizes in bytes."""

    def older(self, moment: float) -> Iterator[tuple[str, int]]:
        """Those that were added, and last asked for by an upload, before a moment in seconds since 1970."""

    def gone(self, wanted: Iterable[str]) -> list[str]:
        """Which of these are not there, that were when an upload asked for them; while nobody may remove one."""

    def remove(self, sha256: str, before: float) -> bool:
        """Remove a blob that no run needs, unless it was added, or asked for by an upload, after a moment.

        Returns:
            Whether it was removed.
        """

    def sweep(self) -> None:
        """Remove what writers that were killed left half-written, once it is a day old."""

    def demand(self) -> None:
        """See that there is a place for blobs, where it is known that there was one.

        Raises:
            StoreError: there is none.
        """


@dataclass(frozen=True, slots=True)
class Blob:
    """The bytes of one file, wherever the store has them.

    Attributes:
        sha256: in lower-case hexadecimal.
        size: in bytes.
    """

    sha256: str
    size: int
    stored: Blobs

    def open(self) -> IO[bytes]:
        """Open it to read it.

        Raises:
            OSError: it is not there, or cannot be read.
        """
        return self.stored.open(self.sha256)


def open_blobs(place: str | Path) -> Blobs:
    """The blobs of a folder, or of `s3://BUCKET/PREFIX`, `az://CONTAINER/PREFIX` or `gs://BUCKET/PREFIX`."""
    if isinstance(place, str) and place.startswith(OBJECTS):
        from runjson_tracker.objects import ObjectBlobs  # noqa: PLC0415  a folder does not need it

        return ObjectBlobs(place)
    return FolderBlobs(Path(place).expanduser())


class FolderBlobs:
    """A folder of immutable files: `ab/abcd...`, named after the SHA-256 of what they hold.

    Attributes:
        folder: where it is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._incoming = folder / "incoming"

    @property
    def place(self) -> str:
        """The folder, every link followed."""
        return str(self.folder.resolve())

    def add(self, source: Source) -> tuple[str, int]:
        """Copy bytes, or those of a file, into the folder."""
        digest, size = hashlib.sha256(), 0
        with opened(source) as bytes_in, self._temporary() as temporary:
            with temporary.open("xb") as bytes_out:
                while piece := bytes_in.read(_PIECE):
                    digest.update(piece)
                    bytes_out.write(piece)
                    size += len(piece)
                name = digest.hexdigest()
                if self.ask_for(name):
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

    def open(self, sha256: str) -> IO[bytes]:
        """Open a blob to read it."""
        return self.path(sha256).open("rb")

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

    def older(self, moment: float) -> Iterator[tuple[str, int]]:
        """Those that were added, and last asked for by an upload, before a moment."""
        return (one for one in self.all() if self.is_older(one[0], moment))

    def gone(self, _: Iterable[str]) -> list[str]:
        """None: one that was asked for is not removed for a day."""
        return []

    def is_older(self, sha256: str, moment: float) -> bool:
        """Whether a blob was added, and last asked for by an upload, before a moment."""
        return self.path(sha256).stat().st_mtime < moment

    def remove(self, sha256: str, before: float) -> bool:
        """Remove a blob that no run needs, unless it was added, or asked for by an upload, after a moment.

        It is put aside first and looked at again: an upload that asks for it meanwhile finds nothing, and adds it anew.
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

    def ask_for(self, sha256: str) -> bool:
        """Whether a blob is there already; it counts as new again, so that nobody removes it before it is needed."""
        try:
            os.utime(self.path(sha256))
        except FileNotFoundError:
            return False
        except PermissionError:  # another user's: it is there
            return sha256 in self
        return True

    def demand(self) -> None:
        """See that the folder is there."""
        if not self.folder.is_dir():
            raise StoreError(f"The folder of the tracker's files, {self.folder}, is not there: is it mounted?")

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


def digest_of(source: Source | Blob) -> str:
    """The SHA-256 of bytes, of those of a file, or of a blob, in lower-case hexadecimal."""
    return source.sha256 if isinstance(source, Blob) else digest_and_size(source)[0]


def digest_and_size(source: Source | Blob) -> tuple[str, int]:
    """The SHA-256 of bytes that are read, and how many they are."""
    digest, size = hashlib.sha256(), 0
    with source.open() if isinstance(source, Blob) else opened(source) as bytes_in:
        while piece := bytes_in.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size


@contextmanager
def opened(source: Source) -> Iterator[IO[bytes]]:
    """What is to be stored, to be read from its beginning."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield file
    elif isinstance(source, bytes):
        yield io.BytesIO(source)
    else:
        source.seek(0)
        yield source
