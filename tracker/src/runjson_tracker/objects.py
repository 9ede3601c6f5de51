"""Blobs in object storage: S3, Azure, Google Cloud, and what speaks as they do. What is obstore's own stands here."""

from __future__ import annotations

import errno
import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Final

from runjson_tracker.blobs import Source, digest_and_size, opened
from runjson_tracker.errors import StoreError

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_PIECE: Final = 1 << 20
# A file that changes while it is read is read again so often.
_TRIES: Final = 3
_AT_ONCE: Final = 16
_MESSAGE: Final = re.compile(r"<Message>([^<]*)")


class ObjectBlobs:
    """Immutable objects `ab/abcd...` below a prefix, named after the SHA-256 of what they hold.

    Who reaches the storage, and where it is, is said in the environment as its own tools have it: `AWS_ACCESS_KEY_ID`,
    `AWS_ENDPOINT_URL`, `AZURE_STORAGE_ACCOUNT_KEY` and so on.

    Attributes:
        address: such as `s3://bucket/prefix`.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._found: set[str] = set()  # those that were there when they were to be sent
        try:
            from obstore.store import from_url  # noqa: PLC0415  a store in a folder does not need it
        except ModuleNotFoundError:
            raise StoreError('Files in object storage need obstore: pip install "runjson[objects]".') from None
        with _told(address):
            try:
                self._objects: ObjectStore = from_url(address)
            except ValueError as error:
                raise StoreError(f"{address} is no address of object storage: {_said(error)}.") from None

    @property
    def place(self) -> str:
        """The address."""
        return self.address

    def add(self, source: Source) -> tuple[str, int]:
        """Send bytes, or those of a file, unless they are there."""
        for _ in range(_TRIES):
            sha256, size = digest_and_size(source)
            if self.ask_for(sha256):
                return sha256, size
            try:
                self._send(source, sha256, size)
            except _Changed:
                continue
            return sha256, size
        raise OSError(errno.EBUSY, "it changes while it is read", str(source))

    def ask_for(self, sha256: str) -> bool:
        """Whether a blob is there already; `gone` says later whether it still is."""
        if sha256 not in self:
            return False
        self._found.add(sha256)
        return True

    def _send(self, source: Source, sha256: str, size: int) -> None:
        import obstore  # noqa: PLC0415  a store in a folder does not need it

        with opened(source) as bytes_in, _told(self.address):
            pieces = _Checked(bytes_in, sha256)
            if size <= _PIECE:
                obstore.put(self._objects, _key(sha256), b"".join(pieces))
            else:
                # Part by part: the object appears when all of them are there, and not at all if one is refused.
                obstore.put(self._objects, _key(sha256), pieces, use_multipart=True)

    def open(self, sha256: str) -> IO[bytes]:
        """Open a blob to read it."""
        import obstore  # noqa: PLC0415  a store in a folder does not need it

        with _told(self.address, one=sha256):
            return io.BufferedReader(_Reading(obstore.open_reader(self._objects, _key(sha256))), _PIECE)

    def __contains__(self, sha256: str) -> bool:
        return self._about(sha256) is not None

    def all(self) -> Iterator[tuple[str, int]]:
        """The digests of all blobs, and their sizes in bytes."""
        return ((sha256, size) for sha256, size, _ in self._listed())

    def _listed(self) -> Iterator[tuple[str, int, float]]:
        import obstore  # noqa: PLC0415  a store in a folder does not need it

        with _told(self.address):
            for some in obstore.list(self._objects):
                for one in some:
                    yield one["path"].rpartition("/")[2], one["size"], one["last_modified"].timestamp()

    def older(self, moment: float) -> Iterator[tuple[str, int]]:
        """Those that were sent before a moment in seconds since 1970."""
        return ((sha256, size) for sha256, size, sent in self._listed() if sent < moment)

    def gone(self, wanted: Iterable[str]) -> list[str]:
        """Which of these are not there, that were when an upload asked for them; while nobody may remove one."""
        relied_on = sorted(self._found.intersection(wanted))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            lost = [
                sha256
                for sha256, there in zip(relied_on, pool.map(self.__contains__, relied_on), strict=True)
                if not there
            ]
        self._found.difference_update(relied_on)
        return lost

    def remove(self, sha256: str, before: float) -> bool:
        """Remove a blob that no run needs, unless it was sent after a moment.

        An upload that relies on it is told when it commits: whoever removes has all those wait (`store gc`).
        """
        import obstore  # noqa: PLC0415  a store in a folder does not need it

        about = self._about(sha256)
        if about is None or about["last_modified"].timestamp() >= before:
            return False
        with _told(self.address):
            obstore.delete(self._objects, _key(sha256))
        return True

    def demand(self) -> None:
        """Nothing: storage that is not there refuses what is sent."""

    def sweep(self) -> None:
        """Nothing: the storage itself forgets parts of what was never finished, by a rule of the bucket."""

    def _about(self, sha256: str) -> Any:  # Any: obstore's description of an object
        import obstore  # noqa: PLC0415  a store in a folder does not need it

        try:
            with _told(self.address, one=sha256):
                return obstore.head(self._objects, _key(sha256))
        except FileNotFoundError:
            return None


class _Changed(Exception):
    """A file has other bytes than when its digest was taken."""


class _Checked:
    """The pieces of a file; once all are read they must have had the digest that is named.

    Raises:
        _Changed: they had not, before the last piece is given.
    """

    def __init__(self, opened: IO[bytes], sha256: str) -> None:
        self._opened = opened
        self._sha256 = sha256

    def __iter__(self) -> Iterator[bytes]:
        digest = hashlib.sha256()
        piece = self._opened.read(_PIECE)
        while piece:
            digest.update(piece)
            ahead = self._opened.read(_PIECE)
            if not ahead and digest.hexdigest() != self._sha256:
                raise _Changed
            yield piece
            piece = ahead
        if digest.hexdigest() != self._sha256:  # nothing was left to read
            raise _Changed


class _Reading(io.RawIOBase):
    """An object as a file that is read."""

    def __init__(self, reader: Any) -> None:  # Any: obstore's reader
        self._reader = reader

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return int(self._reader.seek(offset, whence))

    def tell(self) -> int:
        return int(self._reader.tell())

    def readinto(self, buffer: Any) -> int:  # Any: a writable buffer
        found = memoryview(self._reader.read(len(buffer)))
        buffer[: len(found)] = found
        return len(found)

    def close(self) -> None:
        if not self.closed:
            self._reader.close()
        super().close()


@contextmanager
def _told(address: str, *, one: str | None = None) -> Iterator[None]:
    """Turn what obstore raises into words for people.

    Args:
        address: of the storage.
        one: the blob that is asked for, if it may be missing.

    Raises:
        FileNotFoundError: that blob is not there.
        StoreError: the storage can not be used.
    """
    from obstore.exceptions import BaseError  # noqa: PLC0415  a store in a folder does not need it

    try:
        yield
    except FileNotFoundError as error:
        if one is not None:
            raise FileNotFoundError(errno.ENOENT, "there is no such blob", f"{address}/{one}") from None
        raise StoreError(f"The tracker's files at {address} cannot be reached: {_said(error)}.") from None
    except BaseError as error:
        raise StoreError(f"The tracker's files at {address} cannot be reached: {_said(error)}.") from error


def _said(error: Exception) -> str:
    """What a storage says of a failure: its own sentence if it has one, else the first line of obstore's."""
    text = str(error)
    own = _MESSAGE.search(text)
    return (own[1] if own else text).strip().partition("\n")[0].rstrip(".")


def _key(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"
