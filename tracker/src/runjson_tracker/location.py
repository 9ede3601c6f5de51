"""Where the store is: a folder that holds `tracker.sqlite` and `blobs/`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

DATABASE: Final = "tracker.sqlite"
BLOBS: Final = "blobs"
# Seconds: longer than most epochs, shorter than a meal.
_SILENCE: Final = 600.0


def find_location(location: str | os.PathLike[str] | None = None) -> Path:
    """The store's folder: what is given, else `RUNJSON_TRACKER`, else `runjson` in the user's data folder.

    The database's own file stands for its folder. Nothing is made here.
    """
    chosen = os.fspath(location) if location is not None else os.environ.get("RUNJSON_TRACKER", "")
    if not chosen:
        return _data_folder() / "runjson"
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
