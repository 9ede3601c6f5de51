"""The values of records as Python has them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from runjson_schema.values import is_tagged

from runjson_tracker.fields import seconds


def plain(value: Any) -> Any:  # Any: any JSON, and what Python makes of it
    """A value of a record: tagged floats and integers as numbers, tagged times as `datetime`, all else as it is.

    A time beyond Python's calendar stays a text.
    """
    if is_tagged(value):
        ((tag, text),) = value.items()
        if tag == "$float":
            return float(text)
        if tag == "$int":
            return int(text)
        return moment(text) or text
    if isinstance(value, dict):
        return {name: plain(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    return value


def moment(text: str | None) -> datetime | None:
    """A normalised time text as `datetime`, in its own zone; None for none, or one beyond Python's calendar."""
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return at(seconds(text))


def at(since: float | None) -> datetime | None:
    """Seconds since 1970 as `datetime` in UTC; None for none, or a moment beyond Python's calendar."""
    if since is None:
        return None
    try:
        return datetime.fromtimestamp(since, UTC)
    except (ValueError, OverflowError, OSError):
        return None
