"""Where the store is: a folder that holds `tracker.sqlite` and `blobs/`, or a database of PostgreSQL."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from runjson_tracker.blobs import OBJECTS
from runjson_tracker.errors import StoreError

DATABASE: Final = "tracker.sqlite"
BLOBS: Final = "blobs"
# What the addresses of databases begin with.
_SERVERS: Final = ("postgresql://", "postgres://")
# Seconds: longer than most epochs, shorter than a meal.
_SILENCE: Final = 600.0


@dataclass(frozen=True, slots=True)
class Server:
    """A store in PostgreSQL.

    Attributes:
        url: of its database, with the password if one was given.
        blobs: where its files are, if that was said, a folder or an address of object storage; else the database knows.
    """

    url: URL
    blobs: str | None

    @classmethod
    def of(cls, address: str) -> Server:
        """The server of an address such as `postgresql://user@host/database?blobs=/shared/blobs`.

        Raises:
            StoreError: it is no address of a database.
        """
        try:
            url = make_url(address)
        except (ArgumentError, ValueError):
            url = None
        if url is None or not url.database or "@" in (url.host or ""):
            raise StoreError("The tracker's address names no database: write postgresql://user@host/database.")
        blobs = url.query.get("blobs")
        if not isinstance(blobs, str):
            blobs = None
        elif "://" in blobs and not blobs.startswith(OBJECTS):
            raise StoreError(f"Files are kept in a folder, or at one of {', '.join(OBJECTS)}; not at {blobs}.")
        elif not blobs.startswith(OBJECTS):
            # The database remembers it for programs that run elsewhere.
            blobs = str(Path(blobs).expanduser().absolute())
        return cls(url.difference_update_query(["blobs"]), blobs)

    def storing(self, blobs: str) -> str:
        """The address that says where files are, without the password."""
        return _shown(self.url.update_query_dict({"blobs": blobs})).replace("%2F", "/")

    @property
    def whole(self) -> str:
        """The address with the password, for a program that is to open it."""
        url = self.url if self.blobs is None else self.url.update_query_dict({"blobs": self.blobs})
        return url.render_as_string(hide_password=False)

    def __str__(self) -> str:
        return _shown(self.url)

    def __repr__(self) -> str:
        return f"<server {self}>"


def _shown(url: URL) -> str:
    """An address without its secrets."""
    secret = {name: "***" for name in url.query if "password" in name}
    return url.update_query_dict(secret).render_as_string(hide_password=True).replace("%2A%2A%2A", "***")


Location: TypeAlias = Path | Server


def find_location(location: str | os.PathLike[str] | Server | None = None) -> Location:
    """The store's place: what is given, else `RUNJSON_TRACKER`, else the folder `runjson` in the user's data folder.

    The database's own file stands for its folder. Nothing is made here.

    Raises:
        StoreError: an address names no database.
    """
    if isinstance(location, Server):
        return location
    chosen = os.fspath(location) if location is not None else os.environ.get("RUNJSON_TRACKER", "")
    if not chosen:
        return _data_folder() / "runjson"
    if chosen.startswith(_SERVERS):
        return Server.of(chosen)
    path = Path(chosen).expanduser().absolute()
    return path.parent if path.name == DATABASE else path


def find_silence() -> float:
    """After so many seconds without a sign of life a running run counts as crashed: `RUNJSON_CRASHED_AFTER`, or 600."""
    try:
        chosen = float(os.environ.get("RUNJSON_CRASHED_AFTER", ""))
    except ValueError:
        return _SILENCE
    return chosen if chosen > 0 else _SILENCE


def _data_folder() -> Path:
    # The XDG base directory specification says that a relative path is ignored.
    configured = os.environ.get("XDG_DATA_HOME", "")
    return Path(configured) if configured.startswith("/") else Path.home() / ".local" / "share"
