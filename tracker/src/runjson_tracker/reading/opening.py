"""Opening a tracker to read it, wherever it is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from runjson_tracker.errors import StoreError
from runjson_tracker.remote.address import server_address

if TYPE_CHECKING:
    from runjson_tracker.reading.interface import Reading


def open_reading(location: str | os.PathLike[str] | None = None) -> Reading:
    """Open a tracker, which must be there.

    Args:
        location: its folder, `postgresql://...`, or the address of a server; without it `RUNJSON_TRACKER`, or else the
            one in the user's data folder.

    Raises:
        StoreMissing: there is none.
        StoreError: it can not be used.
    """
    address = server_address(location)
    if address is None:
        from runjson_tracker.store import Store  # noqa: PLC0415  a server's needs no database here

        return Store.open(location, create=False)
    try:
        from runjson_tracker.remote.reading import RemoteTracker  # noqa: PLC0415  a store's needs no HTTP
    except ModuleNotFoundError as missing:
        raise StoreError(f'{missing.name} is not installed. A server needs: pip install "runjson[upload]"') from None
    return RemoteTracker.open(address)
