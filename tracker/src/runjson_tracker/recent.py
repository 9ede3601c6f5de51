"""The sources that this process changed last, as its commits left them: a live run is not read before each change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from runjson_tracker.sources import TrackedSource

# So many series of all of them are remembered, some half a kilobyte each.
_SERIES: Final = 20_000

# Project, run and writer.
_Key: TypeAlias = tuple[str, str, str]


class Recent:
    """Sources by project, run and writer, those that were changed the longest ago forgotten first.

    What stands here may be out of date, since other processes write the store too: a commit from it is refused then
    (`SourceChanged`), and whoever made it forgets the source and reads it.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, TrackedSource] = OrderedDict()
        self._series = 0
        self._lock = threading.Lock()

    def get(self, project: str, run: str, writer: str) -> TrackedSource | None:
        """A source as the last commit of this process left it, if that is remembered."""
        with self._lock:
            return self._kept.get((project, run, writer))

    def put(self, project: str, run: str, source: TrackedSource) -> None:
        """Remember what a commit left."""
        with self._lock:
            self._forget((project, run, source.writer))
            self._kept[project, run, source.writer] = source
            self._series += len(source.series)
            while self._series > _SERIES and self._kept:
                self._forget(next(iter(self._kept)))

    def forget(self, project: str, run: str, writer: str) -> None:
        """Forget a source that somebody else changed."""
        with self._lock:
            self._forget((project, run, writer))

    def _forget(self, key: _Key) -> None:
        source = self._kept.pop(key, None)
        if source is not None:
            self._series -= len(source.series)
