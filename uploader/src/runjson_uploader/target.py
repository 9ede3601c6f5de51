"""Where run files are tracked: a store that this program writes itself, or a server."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol, Self

from runjson_tracker.location import Location
from runjson_tracker.remote.address import server_address
from runjson_tracker.store import Store

from runjson_uploader.upload import Outcome, upload

if TYPE_CHECKING:
    from runjson_uploader.sending import Kept


# What fails so fails where things are written, and not where a run file is read.
_WRITING: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG})


class Target(Protocol):
    """Where run files are tracked.

    Attributes:
        store: the store that this program writes itself; None for a server.
        notice: what its user should be told once; None mostly.
    """

    store: Store | None
    notice: str | None

    @property
    def location(self) -> Location | str:
        """Where it is, for programs that open it; as a text, without a password, for people."""

    @property
    def identity(self) -> object:
        """What tells it from another one in its place; None if there is none any more."""

    def upload(
        self, source: BinaryIO, name: str, folder: Path, *, project: str,
        replace: bool = False, dry_run: bool = False, heard: float | None = None, kept: Kept | None = None,
    ) -> Outcome:  # fmt: skip
        """Track one run file, as `upload.upload` does; `kept` is what the last outcome kept of the same file."""

    def keeps(self, path: str) -> bool:
        """Whether a file belongs to it."""

    def wait_at_most(self, seconds: float) -> None:
        """Let nothing from now on wait for long: who calls tries again."""

    def reopened(self) -> Self:
        """The one that is in its place now."""

    def close(self) -> None:
        """Let go of it."""


def of_the_target(target: Target, fault: OSError) -> bool:
    """Whether something failed where runs are tracked, and not where a run file is read."""
    return fault.errno in _WRITING or target.keeps(str(fault.filename or ""))


class Embedded:
    """A store that this program writes itself, in a folder or in PostgreSQL."""

    def __init__(self, store: Store) -> None:
        self.store: Store | None = store
        self.notice = store.notice
        self._store = store

    @property
    def location(self) -> Location:
        """Where it is."""
        return self._store.location

    @property
    def identity(self) -> object:
        """What tells it from another one in its place; None if there is none any more."""
        return self._store.identity

    def upload(
        self, source: BinaryIO, name: str, folder: Path, *, project: str,
        replace: bool = False, dry_run: bool = False, heard: float | None = None, kept: Kept | None = None,
    ) -> Outcome:  # fmt: skip
        """Track one run file."""
        return upload(source, name, folder, self._store, project=project, replace=replace, dry_run=dry_run, heard=heard)

    def keeps(self, path: str) -> bool:
        """Whether a file belongs to it."""
        return self._store.keeps(path)

    def wait_at_most(self, seconds: float) -> None:
        """Let no transaction from now on wait for long for another process."""
        self._store.wait_at_most(seconds)

    def reopened(self) -> Self:
        """The one that is in its place now."""
        return type(self)(Store.open(self._store.location, create=False))

    def close(self) -> None:
        """Let go of the database."""
        self._store.close()


def open_target(location: Location | str | None, *, create: bool = True) -> Target:
    """Open what is meant by a place; without one `RUNJSON_TRACKER`, or else the store in the user's data folder.

    Raises:
        StoreError: it can not be used.
    """
    address = server_address(location)
    if address is None:
        return Embedded(Store.open(location, create=create))
    from runjson_uploader.sending import OverHttp  # noqa: PLC0415  requests takes a while to import

    return OverHttp.open(address)
