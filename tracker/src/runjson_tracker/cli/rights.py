"""What the commands about people, tokens and projects share: the tracker, how long something lasts, tables, the log."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from runjson_tracker.cli.listing import Format
from runjson_tracker.cli.opening import fail, failures, open_store

if TYPE_CHECKING:
    from runjson_tracker.access.access import Access

_LASTS: Final = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)(d|h|min)")
_SECONDS: Final = {"d": 86400.0, "h": 3600.0, "min": 60.0}


@contextmanager
def opened(tracker: str | None) -> Iterator[Access]:
    """Who may do what in a tracker, for the length of a command; what is refused ends it with 1."""
    from runjson_tracker.errors import AccessRefused

    with failures(), open_store(tracker) as store:
        try:
            yield store.access
        except AccessRefused as error:
            fail(str(error))


def note(access: Access, action: str, project: str | None = None, **detail: object) -> None:
    """Write down what a command did."""
    from runjson_tracker.access.roles import ALONE

    access.note(ALONE, action, project=project, address="command line", **detail)


def seconds(text: str) -> float:
    """How long `7d`, `12h` or `30min` is; ends the command for another text."""
    found = _LASTS.fullmatch(text)
    if found is None:
        fail(f'--for wants days, hours or minutes, such as 7d, 12h or 30min, not "{text}".', code=2)
    return float(found[1]) * _SECONDS[found[2]]


def moment(at: float | None) -> datetime | None:
    """Seconds since 1970 as a cell of a table."""
    return None if at is None else datetime.fromtimestamp(at, UTC)


def print_rows(names: Sequence[str], rows: Iterable[Sequence[Any]], fmt: Format, nothing: str) -> None:  # Any: cells
    """Print a table of these columns; a person is told in a sentence that it has no rows."""
    from runjson_tracker.cli.listing import print_frame
    from runjson_tracker.reading.frames import Frame

    lines = list(rows)
    if not lines and fmt is Format.TABLE:
        print(nothing)
        return
    print_frame(Frame({name: [row[index] for row in lines] for index, name in enumerate(names)}), fmt)
