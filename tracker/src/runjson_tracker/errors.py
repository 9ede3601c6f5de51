"""What can go wrong with a store, in words for the person who reads them."""

from __future__ import annotations

from pathlib import Path


class StoreError(Exception):
    """The store cannot do what was asked; the text says why, and what to do next."""


class StoreMissing(StoreError):
    """There is no store at the place that was named."""


class RunMissing(StoreError):
    """The store holds no such run, or no such series of it."""


class RunTrashed(StoreError):
    """The run is in the trash; nothing is added to it there."""


class FileThere(StoreError):
    """A file with other bytes is where one is to be written; it is left as it is.

    Attributes:
        path: of that file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is there already, with other bytes: give another place, or replace=True.")
        self.path = path


class AccessRefused(StoreError):
    """A name, a password, a role or a secret is not what it must be, or what is asked for is nobody's to have."""


class DashboardRefused(StoreError):
    """A dashboard can not be saved so, or somebody else changed it meanwhile."""


class SourceChanged(StoreError):
    """Somebody else changed the source since it was read: read it again, compare again, commit again."""
