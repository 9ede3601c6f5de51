"""What can go wrong with a store, in words for the person who reads them."""

from __future__ import annotations


class StoreError(Exception):
    """The store cannot do what was asked; the text says why, and what to do next."""


class StoreMissing(StoreError):
    """There is no store at the place that was named."""


class RunMissing(StoreError):
    """The store holds no such run, or no such series of it."""


class RunTrashed(StoreError):
    """The run is in the trash; nothing is added to it there."""


class SourceChanged(StoreError):
    """Somebody else changed the source since it was read: read it again, compare again, commit again."""
