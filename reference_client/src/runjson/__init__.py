"""RunJSON: write experiments as JSON run files, and ask a tracker about them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runjson_tracker.reading.tracker import Tracker

    from runjson.beginning import CAPTURED, RunExists, RunMissing, init
    from runjson.parameters import NotJson
    from runjson.run import Run
    from runjson.write_once import ParameterChanged

__version__ = "0.1.0"
__all__ = ["CAPTURED", "NotJson", "ParameterChanged", "Run", "RunExists", "RunMissing", "init", "open"]

_FROM = {
    "CAPTURED": "runjson.beginning",
    "init": "runjson.beginning",
    "RunExists": "runjson.beginning",
    "RunMissing": "runjson.beginning",
    "NotJson": "runjson.parameters",
    "ParameterChanged": "runjson.write_once",
    "Run": "runjson.run",
}


def __getattr__(name: str) -> Any:
    """Load what is used when it is used: importing runjson costs next to nothing."""
    if name not in _FROM:
        raise AttributeError(f"module 'runjson' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    found = getattr(import_module(_FROM[name]), name)
    globals()[name] = found
    return found


def open(tracker: str | os.PathLike[str] | None = None) -> Tracker:  # noqa: A001  `runjson.open` is what it does
    """Open a tracker to ask for its runs.

    Args:
        tracker: its folder, `postgresql://...`, or the address of a server; without it `RUNJSON_TRACKER`, or else the
            one in the user's data folder.

    Raises:
        ImportError: the tracker is not installed.
        runjson_tracker.errors.StoreError: there is no tracker, or it can not be used.
    """
    try:
        from runjson_tracker.reading.tracker import Tracker  # noqa: PLC0415  who only writes run files needs no more
    except ModuleNotFoundError as missing:
        raise ImportError(f'{missing.name} is not installed. This needs: pip install "runjson[all]"') from None
    return Tracker.open(tracker)
